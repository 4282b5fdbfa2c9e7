# status: ok
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
made = 0
while made < 5 and libc.mq_open(f"/{made}".encode(), 0o102, 0o600, None) >= 0:
    made += 1
if made >= 5:
    print("ESCAPED: five queues")
