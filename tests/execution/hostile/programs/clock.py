# status: ok
import os, time
for clock in (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC):
    try:
        time.clock_settime(clock, 0)
        print("ESCAPED: sets the clock")
    except OSError:
        pass
if os.uname().nodename != "sandbox":
    print("ESCAPED: knows the machine's name")
