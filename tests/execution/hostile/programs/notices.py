# status: ok
import ctypes, os
# watching files of the machine: how many may be watched is counted for each user, who has to be one of the program's own
libc = ctypes.CDLL(None, use_errno=True)
instances, watches = [], 0
while len(instances) < 10_000 and (one := libc.inotify_init1(0)) >= 0:
    instances.append(one)
for folder, _, files in os.walk("/usr/lib/python3"):
    if instances and libc.inotify_add_watch(instances[0], folder.encode(), 0xFFF) > 0:
        watches += 1
if len(instances) > 1000 or watches > 1_000_000:
    print("ESCAPED:", len(instances), watches)
