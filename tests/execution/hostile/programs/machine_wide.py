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
    "run on processors that are left to others": call(122 if arm else 203, 0, 8, bytes([255] * 8)),
    "take of the machine's pool of large pages": call(222 if arm else 9, 0, 1 << 21, 3, huge | 0x22, -1, 0),
    "the same by a file in memory": call(279 if arm else 319, b"x", 4),
    "the same by shared memory": call(194 if arm else 29, 0, 1 << 21, 0o4600),
    "keep others from sharing a core": call(167 if arm else 157, 62, 1, 0, 0, 0),
}
for what, answer in {
    "have a disk's cache written": call(82 if arm else 74, -1),  # a file of /usr will do
    "have it written by fdatasync": call(83 if arm else 75, -1),
    "have it written by a file in memory": call(227 if arm else 26, 0, 1 << 40, 4),
    "have a file's pages written": call(84 if arm else 277, -1, 0, 0, 0),
}.items():
    if answer:
        print("ESCAPED: it could", what)
for what, answer in attempts.items():
    if answer != errno.EPERM:
        print("ESCAPED: it could", what, errno.errorcode.get(answer, answer))
