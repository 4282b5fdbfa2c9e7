# status: memory_limit ok wall_time
# limits: wall_seconds=20 memory_bytes=67108864
import os
number = 0
open("x", "w").close()
try:
    while number < 100_000:
        os.setxattr("x", f"user.{number}", bytes(60_000))
        number += 1
    print("ESCAPED: six gigabytes of attributes")
except OSError as error:
    print("refused", error.strerror)
