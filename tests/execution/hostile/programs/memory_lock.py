# status: ok
# says: ^refused
import ctypes, mmap
held = mmap.mmap(-1, 1 << 22)
buffer = (ctypes.c_char * (1 << 22)).from_buffer(held)
print("refused" if ctypes.CDLL(None).mlock(ctypes.c_void_p(ctypes.addressof(buffer)), ctypes.c_size_t(1 << 22)) else "ESCAPED: 4 MB locked")
