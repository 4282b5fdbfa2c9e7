# status: ok
# says: ^gone
import os, signal, sys
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 32):
                if number not in (signal.SIGKILL, signal.SIGSTOP):
                    signal.signal(number, signal.SIG_IGN)
            os.closerange(0, 100)
            while True:
                signal.pause()
        os._exit(0)
    os.wait()
print("gone")
