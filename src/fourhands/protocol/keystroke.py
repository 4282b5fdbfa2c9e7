"""What nearly every update is, a keystroke or a backspace, told from its bytes in a microsecond or two.

Called by `room.document` before it walks an update; whatever is not taken here is walked by `structs.py`, which says why
it is refused if it is. Nothing is taken here that `walk` and `split` would not take whole.

Source: as `structs.py`. A keystroke is one section of one string item: 01 01, client, clock, 84|44|C4, its neighbours,
text, and what it deletes (00 if nothing). A deletion has no sections: 00, number of clients, and of each its id, number of ranges, ranges.
"""

import re
from collections.abc import Iterable

from fourhands.protocol.pairs import Pairs
from fourhands.protocol.update import LAST_CLOCK
from fourhands.protocol.varint import NUMBER, read_number

MOST_BYTES = 1024
"""A longer update is walked: it is rare, and its walk costs little beside what it brings."""

NOBODY = -1

_MOST_CLIENTS = 8

_NEIGHBOUR = NUMBER + NUMBER
_PLAIN = rb"([\x01-\x7f])([\x00-\x7f]+)\x00\Z"
_KEYSTROKE = re.compile(rb"\x01\x01" + _NEIGHBOUR + rb"(?:[\x84\x44]" + _NEIGHBOUR + rb"|\xc4" + _NEIGHBOUR + _NEIGHBOUR + rb")(?:" + _PLAIN + rb")?").match
"""Its last two groups are the length and the text of one that is ASCII and deletes nothing; or both are None."""

_DELETION = re.compile(NUMBER + rb"([\x01-\x10])").match
_RANGE = re.compile(NUMBER + NUMBER).match


class Keystrokes:
    """Takes the keystrokes of all who write in a document, and counts their clocks.

    `clocks`: client id -> next clock, shared with the document, which has all that is below; `pairs`: shared with it, too.
    Where a surrogate pair comes in, or may be cut, nothing is taken.
    """

    __slots__ = ("_clients", "_clocks", "_pairs")

    def __init__(self, clocks: dict[int, int], pairs: Pairs) -> None:
        self._clocks = clocks
        self._pairs = pairs
        self._clients: dict[bytes, int] = {}  # as they are written; those that are in `clocks`

    def take(self, update: bytes) -> int | None:
        """Take a keystroke or a deletion that fits onto the document as it is: the client whose clock counts on, `NOBODY`
        for a deletion, None for anything else."""
        found = _KEYSTROKE(update)
        try:
            if found is None:
                return NOBODY if not update[0] and self._deletes(update, 1) else None
            writer, start, beside, beside_clock, left, left_clock, right, right_clock, size, text = found.groups()
            clocks, clients = self._clocks, self._clients
            client = clients[writer]
            clock = read_number(start)
            if clock != clocks[client]:
                return None
            if beside is None:
                if left == right and left_clock == right_clock:
                    return None
                if read_number(left_clock) >= clocks[clients[left]] or read_number(right_clock) >= clocks[clients[right]]:
                    return None
            elif read_number(beside_clock) >= clocks[clients[beside]]:
                return None
            if self._pairs.halves and self._near_pair(((beside, beside_clock), (left, left_clock), (right, right_clock))):
                return None
            if size is None:
                return self._write(update, found.end(), client, clock)
            after = clock + len(text)
            if size[0] != len(text) or after > LAST_CLOCK:
                return None
            clocks[client] = after
            return client
        except KeyError as error:  # a client that was not met here yet; the next time it will be
            return self._meet(error.args[0], update)
        except (IndexError, UnicodeDecodeError):
            return None

    def _write(self, update: bytes, position: int, client: int, clock: int) -> int | None:
        """The client, if what is left of the update is a text and perhaps deletions."""
        size = update[position]
        end = position + 1 + size
        text = update[position + 1 : end]
        if text.isascii():
            length = size
        else:
            letters = text.decode()
            if max(letters) > "\uffff":
                return None
            length = len(letters)  # as JavaScript counts, where there are no pairs
        after = clock + length
        if not 0 < size < 128 or after > LAST_CLOCK or (update[end:] != b"\0" and not self._deletes(update, end, client, after)):
            return None
        self._clocks[client] = after
        return client

    def _deletes(self, update: bytes, position: int, writer: int = NOBODY, after: int = 0) -> bool:
        """Whether from there to its end the update deletes a few ranges of a few clients, all of them known; `writer` has
        moved on to `after`."""
        clients = update[position]
        if not 0 < clients <= _MOST_CLIENTS:
            return False
        position += 1
        for _ in range(clients):
            found = _DELETION(update, position)
            if found is None:
                return False
            client = self._clients[found[1]]
            known = after if client == writer else self._clocks[client]
            position = found.end()
            for _ in range(found[2][0]):
                found = _RANGE(update, position)
                if found is None:
                    return False
                start, length = read_number(found[1]), read_number(found[2])
                if not length or start + length > known or (self._pairs.halves and self._pairs.touched(client, start, start + length)):
                    return False
                position = found.end()
        return position == len(update)

    def _near_pair(self, neighbours: Iterable[tuple[bytes | None, bytes | None]]) -> bool:
        return any(self._pairs.near(self._clients[who], read_number(clock)) for who, clock in neighbours if who is not None and clock is not None)

    def _meet(self, written: bytes, update: bytes) -> int | None:
        client = read_number(written)
        if client not in self._clocks:
            return None
        self._clients[written] = client
        return self.take(update)
