# status: ok
import os
def attempt(what, work):
    try:
        work()
    except OSError:
        return
    print("ESCAPED:", what)
def write(path, text="1"):
    with open(path, "w") as file:
        file.write(text)
for pid in ["1", *filter(str.isdigit, os.listdir("/proc"))]:
    attempt(f"{pid}'s root", lambda: open(os.path.join(f"/proc/{pid}", "root", "etc/shadow")).close())
    attempt(f"{pid}'s machine", lambda: os.listdir(os.path.join(f"/proc/{pid}", "root", "sys/fs/cgroup")))
for path in ("/proc/1/mem", "/proc/1/environ", "/proc/1/maps", "/proc/1/task/1/mem", "/proc/kcore", "/proc/kmsg", "/dev/mem", "/dev/kmsg", "/dev/vda", "/dev/sda", "/dev/loop-control"):
    attempt(f"read {path}", lambda: open(path, "rb").read(1))
for path in ("sysrq-trigger", "sys/kernel/core_pattern", "sys/kernel/modprobe", "sys/vm/overcommit_memory", "sys/kernel/ns_last_pid", "sys/fs/binfmt_misc/register", "irq/0/smp_affinity"):
    attempt(f"write /proc/{path}", lambda: write(f"/proc/{path}"))
attempt("spare itself", lambda: write("/proc/self/oom_score_adj", "-1000"))
attempt("spare itself a little", lambda: write("/proc/self/oom_score_adj", "-1"))
attempt("a map of ids", lambda: write("/proc/self/uid_map", "0 0 1"))
