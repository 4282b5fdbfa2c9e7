# status: ok memory_limit wall_time
# limits: memory_bytes=67108864
import socket
def held():
    return 4096 * int(open("/proc/net/sockstat").read().split("UDP: ")[1].split()[3])
before, receivers, sender = held(), [], socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    while held() - before < 1 << 28:
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receivers.append(receiver)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        receiver.bind(("127.0.0.1", 0))
        for _ in range(200):
            sender.sendto(bytes(60_000), receiver.getsockname())
    print("ESCAPED: what has arrived takes", held() - before >> 20, "MiB of the machine's memory")
except OSError as error:
    print("no more", error)
