# status: memory_limit
import os, signal
for _ in range(10):
    if os.fork() == 0:
        held = bytearray(os.urandom(1 << 20) * 40)
        signal.pause()
signal.pause()
