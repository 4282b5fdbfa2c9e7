# status: ok
import os, select, time
# descriptors that watch descriptors that watch: looking for circles holds a lock of the whole machine
layers = [[select.epoll() for _ in range(40)] for _ in range(5)]
end = time.monotonic() + 1
while time.monotonic() < end:
    for upper, lower in zip(layers, layers[1:]):
        for one in upper:
            for other in lower:
                for change in (one.register, one.unregister):
                    try:
                        change(other.fileno())
                    except OSError:
                        pass
