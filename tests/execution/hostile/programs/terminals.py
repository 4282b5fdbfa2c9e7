# status: ok
import os
number = 0
try:
    while number < 100_000:
        os.openpty()
        number += 1
    print("ESCAPED: no end of terminals")
except OSError:
    pass
