# status: ok
import os
for path in ("/root", "/home", "/var", "/sys", "/boot", "/srv", "/mnt", "/media", "/etc/shadow", "/etc/ssh", "/etc/ssl/private", "/run/docker.sock", "/run/dbus", "/run/systemd", "/run/user", "/opt", "/lost+found", "/work"):
    if os.path.lexists(path):
        print("ESCAPED: sees", path)
for folder in ("/", "/usr", "/usr/bin", "/etc", "/dev", "/run", "/proc/1"):
    try:
        open(f"{folder}/x", "w").close()
        print("ESCAPED: writes into", folder)
    except OSError:
        pass
