"""Pictures are taken whole, and what is none ends it."""

import random
import struct
import zlib

import pytest

from fourhands.execution.backends.sandbox.pictures import MOST_PIXELS, PictureReader, is_png


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int = 1, height: int = 1, *, end: bytes = b"", data: int = 0) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0") + bytes(data)) + chunk(b"IEND") + end


def framed(picture: bytes) -> bytes:
    return struct.pack(">I", len(picture)) + picture


def test_pictures_come_out_whole_however_they_are_cut() -> None:
    stream = framed(png()) + framed(png(2, 2))
    for seed in range(20):
        cuts = sorted(random.Random(seed).choices(range(len(stream)), k=5))
        reader, found = PictureReader(5, 10_000), []
        for low, high in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            found += reader.feed(stream[low:high])
        assert found == [png(), png(2, 2)]
        assert not reader.broken


def test_the_number_and_the_size_are_limited() -> None:
    reader = PictureReader(2, len(png()))
    assert len(reader.feed(framed(png()) * 3)) == 2
    assert reader.broken
    reader = PictureReader(2, len(png()) - 1)
    assert reader.feed(framed(png())) == []
    assert reader.broken


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"<svg onload=alert(1)>",
        b"\xff\xd8\xff\xe0JFIF",
        png(end=b"<script>"),
        png()[:-1],
        png(0, 1),
        png(MOST_PIXELS, 2),
        png().replace(b"IHDR", b"IDHR"),
        png().replace(b"IDAT", b"IDOT"),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IEND"),
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_no_picture_ends_it(junk: bytes) -> None:
    assert not is_png(junk)
    reader = PictureReader(5, 10_000)
    assert reader.feed(framed(junk)) == []
    assert reader.broken
    assert reader.feed(framed(png())) == []


def test_a_length_alone_holds_no_memory() -> None:
    reader = PictureReader(5, 1000)
    reader.feed(b"\xff\xff\xff\xff")
    assert reader.broken
    assert not reader._data
