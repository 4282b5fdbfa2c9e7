"""What nearly every update is, a keystroke or a backspace, told from its bytes in a microsecond or two.

Called by `room.document` before it walks an update; whatever is not taken here is walked by `structs.py`, which says why
it is refused if it is. Nothing is taken here that `walk` and `split` would not take whole.

Source: as `structs.py`. A keystroke is one section of one string item: 01 01 client clock, 44|84|C4, origin, right origin,
text, and what it deletes (00 if nothing).
"""

from fourhands.protocol.update import LAST_CLOCK
from fourhands.protocol.varint import write_varuint

MOST_BYTES = 1024
"""A longer update is walked: it is rare, and its walk costs little beside what it brings."""

NOBODY = -1

_MOST_EXPECTED = 256
_MOST_RANGES = 16
_TEXT_ENDS = range(-3, -11, -1)
_TOO_LONG = 56  # bits; a client id has 53


_Expected = tuple[int, int, bytes, bytes, bytes, bytes]
"""Who writes on: a client, its next clock (as it is written, too), and the bytes around clocks that stay."""


class Keystrokes:
    """Takes the keystrokes of all who write in a document, and counts their clocks.

    `clocks`: client id -> next clock, shared with the document, which has all that is below.
    """

    __slots__ = ("_clocks", "_expected")

    def __init__(self, clocks: dict[int, int]) -> None:
        self._clocks = clocks
        self._expected: dict[bytes, _Expected] = {}  # by all that comes before a keystroke's text

    def take(self, update: bytes) -> int | None:
        """Take a keystroke or a deletion that fits onto the document as it is: the client whose clock counts on, `NOBODY`
        for a deletion, None for anything else."""
        try:
            if not update[0]:
                return NOBODY if self._deletes(update, 1) else None
            if not update[-1]:
                for end in _TEXT_ENDS:  # it ends with a text of so many bytes, perhaps; what is before it tells
                    if update[end] == -2 - end and (found := self._expected.pop(update[:end], None)):
                        if self._goes_on(update[end + 1 : -1], found):
                            return found[0]
                        break
            return self._take_text(update) if update[0] == update[1] == 1 else None
        except (IndexError, ValueError):
            return None

    def _goes_on(self, text: bytes, expected: _Expected) -> bool:
        """Whether that client may write this text now."""
        client, clock, written, head, middle, tail = expected
        if len(text) == 1 and text.isascii():
            after = clock + 1
        else:
            after = clock + _length(text)
            written = write_varuint(after - 1)
        if self._clocks[client] != clock or after > LAST_CLOCK:
            return False
        self._clocks[client] = after
        later = bytes((after & 127 | 128, after >> 7)) if 127 < after < 16384 else write_varuint(after)
        self._expected[head + later + middle + written + tail] = (client, after, later, head, middle, tail)
        return True

    def _take_text(self, update: bytes) -> int | None:
        """One string beside what is known, and perhaps deletions."""
        clocks = self._clocks
        client, own_end = _number(update, 2)
        clock, position = _number(update, own_end)
        info = update[position]
        if info not in (0x84, 0xC4, 0x44) or clock != clocks.get(client):
            return None
        own = update[2:own_end]
        right = position = position + 1
        if info & 0x80:
            right = position = self._beside(update, position, client, own)
        if info & 0x40:
            position = self._beside(update, position, client, own)
        tail = update[right:position]
        size, position = _number(update, position)
        end = position + size
        text = update[position:end]
        length = _length(text)
        after = clock + length
        if not length or after > LAST_CLOCK or (update[end:] != b"\0" and not self._deletes(update, end, client, after)):
            return None
        clocks[client] = after
        head, middle, written = update[:own_end], (b"\xc4" if tail else b"\x84") + own, write_varuint(after)
        if len(self._expected) >= _MOST_EXPECTED:
            self._expected.clear()
        self._expected[head + written + middle + write_varuint(after - 1) + tail] = (client, after, written, head, middle, tail)
        return client

    def _beside(self, update: bytes, position: int, client: int, own: bytes) -> int:
        """The offset behind the clock of a neighbour. Raises `ValueError` if it is not known."""
        who, position = (client, position + len(own)) if update.startswith(own, position) else _number(update, position)
        when, position = _number(update, position)
        if when >= self._clocks.get(who, 0):
            raise ValueError
        return position

    def _deletes(self, update: bytes, start: int, writer: int = -1, after: int = 0) -> bool:
        """Whether from there to its end the update deletes a few ranges of one client, all of them known; `writer` has
        moved on to `after`."""
        if update[start] != 1:
            return False
        client, position = _number(update, start + 1)
        count = update[position]
        if not 0 < count <= _MOST_RANGES:
            return False
        position += 1
        known = after if client == writer else self._clocks.get(client, 0)
        for _ in range(count):
            first, position = _number(update, position)
            length, position = _number(update, position)
            if not length or first + length > known:
                return False
        return position == len(update)


def _length(text: bytes) -> int:
    """In UTF-16 units, as JavaScript counts. Raises `ValueError` if it is not UTF-8."""
    return len(text) if text.isascii() else len(text.decode().encode("utf-16-le")) // 2


def _number(data: bytes, position: int) -> tuple[int, int]:
    """The varUint there and the offset behind it. Raises `IndexError` where it is cut short, `ValueError` for one too long."""
    byte = data[position]
    if byte < 128:
        return byte, position + 1
    value = byte & 127
    shift = 7
    while shift < _TOO_LONG:
        position += 1
        byte = data[position]
        if byte < 128:
            if not byte:
                break
            return value | byte << shift, position + 1
        value |= (byte & 127) << shift
        shift += 7
    raise ValueError
