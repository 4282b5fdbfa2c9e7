"""An interpreter of classic BPF for tests: what a filter says of a call, on whatever processor it is for."""

import struct

MASK = 0xFFFFFFFF


def verdict_of(program: bytes, number: int, audit: int, *arguments: int) -> int:
    """What the filter returns for a system call."""
    data = struct.pack("<IIQ6Q", number & MASK, audit, 0, *[argument & (1 << 64) - 1 for argument in (*arguments, 0, 0, 0, 0, 0, 0)[:6]])
    instructions = list(struct.iter_unpack("=HBBI", program))
    accumulator, place = 0, 0
    while True:
        code, jump_true, jump_false, k = instructions[place]
        place += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, k)
            case 0x54:
                accumulator &= k
            case 0x06:
                return k
            case 0x15 | 0x35 | 0x45:
                hit = {0x15: accumulator == k, 0x35: accumulator >= k, 0x45: bool(accumulator & k)}[code]
                place += jump_true if hit else jump_false
            case _:
                raise ValueError(f"no such instruction: {code:#x}")
