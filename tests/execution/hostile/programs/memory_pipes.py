# status: ok memory_limit error
import fcntl, os
# pipes as large as the kernel lets anybody make them, in many processes: what lies in them belongs to none of them
def fill():
    kept, lying = [], 0
    while True:
        try:
            end, start = os.pipe()
        except OSError:
            return lying, kept
        kept += [end, start]
        try:
            fcntl.fcntl(start, fcntl.F_SETPIPE_SZ, 1 << 20)
        except OSError:
            pass
        os.set_blocking(start, False)
        try:
            while True:
                lying += os.write(start, bytes(1 << 16))
        except OSError:
            pass
report, tell = os.pipe()
for _ in range(7):
    if not os.fork():
        lying, kept = fill()
        os.write(tell, lying.to_bytes(8, "big"))
        os._exit(os.read(0, 1) == b"never")
total = sum(int.from_bytes(os.read(report, 8), "big") for _ in range(7))
print("ESCAPED: pipes hold" if total > 256 << 20 else "pipes hold", total >> 20, "MB")
