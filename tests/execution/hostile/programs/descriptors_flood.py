# status: ok
# says: ^refused at \d\d\d\n
import os
number = 0
try:
    while number < 100_000:
        os.open("/dev/null", os.O_RDONLY)
        number += 1
    print("ESCAPED: a hundred thousand files")
except OSError:
    print("refused at", number)
