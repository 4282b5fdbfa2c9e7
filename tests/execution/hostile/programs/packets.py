# status: wall_time cpu_time
# limits: wall_seconds=2
import os, socket
# the kernel hands packets on in threads of its own, which no group counts
for _ in range(7):
    if not os.fork():
        break
receiver, sender = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
receiver.bind(("127.0.0.1", 0))
sender.connect(receiver.getsockname())
while True:
    try:
        sender.send(b"x" * 60_000)
    except OSError:
        pass
