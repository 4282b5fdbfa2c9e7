# status: ok memory_limit wall_time
# limits: memory_bytes=67108864
import socket
def held():
    return 4096 * int(open("/proc/net/sockstat").read().split("TCP: ")[1].split()[9])
before, pairs, listener = held(), [], socket.create_server(("127.0.0.1", 0))
try:
    while held() - before < 1 << 28:
        sender = socket.socket()
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            sender.setsockopt(socket.SOL_SOCKET, option, 1 << 24)
        sender.connect(listener.getsockname())
        pairs.append((sender, listener.accept()))
        sender.setblocking(False)
        try:
            while True:
                sender.send(bytes(65536))
        except BlockingIOError:
            pass
    print("ESCAPED: what was sent takes", held() - before >> 20, "MiB of the machine's memory")
except OSError as error:
    print("no more", error)
