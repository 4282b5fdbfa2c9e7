# status: memory_limit
import os
while True:
    file = os.memfd_create("x")
    os.write(file, bytes(1 << 24))
