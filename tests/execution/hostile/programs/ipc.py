# status: ok
import ctypes
if ctypes.CDLL(None).shmget(0x46480001, 0, 0) >= 0:
    print("ESCAPED: sees shared memory of the machine")
