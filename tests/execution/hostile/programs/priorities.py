# status: ok
import os, resource
def attempt(what, work):
    try:
        work()
    except (OSError, ValueError):
        return
    print("ESCAPED:", what)
attempt("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
attempt("a better priority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))
for name in ("NOFILE", "MEMLOCK", "MSGQUEUE", "SIGPENDING", "STACK"):
    limit = getattr(resource, f"RLIMIT_{name}")
    attempt(f"more {name}", lambda: resource.setrlimit(limit, (1 << 30, 1 << 30)))
if resource.getrlimit(resource.RLIMIT_CORE) != (1, 1):
    print("ESCAPED: dumps core")
