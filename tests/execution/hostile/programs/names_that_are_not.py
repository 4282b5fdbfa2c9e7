# status: wall_time cpu_time memory_limit
# limits: wall_seconds=2
import os
# the kernel remembers which names are not there
if os.fork():
    os.fork()
number, name = 0, "x" * 200
while True:
    number += 1
    for folder in ("/usr/lib", "/usr/share", "/tmp", "/dev/shm"):
        try:
            os.stat(f"{folder}/{name}{os.getpid()}{number}")
        except FileNotFoundError:
            pass
