# status: ok
if "run-" in open("/proc/self/cgroup").read():
    print("ESCAPED: sees the machine's control groups")
