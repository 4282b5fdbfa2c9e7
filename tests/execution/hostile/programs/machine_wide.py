# status: ok
import ctypes, errno, os, platform, struct
libc = ctypes.CDLL(None, use_errno=True)
arm = platform.machine() == "aarch64"
def call(number, *arguments):
    ctypes.set_errno(0)
    libc.syscall(ctypes.c_long(number), *[argument if isinstance(argument, bytes) else ctypes.c_long(argument) for argument in arguments])
    return ctypes.get_errno()
context = ctypes.c_ulong(0)
root = os.open("/usr", os.O_RDONLY)
shorter = struct.pack("=IIQiIQQQ", 48, 0, 0, 0, 0, 100_000, 0, 0)
huge = 0x40000
attempts = {
    "take of the machine's asynchronous requests": call(0 if arm else 206, 60_000, ctypes.addressof(context)),
    "have all disks written": call(81 if arm else 162),
    "have the machine's disk written": call(267 if arm else 306, root),
    "take shorter slices of the processor, and so go first": call(274 if arm else 314, 0, shorter, 0),
    "take of the machine's pool of large pages": call(222 if arm else 9, 0, 1 << 21, 3, huge | 0x22, -1, 0),
    "the same by a file in memory": call(279 if arm else 319, b"x", 4),
    "the same by shared memory": call(194 if arm else 29, 0, 1 << 21, 0o4600),
    "keep others from sharing a core": call(167 if arm else 157, 62, 1, 0, 0, 0),
}
for what, answer in attempts.items():
    if answer != errno.EPERM:
        print("ESCAPED: it could", what, errno.errorcode.get(answer, answer))
