# status: wall_time killed error
# limits: wall_seconds=1
import os, struct
channel = int(os.environ["FOURHANDS_PICTURES"])
while True:
    os.write(channel, struct.pack(">I", 1 << 31) + bytes(60_000))
