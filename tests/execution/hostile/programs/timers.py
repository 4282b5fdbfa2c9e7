# status: ok
# says: ^refused
import ctypes
libc, made = ctypes.CDLL(None, use_errno=True), 0
timer, when = ctypes.c_void_p(), (ctypes.c_long * 4)(0, 1, 0, 1)  # every nanosecond
event = (ctypes.c_int * 16)(0, 0, 34)  # SIGEV_SIGNAL, SIGRTMIN
signals = ctypes.c_ulong(1 << 33)
libc.sigprocmask(0, ctypes.byref((ctypes.c_ulong * 16)(1 << 33)), None)
while made < 100_000 and libc.timer_create(1, ctypes.byref(event), ctypes.byref(timer)) == 0:
    libc.timer_settime(timer, 0, ctypes.byref(when), None)
    made += 1
print("ESCAPED:" if made > 2000 else "refused at", made)
