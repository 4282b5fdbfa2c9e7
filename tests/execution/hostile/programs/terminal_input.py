# status: ok
# terminal: yes
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
letter = ctypes.create_string_buffer(b"x\0\0\0")
for request in (0x5412, 0x541C, 0x5423):
    for high in (0, 1 << 32, 0xDEADBEEF << 32):
        ctypes.set_errno(0)
        answer = libc.ioctl(0, ctypes.c_ulong(request | high), letter)
        if answer == 0 or ctypes.get_errno() != 1:
            print("ESCAPED: ioctl", hex(request | high), answer, ctypes.get_errno())
