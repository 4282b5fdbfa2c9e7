# status: memory_limit ok wall_time
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
