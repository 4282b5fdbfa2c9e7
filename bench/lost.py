"""What a server lost of the updates it was sent: the document that a newcomer gets beside the one that the updates make."""

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pycrdt import Doc, Text

from bench.trace import WRITERS, Frame
from bench.yjs_text import TEXT_NAME, clocks_of


def lost_updates(frames: Path, count: int, document: bytes) -> int:
    """How many of a file's first `count` updates a document (a Yjs update) lacks. Deletions that are missing count as one."""
    wanted = list(_read(frames, count))
    held: Doc[Text] = Doc()
    held.apply_update(document)
    clocks = clocks_of(held.get_state())
    lost = sum(frame.end_clock > clocks.get(WRITERS[frame.writer], 0) for frame in wanted)
    return lost or int(_text(held) != _text_of(frames, count))


@lru_cache(maxsize=1)
def _text_of(frames: Path, count: int) -> str:
    document: Doc[Text] = Doc()
    with document.transaction():
        for frame in _read(frames, count):
            document.apply_update(frame.update)
    return _text(document)


def _text(document: Doc[Text]) -> str:
    return str(document.get(TEXT_NAME.decode(), type=Text))


def _read(path: Path, count: int) -> Iterator[Frame]:
    data, at = path.read_bytes(), 0
    for _ in range(count):
        if at >= len(data):
            return
        writer, end_clock, length = struct.unpack_from("<BII", data, at)
        at += 9 + length
        yield Frame(writer, end_clock, data[at - length : at])
