"""Variable-length unsigned integers and the strings and byte arrays that they prefix, as lib0 writes them.

Source: lib0 `encoding.js`/`decoding.js`: little-endian groups of seven bits, high bit set while more follow.
"""

from fourhands.errors import InvalidRequest

MAX_BITS = 53  # what a JavaScript number holds exactly; a longer integer cannot be an honest one


_SMALL = [bytes((value,)) for value in range(128)]

NUMBER = rb"([\x80-\xff]{1,7}[\x01-\x7f]|[\x00-\x7f])"
"""For regular expressions: a varUint, no longer than need be; `read_number` reads it."""


def write_varuint(value: int) -> bytes:
    """`value` (>= 0) as a varUint."""
    if value < 128:
        return _SMALL[value]
    if value < 16384:
        return bytes((value & 127 | 128, value >> 7))
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varuint(data: bytes, start: int) -> tuple[int, int]:
    """The varUint at `start` and the offset behind it. Raises `InvalidRequest` if it is cut short or too long."""
    value = shift = 0
    position = start
    try:
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
            if shift > MAX_BITS:
                raise InvalidRequest("A number in this message is too long.")
    except IndexError:
        raise InvalidRequest("This message is cut short.") from None
    if value >> MAX_BITS:
        raise InvalidRequest("A number in this message is too large.")
    return value, position


def read_number(written: bytes) -> int:
    """What a whole varUint says."""
    size = len(written)
    if size == 2:
        return written[0] & 127 | written[1] << 7
    if size == 1:
        return written[0]
    value = 0
    for group in reversed(written):
        value = value << 7 | group & 127
    return value


def write_bytes(data: bytes) -> bytes:
    """A varUint8Array: length in bytes, then the bytes. A varString is the same over UTF-8."""
    return write_varuint(len(data)) + data


def read_bytes(data: bytes, start: int) -> tuple[bytes, int]:
    """The varUint8Array at `start` and the offset behind it. Raises `InvalidRequest` if it is cut short."""
    length, position = read_varuint(data, start)
    end = position + length
    if end > len(data):
        raise InvalidRequest("This message is cut short.")
    return data[position:end], end


def read_last_bytes(data: bytes, start: int) -> bytes | None:
    """The varUint8Array at `start`, if it is under 16 KiB and ends where `data` ends; None otherwise.

    The fast way for what nearly every message is; for anything else ask `read_bytes`.
    """
    size = len(data) - start
    if size > 0:
        first = data[start]
        if first < 128:
            return data[start + 1 :] if first == size - 1 else None
        if size > 1 and data[start + 1] < 128 and (first & 127 | data[start + 1] << 7) == size - 2:
            return data[start + 2 :]
    return None
