# status: ok
import socket
for number in range(3, 46):
    if number != socket.AF_INET6:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(number, kind).close()
                print("ESCAPED: a socket of family", number)
            except OSError as error:
                if error.errno != 97:
                    print("ESCAPED: the kernel was asked for family", number, error)
            except OverflowError:
                pass
