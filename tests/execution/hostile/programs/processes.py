# status: ok
import os
if len([name for name in os.listdir("/proc") if name.isdigit()]) > 4:
    print("ESCAPED: sees other processes")
if os.path.exists("/proc/sys/kernel/ns_last_pid") and os.getpid() > 100:
    print("ESCAPED: is one of the machine's processes")
