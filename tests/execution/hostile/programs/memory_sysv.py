# status: memory_limit
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
for _ in range(64):
    place = libc.shmat(libc.shmget(0, 1 << 24, 0o1600), None, 0)
    ctypes.memset(place, 1, 1 << 24)
print("ESCAPED: all of it was given")
