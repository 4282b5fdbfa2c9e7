# status: ok
import os
for path in ("/root", "/home", "/sys", "/boot", "/srv", "/mnt", "/media", "/etc/shadow", "/etc/ssh", "/etc/ssl/private", "/run/docker.sock", "/run/dbus", "/run/systemd", "/run/user", "/lost+found", "/work"):
    if os.path.lexists(path):
        print("ESCAPED: sees", path)
for folder, known in (("/opt", {"fourhands"}), ("/var", {"cache"}), ("/var/cache", {"fontconfig"})):
    if os.path.isdir(folder) and (alien := set(os.listdir(folder)) - known):
        print("ESCAPED: sees", alien, "in", folder)
for folder in ("/", "/usr", "/usr/bin", "/etc", "/dev", "/run", "/proc/1"):
    try:
        open(f"{folder}/x", "w").close()
        print("ESCAPED: writes into", folder)
    except OSError:
        pass
