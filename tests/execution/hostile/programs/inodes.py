# status: memory_limit ok wall_time
# limits: wall_seconds=20 memory_bytes=67108864
import os
number = 0
try:
    while number < 2_000_000:
        os.close(os.open(f"/tmp/{number}", os.O_CREAT))
        number += 1
    print("ESCAPED: two million files")
except OSError as error:
    print("refused", error.strerror)
