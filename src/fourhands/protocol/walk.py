"""A walk over an update without a document: what it adds, builds on and deletes, and whether it is one at all.

Called by `room.document`, at once or in steps.

Source: yjs 13 `src/utils/encoding.js`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.protocol.steps import EVERY, EVERY_BYTES, Steps, finish
from fourhands.protocol.structs import Clock, Reader, Struct
from fourhands.protocol.update import MOST_RANGES, DeleteSet, read_ranges_in_steps
from fourhands.protocol.varint import read_varuint

MOST_SECTIONS = 1 << 16
"""Clients whose structs one update may hold."""

MOST_STRUCTS = 1 << 18
"""Structs that one update may hold; pycrdt takes about half a microsecond for each."""


@dataclass(slots=True)
class Walked:
    """What an update holds: each client's structs in their order, and ranges of deleted clocks."""

    data: bytes
    sections: dict[int, list[Struct]] = field(default_factory=dict[int, list[Struct]])
    deletes: DeleteSet = field(default_factory=dict[int, list[Clock]])
    skips: bool = False

    def adds_beyond(self, known: Mapping[int, int]) -> bool:
        """Whether it holds structs that somebody with this state vector lacks."""
        return any(struct.after > known.get(client, 0) for client, structs in self.sections.items() for struct in structs if not struct.skips)


def walk(update: bytes, most_ranges: int = MOST_RANGES, most_structs: int = MOST_STRUCTS) -> Walked:
    """Read an update. Raises `InvalidRequest` if it is none, `TooLarge` if it holds more structs or deletes more ranges than
    those."""
    return finish(walk_in_steps(update, most_ranges, most_structs))


def walk_in_steps(update: bytes, most_ranges: int = MOST_RANGES, most_structs: int = MOST_STRUCTS) -> Steps[Walked]:
    """`walk`, some at a time."""
    walked = Walked(update)
    reader = Reader(update)
    count, position = read_varuint(update, 0)
    if count > MOST_SECTIONS:
        raise InvalidRequest("This update holds edits of too many clients.")
    left, step, began = most_structs, most_structs - EVERY, position
    for _ in range(count):
        number, position = read_varuint(update, position)
        client, position = read_varuint(update, position)
        clock, position = read_varuint(update, position)
        if not number or client in walked.sections:
            raise InvalidRequest("This update names a client without structs, or twice.")
        if 2 * number > len(update) - position:  # each takes two bytes or more
            raise InvalidRequest("This update is cut short.")
        if number > left:
            raise TooLarge("This update holds too many edits at once.")
        structs = walked.sections[client] = list[Struct]()
        while number:
            struct = reader.run(position, client, clock, number)
            structs.append(struct)
            walked.skips = walked.skips or struct.skips
            position, clock = struct.end, struct.after
            number, left = number - struct.pieces, left - struct.pieces
            if left < step or position - began > EVERY_BYTES:
                step, began = left - EVERY, position
                yield
    walked.deletes, position = yield from read_ranges_in_steps(update, position, most_ranges)
    if position != len(update):
        raise InvalidRequest("This update has bytes left over.")
    return walked
