# status: ok
# says: ^No space left on device at (2\d|3[0-2]) MB
import os
for folder in ("/box", "/tmp", "/dev/shm"):
    size = 0
    try:
        with open(f"{folder}/big", "wb", buffering=0) as file:
            while True:
                size += file.write(bytes(1 << 20))
    except OSError as error:
        print(error.strerror, "at", size >> 20, "MB")
    os.unlink(f"{folder}/big")
