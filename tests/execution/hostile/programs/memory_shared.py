# status: memory_limit
import mmap
held = mmap.mmap(-1, 1 << 30)
for place in range(0, 1 << 30, 4096):
    held[place] = 1
