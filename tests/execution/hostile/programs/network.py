# status: ok
import socket
def attempt(what, work):
    try:
        work()
    except OSError:
        return
    print("ESCAPED:", what)
def connect(family, kind, address):
    with socket.socket(family, kind) as link:
        link.settimeout(0.2)
        link.connect(address)
        link.send(b"x")
for address in (("1.1.1.1", 53), ("8.8.8.8", 443), ("169.254.169.254", 80), ("10.0.0.1", 80), ("127.0.0.1", 22), ("127.0.0.1", 8000)):
    attempt(f"connected to {address}", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, address))
attempt("sent to 8.8.8.8", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("8.8.8.8", 53)))
attempt("IPv6", lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ("2606:4700:4700::1111", 443)))
attempt("a raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
names = [line.split(":")[0].strip() for line in open("/proc/net/dev").read().splitlines()[2:]]
if names != ["lo"]:
    print("ESCAPED: interfaces", names)
if len(open("/proc/net/unix").readlines()) > 1:
    print("ESCAPED: sees unix sockets of others")
