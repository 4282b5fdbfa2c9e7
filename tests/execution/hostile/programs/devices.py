# status: ok
import os, stat
for kind, major, minor in ((stat.S_IFBLK, 254, 0), (stat.S_IFBLK, 8, 0), (stat.S_IFCHR, 1, 1), (stat.S_IFCHR, 1, 5)):
    for folder in ("/box", "/tmp", "/dev/shm"):
        try:
            os.mknod(f"{folder}/node", 0o600 | kind, os.makedev(major, minor))
            print("ESCAPED: a device", major, minor)
        except OSError:
            pass
allowed = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "fd", "stdin", "stdout", "stderr", "core", "console"}
if alien := set(os.listdir("/dev")) - allowed:
    print("ESCAPED: devices", alien)
