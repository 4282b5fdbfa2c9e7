# status: ok
import os
for name in ("mem", "environ", "maps", "fd", "root", "cwd", "exe"):
    try:
        path = f"/proc/1/{name}"
        os.listdir(path) if name in ("fd", "root", "cwd") else open(path, "rb").close()
        print("ESCAPED: looks into bubblewrap's", name)
    except OSError:
        pass
