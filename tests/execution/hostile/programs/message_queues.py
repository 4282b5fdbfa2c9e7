# status: ok
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
made = 0
while made < 10_000 and libc.mq_open(f"/{made}".encode(), 0o102, 0o600, None) >= 0:
    made += 1
if made >= 10_000:
    print("ESCAPED: ten thousand queues")
