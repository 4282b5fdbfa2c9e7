# status: wall_time cpu_time
# limits: wall_seconds=2
import mmap, os
# the machine's disk, read past all caches by several at once
for _ in range(3):
    if not os.fork():
        break
room = mmap.mmap(-1, 1 << 20)
while True:
    for folder, _, files in os.walk("/usr/lib"):
        for name in files:
            try:
                file = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_DIRECT | os.O_NONBLOCK)
            except OSError:
                continue
            try:
                while os.readv(file, [room]) > 0:
                    pass
            except OSError:
                pass
            finally:
                os.close(file)
