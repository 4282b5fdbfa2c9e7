"""What permessage-deflate (RFC 7692) would save and cost: `python -m bench.compression FOLDER` prints two tables.

The folder is one that `python -m bench.trace FOLDER` made. What the server would send is compressed as the extension does it: raw deflate,
flushed after each message. Nothing runs but zlib.
"""

import argparse
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pycrdt import Doc

from fourhands.protocol import sync

KEYSTROKES = 20_000
SMALL_HISTORY_BYTES = 100_000
CONTEXTS = 50
CHOICES = ((1, 9), (1, 15), (6, 15))
"""Level and window bits; 9 is the smallest window that zlib offers."""


def read_updates(path: Path) -> list[bytes]:
    """The updates in `frames.bin`."""
    data, at, updates = path.read_bytes(), 0, list[bytes]()
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 5)
        updates.append(data[at + 9 : at + 9 + size])
        at += 9 + size
    return updates


def small_history(updates: Sequence[bytes]) -> bytes:
    """The state of a document after as many of these as make it large enough."""
    doc: Doc[Any] = Doc()
    for number, update in enumerate(updates):
        doc.apply_update(update)
        if number % 200 == 0 and len(doc.get_update()) >= SMALL_HISTORY_BYTES:
            break
    return doc.get_update()


def deflater(level: int, window: int) -> Callable[[bytes], bytes]:
    """Compresses messages one after the other, each with what is known from those before."""
    context = zlib.compressobj(level, zlib.DEFLATED, -window)
    return lambda message: (context.compress(message) + context.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflate_all(packed: Sequence[bytes]) -> None:
    context = zlib.decompressobj(-15)
    for message in packed:
        context.decompress(message + b"\0\0\xff\xff")


def seconds(work: Callable[[], object]) -> float:
    """Processor time, the best of three."""
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def context_kb(level: int, window: int) -> float:
    """Memory of one context that has been used."""
    tracemalloc.start()
    contexts = [deflater(level, window) for _ in range(CONTEXTS)]
    for context in contexts:
        context(bytes(2000))
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return taken / CONTEXTS / 1024


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, help="where frames.bin and bigdoc.bin are")
    folder: Path = parser.parse_args().folder
    updates = read_updates(folder / "frames.bin")
    keystrokes = [sync.update(update) for update in updates[:KEYSTROKES]]
    plain = sum(map(len, keystrokes)) / len(keystrokes)
    print(row("keystrokes", "bytes each", "us to compress", "us to inflate", "KB a connection, to send alone"))
    print(row("---", "--:", "--:", "--:", "--:"))
    print(row("as they are", f"{plain:.1f}", 0, 0, 0))
    for level, window in CHOICES:
        one = deflater(level, window)
        packed = [one(message) for message in keystrokes]
        spent = seconds(lambda one=one: [one(message) for message in keystrokes]) / len(keystrokes)
        inflated = seconds(lambda packed=packed: inflate_all(packed)) / len(keystrokes)
        name = f"with context, level {level}, window {window}"
        print(row(name, f"{sum(map(len, packed)) / len(packed):.1f}", f"{spent * 1e6:.1f}", f"{inflated * 1e6:.1f}", f"{context_kb(level, window):.0f}"))
    alone = [deflater(1, 9)(message) for message in keystrokes]
    spent = seconds(lambda: [deflater(1, 9)(message) for message in keystrokes]) / len(keystrokes)
    inflated = seconds(lambda: [inflate_all([message]) for message in alone]) / len(keystrokes)
    print(row("without context, level 1, window 9", f"{sum(map(len, alone)) / len(alone):.1f}", f"{spent * 1e6:.1f}", f"{inflated * 1e6:.1f}", 0))
    print()
    print(row("first sync", "KB", "ms to compress", "ms to inflate", "pays below, Mbit/s"))
    print(row("---", "--:", "--:", "--:", "--:"))
    for message in (small_history(updates), (folder / "bigdoc.bin").read_bytes()):
        print(row("as it is", f"{len(message) / 1000:.0f}", 0, 0, ""))
        for level, window in CHOICES:
            packed = deflater(level, window)(message)
            spent = seconds(lambda level=level, window=window, message=message: deflater(level, window)(message))
            unpacked = seconds(lambda packed=packed: inflate_all([packed]))
            worth = (len(message) - len(packed)) * 8 / 1e6 / (spent + unpacked)
            print(row(f"level {level}, window {window}", f"{len(packed) / 1000:.0f}", f"{spent * 1e3:.1f}", f"{unpacked * 1e3:.1f}", f"{worth:.0f}"))


if __name__ == "__main__":
    main()
