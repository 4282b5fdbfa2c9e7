"""Pictures as a program hands them out: uint32 length, big-endian, then a PNG, over and over. Pure; everything in it is hostile."""

import struct

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 32 * 1024 * 1024
"""A small file may be a picture that takes gigabytes to show."""


class PictureReader:
    """Takes bytes as they come and gives whole pictures. What is no picture, too large or too many ends it: `broken`.

    ::

        length -> content -> length ...      anywhere -> broken
    """

    def __init__(self, most: int, picture_bytes: int) -> None:
        self._left = most
        self._picture_bytes = picture_bytes
        self._data = bytearray()
        self.broken = False

    def feed(self, data: bytes) -> list[bytes]:
        """The pictures that are complete with this."""
        found: list[bytes] = []
        if self.broken:
            return found
        self._data += data
        while len(self._data) >= 4 and not self.broken:
            (length,) = struct.unpack_from(">I", self._data)
            if self._left == 0 or not 0 < length <= self._picture_bytes:
                self.broken = True
            elif len(self._data) < 4 + length:
                break
            elif is_png(picture := bytes(self._data[4 : 4 + length])):
                del self._data[: 4 + length]
                self._left -= 1
                found.append(picture)
            else:
                self.broken = True
        if self.broken:
            self._data.clear()
        return found


def is_png(data: bytes) -> bool:
    """Whether it is a PNG from end to end (RFC 2083): its chunks fill it exactly, of a size that can be shown."""
    if data[:8] != SIGNATURE:
        return False
    place, kinds = 8, list[bytes]()
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        if kind == b"IHDR" and length == 13:
            width, height = struct.unpack_from(">II", data, place + 8)
            if not 0 < width * height <= MOST_PIXELS:
                return False
        kinds.append(kind)
        place += 12 + length
    return place == len(data) and kinds[:1] == [b"IHDR"] and kinds[-1:] == [b"IEND"] and b"IDAT" in kinds
