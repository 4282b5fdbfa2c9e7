# status: ok
import errno, socket
# for a protocol that nobody has used yet the kernel starts a program of the machine, outside of every group, that loads its code
for family in (socket.AF_INET, socket.AF_INET6):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET, 6):
        for protocol in (33, 41, 115, 132, 136, 143, 262, 250):
            try:
                socket.socket(family, kind, protocol).close()
                print("ESCAPED: a socket of protocol", protocol)
            except OSError as error:
                # what the kernel answers is the other one of the two
                if error.errno != (errno.EPROTONOSUPPORT if kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM) else errno.ESOCKTNOSUPPORT):
                    print("ESCAPED: the kernel looked for protocol", protocol, errno.errorcode[error.errno])
for protocol in (0, socket.IPPROTO_TCP):
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol).close()
for protocol in (0, socket.IPPROTO_UDP):
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, protocol).close()
