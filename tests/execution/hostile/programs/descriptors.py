# status: ok
import os, stat
for name in os.listdir("/proc/self/fd"):
    try:
        kind = os.fstat(int(name)).st_mode
    except OSError:
        continue
    if int(name) not in (0, 1, 2, 7) or not stat.S_ISFIFO(kind):
        print("ESCAPED: has", name, os.readlink(f"/proc/self/fd/{name}"))
