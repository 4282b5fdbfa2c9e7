# status: ok
import ctypes, sys
if ctypes.CDLL(None).shmget(int(sys.argv[1]) if sys.argv[1:] else 0x46480001, 0, 0) >= 0:
    print("ESCAPED: sees shared memory of the machine")
