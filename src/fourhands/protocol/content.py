"""What an item of a Yjs v1 update holds, read without a document: how many clocks it takes, and where it ends.

Called by `structs.py`. What Yjs or yrs would choke on is refused: it would reach everybody in the room, again and again.

Source: yjs 13 `src/structs/Content*.js`; lib0 `decoding.js` (`readAny`, `readVarInt`).
"""

import msgspec

from fourhands.errors import InvalidRequest
from fourhands.protocol.varint import MAX_BITS, read_bytes, read_varuint

DEEPEST = 64
"""Values in each other, in one item."""

MOST_VALUES = 1 << 14
"""Values in one item, those in others counted too: they are read at once, some hundreds in a millisecond."""

_ANY_BYTES = {127: 0, 126: 0, 121: 0, 120: 0, 124: 4, 123: 8, 122: 8}
_OBJECT = 118
_XML_NAMED, _XML_HOOK, _LAST_TYPE = 3, 5, 6
_PROTOTYPE = "__proto__"  # Yjs would make the value an object of another class, and throw when it writes it
_NOT_TOLD = {"gcFilter", "guid"}  # Yjs would call the one, and the other is told already


def read_content(data: bytes, position: int, kind: int) -> tuple[int, int]:
    """The length in clocks of an item's content, and the offset behind it. Raises `InvalidRequest`."""
    match kind:
        case 1:  # deleted
            return read_varuint(data, position)
        case 2:  # JSON, of Yjs before version 13: yrs 0.28 reads one string too many, and all behind it as something else
            raise InvalidRequest("This update is of a version of Yjs that is too old.")
        case 4:  # a string
            raw, position = read_bytes(data, position)
            return (len(raw) if raw.isascii() else utf16_units(raw)), position
        case 8:  # any
            count, position = read_varuint(data, position)
            left = MOST_VALUES
            for _ in range(count):
                position, left = _read_any(data, position, 0, left)
            return count, position
        case _:
            return 1, _read_single(data, position, kind)


def ends_of_values(data: bytes, position: int) -> list[int]:
    """Of the content that starts there and is values (`any`): where the first begins, and where each ends. Raises `InvalidRequest`."""
    count, position = read_varuint(data, position)
    ends = [position]
    for _ in range(count):
        position, _ = _read_any(data, position, 0, MOST_VALUES)
        ends.append(position)
    return ends


def utf16_units(text: bytes) -> int:
    """The length of a text as JavaScript counts. Raises `InvalidRequest` if it is not UTF-8."""
    try:
        return len(text.decode().encode("utf-16-le")) // 2
    except UnicodeDecodeError:
        raise InvalidRequest("A text in this update is not UTF-8.") from None


def read_text(data: bytes, position: int) -> tuple[str, int]:
    """A string, and the offset behind it. Raises `InvalidRequest`."""
    raw, position = read_bytes(data, position)
    try:
        return raw.decode(), position
    except UnicodeDecodeError:
        raise InvalidRequest("A text in this update is not UTF-8.") from None


def read_byte(data: bytes, position: int) -> tuple[int, int]:
    """A byte, and the offset behind it. Raises `InvalidRequest`."""
    try:
        return data[position], position + 1
    except IndexError:
        raise InvalidRequest("This update is cut short.") from None


def _read_single(data: bytes, position: int, kind: int) -> int:
    """The offset behind a content that takes one clock."""
    match kind:
        case 3:  # binary
            return read_bytes(data, position)[1]
        case 5:  # embed
            return _read_json(data, position)
        case 6:  # format: key and value
            return _read_json(data, read_text(data, position)[1])
        case 7:  # a type; XML elements have a name
            type_, position = read_varuint(data, position)
            if type_ > _LAST_TYPE:
                raise InvalidRequest("This update holds a type that Yjs does not know.")
            if type_ == _XML_HOOK:  # yrs 0.28 reads no name, and takes it for what comes behind
                raise InvalidRequest("This update holds an XML hook, which this server does not take.")
            return read_text(data, position)[1] if type_ == _XML_NAMED else position
        case 9:  # a document inside: its guid and options
            return _read_options(data, read_text(data, position)[1])
        case _:
            raise InvalidRequest("This update holds a struct of no known kind.")


def _read_json(data: bytes, position: int) -> int:
    """The offset behind a value in JSON, which Yjs parses as soon as it reads it."""
    raw, position = read_bytes(data, position)
    try:
        value: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidRequest("A value in this update is not JSON.") from None
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        _require_shallow(value)
    return position


def _require_shallow(value: object) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise InvalidRequest("A value in this update is nested too deeply.")


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def _read_options(data: bytes, position: int) -> int:
    """The offset behind the options of a document inside: Yjs takes them for an object, and calls what is no option."""
    start = position
    end, _ = _read_any(data, position, 0, MOST_VALUES)
    if data[start] != _OBJECT:
        raise InvalidRequest("A document in this update has no options.")
    count, position = read_varuint(data, start + 1)
    for _ in range(count):
        key, position = read_text(data, position)
        if key in _NOT_TOLD:
            raise InvalidRequest("A document in this update has an impossible option.")
        position, _ = _read_any(data, position, 1, MOST_VALUES)
    return end


def _read_any(data: bytes, position: int, depth: int, left: int) -> tuple[int, int]:
    """The offset behind one value of lib0's `any`, and how many more of `left` may follow."""
    if depth > DEEPEST:
        raise InvalidRequest("A value in this update is nested too deeply.")
    if left <= 0:
        raise InvalidRequest(f"An item of this update has more than {MOST_VALUES:,} values: insert some at a time.")
    left -= 1
    kind, position = read_byte(data, position)
    match kind:
        case 125:
            position = _read_integer(data, position)
        case 119:
            _, position = read_text(data, position)
        case 116:
            _, position = read_bytes(data, position)
        case 117 | 118:
            count, position = read_varuint(data, position)
            for _ in range(count):
                if kind == _OBJECT:
                    key, position = read_text(data, position)
                    if key == _PROTOTYPE:
                        raise InvalidRequest("A value in this update has an impossible key.")
                position, left = _read_any(data, position, depth + 1, left)
        case _:
            if kind not in _ANY_BYTES:
                raise InvalidRequest("This update holds a value of no known kind.")
            position += _ANY_BYTES[kind]
    if position > len(data):
        raise InvalidRequest("This update is cut short.")
    return position, left


def _read_integer(data: bytes, position: int) -> int:
    """The offset behind a signed integer: six bits in its first byte, seven in each other. lib0 throws past 53 bits."""
    byte, position = read_byte(data, position)
    value, shift = byte & 63, 6
    while byte > 127:
        byte, position = read_byte(data, position)
        value |= (byte & 127) << shift
        shift += 7
        if value >> MAX_BITS or shift > MAX_BITS + 7:
            raise InvalidRequest("A number in this update is too large.")
    return position
