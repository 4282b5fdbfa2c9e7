# status: ok memory_limit wall_time
import socket
pairs, sent = [], 0
try:
    while True:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
        pairs.append((ours, theirs))
        try:
            while True:
                sent += ours.send(bytes(65536))
        except BlockingIOError:
            pass
except OSError:
    print("no more sockets" if sent < 1 << 28 else "ESCAPED: sockets hold more than the limit")
