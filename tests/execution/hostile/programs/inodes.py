# status: memory_limit ok wall_time
import os
number = 0
try:
    while number < 2_000_000:
        os.close(os.open(f"/tmp/{number}", os.O_CREAT))
        number += 1
    print("ESCAPED: two million files")
except OSError as error:
    print("refused", error.strerror)
