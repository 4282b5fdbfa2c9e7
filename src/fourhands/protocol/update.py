"""Delete sets and state vectors of Yjs, read without a document; `structs.py` reads whole updates.

Source: yjs `src/utils/DeleteSet.js`, `src/utils/encoding.js`.
"""

import re
from collections.abc import Mapping

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.protocol.steps import EVERY, Steps, finish
from fourhands.protocol.varint import NUMBER, read_number, read_varuint

DeleteSet = Mapping[int, list[tuple[int, int]]]
"""Client id -> ranges [start, end) of deleted clocks, sorted."""

LAST_CLOCK = (1 << 32) - 1
"""No clock is past it: yrs counts in 32 bits."""

MOST_RANGES = 1 << 16
"""Ranges that one update may delete, if the document has none."""

_RANGE = re.compile(NUMBER + NUMBER).match


def read_delete_set(update: bytes) -> DeleteSet:
    """The delete set of an update that holds no structs (its first byte is 0). Raises `InvalidRequest`."""
    structs, position = read_varuint(update, 0)
    if structs:
        raise InvalidRequest("This update holds structs.")
    return read_ranges(update, position)[0]


def read_ranges(data: bytes, position: int, most: int | None = None) -> tuple[DeleteSet, int]:
    """The delete set that starts there, and the offset behind it. Raises `InvalidRequest`, and `TooLarge` if it has
    more than `most` ranges and clients."""
    return finish(read_ranges_in_steps(data, position, most))


def read_ranges_in_steps(data: bytes, position: int, most: int | None = None) -> Steps[tuple[DeleteSet, int]]:
    """`read_ranges`, some at a time."""
    left = len(data) if most is None else most
    clients, position = read_varuint(data, position)
    deletes: dict[int, list[tuple[int, int]]] = {}
    for _ in range(clients):
        client, position = read_varuint(data, position)
        count, position = read_varuint(data, position)
        if 2 * count > len(data) - position:  # each takes two bytes or more
            raise InvalidRequest("This message is cut short.")
        left -= max(1, count)
        if left < 0:
            raise TooLarge("This update deletes too many pieces at once.")
        ranges = deletes.setdefault(client, [])
        if not left % EVERY:
            yield
        for number in range(1, count + 1):
            if found := _RANGE(data, position):
                start, length, position = read_number(found[1]), read_number(found[2]), found.end()
            else:  # written longer than need be, or cut short
                start, position = read_varuint(data, position)
                length, position = read_varuint(data, position)
            if not 0 < length <= LAST_CLOCK - start:  # of nothing: Yjs throws when it passes that on
                raise InvalidRequest("This update deletes what cannot be.")
            ranges.append((start, start + length))
            if not number % EVERY:
                yield
    for ranges in deletes.values():
        ranges.sort()
    return deletes, position


def deletes_only(part: DeleteSet, whole: DeleteSet) -> Steps[bool]:
    """Whether everything that `part` deletes is deleted by `whole` already."""
    for number, (client, ranges) in enumerate(part.items()):
        if not number % EVERY:
            yield
        known = iter(_joined(whole.get(client, [])))
        end = start = 0
        for place, (first, last) in enumerate(ranges, 1):
            if not place % EVERY:
                yield
            if first == last:
                continue
            while end < last:
                found = next(known, None)
                if found is None:
                    return False
                start, end = found
            if first < start:
                return False
    return True


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted ranges with touching ones made one."""
    joined: list[tuple[int, int]] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def read_state_vector(data: bytes, most: int | None = None) -> Mapping[int, int]:
    """Client id -> next clock. Raises `InvalidRequest`, and `TooLarge` if there are more than `most`."""
    count, position = read_varuint(data, 0)
    if most is not None and count > most:
        raise TooLarge(f"This state vector has too many clients: {count:,}.")
    vector: dict[int, int] = {}
    for _ in range(count):
        client, position = read_varuint(data, position)
        vector[client], position = read_varuint(data, position)
    if position != len(data):
        raise InvalidRequest("This state vector has bytes left over.")
    return vector
