# status: ok
# says: ^refused
import ctypes, mmap
held = mmap.mmap(-1, 1 << 24)
buffer = (ctypes.c_char * (1 << 24)).from_buffer(held)
print("refused" if ctypes.CDLL(None).mlock(ctypes.addressof(buffer), 1 << 24) else "ESCAPED: 16 MB locked")
