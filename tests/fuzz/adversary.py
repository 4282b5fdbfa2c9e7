"""Somebody who sends whatever comes to mind in Yjs's own words: updates whose bytes are sound, or nearly, and whose structs
stand beside, inside and after each other as no honest client writes them."""

import random
from collections.abc import Sequence

from fourhands.protocol.varint import write_bytes, write_varuint

CLIENTS = (1, 2, 3, 70_000, 4_294_967_295, 2**53 - 1)
ROOTS = ("file:main", "file:main", "files", "m", "a")
KEYS = ("main", "language", "k", "__proto__", "")

Clock = tuple[int, int]


class Adversary:
    """Keeps the clocks that it believes to be known, so that much of what it sends fits."""

    def __init__(self, chance: random.Random, *, two_tongued: bool = True) -> None:
        """`two_tongued`: may tell different things for the same clocks."""
        self._chance = chance
        self._starts = (0, 0, 0, 0, 0, -1, -2, 1) if two_tongued else (0,)
        self.clocks: dict[int, int] = {}

    def update(self) -> bytes:
        """The next update; `clocks` counts on as if it were taken."""
        chance = self._chance
        clients = chance.sample(CLIENTS, chance.choice((0, 1, 1, 1, 1, 2, 3)))
        sections = [self._section(client) for client in clients]
        data = write_varuint(len(sections)) + b"".join(sections) + self._deletes()
        return damaged(data, chance) if chance.random() < 0.1 else data

    def _section(self, client: int) -> bytes:
        chance = self._chance
        known = self.clocks.get(client, 0)
        start = max(0, known + chance.choice(self._starts))
        clock = start
        structs: list[bytes] = []
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            struct, length = self._struct(client, clock)
            structs.append(struct)
            clock += length
        if start <= known:
            self.clocks[client] = max(known, clock)
        return write_varuint(len(structs)) + write_varuint(client) + write_varuint(start) + b"".join(structs)

    def _struct(self, client: int, clock: int) -> tuple[bytes, int]:
        kind, content, length = self._content()
        if kind in (0, 10):
            return bytes((kind,)) + content, length
        flags, place = self._place(client, clock)
        return bytes((kind | flags,)) + place + content, length

    def _place(self, client: int, clock: int) -> tuple[int, bytes]:
        chance = self._chance
        beside = chance.choice((0, 0x80, 0x80, 0x40, 0xC0, 0xC0))
        if beside:
            count = 2 if beside == 0xC0 else 1
            return beside | chance.choice((0, 0, 0x20)), b"".join(self._clock(client, clock) for _ in range(count))
        keyed = chance.random() < 0.5
        where = b"\x01" + text(chance.choice(ROOTS)) if chance.random() < 0.6 else b"\x00" + self._clock(client, clock)
        return 0x20 if keyed else 0, where + (text(chance.choice(KEYS)) if keyed else b"")

    def _clock(self, client: int, clock: int) -> bytes:
        """Mostly one that is known."""
        chance = self._chance
        if clock and chance.random() < 0.5:
            who, when = client, chance.randrange(max(0, clock - 3), clock) if chance.random() < 0.5 else chance.randrange(clock)
        elif self.clocks and chance.random() < 0.95:
            who = chance.choice(sorted(self.clocks))
            when = chance.randrange(self.clocks[who]) if self.clocks[who] else 0
        else:
            who, when = chance.choice(CLIENTS), chance.choice((0, 1, 5, 2**31, 2**32 - 2))
        return write_varuint(who) + write_varuint(when)

    def _content(self) -> tuple[int, bytes, int]:
        """Kind, bytes, length in clocks."""
        chance = self._chance
        count = chance.choice((1, 1, 2, 5))
        match chance.choices(range(13), (1, 1, 1, 1, 8, 2, 3, 5, 4, 1, 1, 1, 1))[0]:
            case 0 | 10 as kind:
                return kind, write_varuint(count), count
            case 1:
                return 1, write_varuint(count), count
            case 2:
                return 2, write_varuint(count) + b"".join(text(chance.choice(("undefined", "1", '"x"', "{", "[1]"))) for _ in range(count)), count
            case 3:
                return 3, write_bytes(chance.randbytes(count)), 1
            case 5:
                return 5, text(chance.choice(('{"image":"x"}', "null", "7", "no JSON", '{"__proto__":1}', "[[]]"))), 1
            case 6:
                return 6, text(chance.choice(("bold", "ychange", "__proto__", ""))) + text(chance.choice(("true", "null", '{"type":1}', "x", '"a"'))), 1
            case 7:
                kind = chance.choice((0, 0, 1, 1, 2, 3, 4, 5, 6, 7))
                return 7, write_varuint(kind) + (text("p") if kind in (3, 5) else b""), 1
            case 8:
                return 8, write_varuint(count) + b"".join(self._any(0) for _ in range(count)), count
            case 9:
                options = b"\x76\x01" + text(chance.choice(("gc", "autoLoad", "meta", "shouldLoad", "collectionid"))) + self._any(2)
                return 9, text(chance.choice(("guid", ""))) + chance.choice((options, b"\x76\x00", options, self._any(0))), 1
            case 11:
                return 4, text(long := "x" * chance.choice((127, 128, 300))), len(long)
            case _:
                letters = chance.choice(("a", "b", "cd", "\n", "ü", "林", "👩", "👩\u200d💻", "\x00", "\ufeff"))
                return 4, text(letters), len(letters.encode("utf-16-le")) // 2

    def _any(self, depth: int) -> bytes:
        chance = self._chance
        match chance.randrange(12 if depth < 3 else 8):
            case 0 | 1:
                return bytes((chance.choice((127, 126, 121, 120)),))
            case 2:
                return b"\x7d" + bytes((chance.randrange(128),))
            case 3:
                return b"\x7d" + chance.randbytes(chance.choice((1, 3, 8, 9)))
            case 4:
                return b"\x7c" + chance.randbytes(4)
            case 5:
                return chance.choice((b"\x7b", b"\x7a")) + chance.randbytes(8)
            case 6 | 7:
                return b"\x77" + text(chance.choice(("", "python", "ü")))
            case 8:
                return b"\x74" + write_bytes(chance.randbytes(3))
            case 9 | 10:
                keys = chance.sample(("a", "__proto__", "length"), chance.randrange(3))
                return b"\x76" + write_varuint(len(keys)) + b"".join(text(key) + self._any(depth + 1) for key in keys)
            case _:
                return b"\x75" + write_varuint(count := chance.randrange(3)) + b"".join(self._any(depth + 1) for _ in range(count))

    def _deletes(self) -> bytes:
        chance = self._chance
        if chance.random() < 0.6 or not self.clocks:
            return b"\x00"
        clients = chance.sample(sorted(self.clocks), chance.choice((1, 1, min(2, len(self.clocks)))))
        parts = [write_varuint(len(clients))]
        for client in clients:
            ranges = [self._range(self.clocks[client]) for _ in range(chance.choice((1, 1, 2, 4)))]
            parts += [write_varuint(client), write_varuint(len(ranges)), *ranges]
        return b"".join(parts)

    def _range(self, known: int) -> bytes:
        start = self._chance.randrange(known + 1)
        return write_varuint(start) + write_varuint(self._chance.choice((0, 1, 1, 2, 5, max(0, known - start))))


def text(value: str) -> bytes:
    return write_bytes(value.encode())


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A few bytes of it changed, left out or put in."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2))):
        at = chance.randrange(len(changed) + 1)
        changed[at : at + chance.randrange(2)] = chance.randbytes(chance.randrange(2))
    return bytes(changed)


def everything_deleted(clocks: dict[int, int]) -> bytes:
    """An update that deletes all there is."""
    ranges = [write_varuint(client) + b"\x01\x00" + write_varuint(clock) for client, clock in clocks.items() if clock]
    return b"\x00" + write_varuint(len(ranges)) + b"".join(ranges)


def shuffled(updates: Sequence[bytes], chance: random.Random) -> Sequence[bytes]:
    return chance.sample(list(updates), len(updates))
