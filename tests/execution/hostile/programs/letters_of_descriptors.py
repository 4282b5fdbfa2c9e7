# status: ok error memory_limit
# says: ^refused
import array, os, socket
# sockets that lie in letters to each other, in circles: nobody has them open, and they are there
sent = 0
try:
    while sent < 1_000_000:
        one, other = socket.socketpair()
        for at, to in ((one, other), (other, one)):
            at.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [to.fileno()] * 100))])
            sent += 100
        one.close()
        other.close()
        if sent >= 200_000:
            break
except OSError as error:
    print("refused at", sent, error.strerror)
else:
    print("refused: collected,", sent)
