"""What items hold: nothing passes that Yjs would choke on when it reads or integrates it."""

import json

import pytest

from fourhands.errors import InvalidRequest
from fourhands.protocol.content import DEEPEST, MOST_VALUES, read_content
from fourhands.protocol.varint import write_bytes, write_varuint


def text(value: str) -> bytes:
    return write_bytes(value.encode())


def one_any(value: bytes) -> bytes:
    return b"\x01" + value


NESTED = "[" * DEEPEST + "]" * DEEPEST

READ = {
    "deleted": (1, write_varuint(70_000), 70_000),
    "binary": (3, b"\x02\xff\x00", 1),
    "a text": (4, text("aü林👩"), 5),
    "an embed": (5, text('{"image":"x.png"}'), 1),
    "a format": (6, text("bold") + text("true"), 1),
    "a format that ends": (6, text("bold") + text("null"), 1),
    "a deep embed": (5, text(NESTED), 1),
    "a map": (7, b"\x01", 1),
    "an XML element": (7, b"\x03" + text("p"), 1),
    "no values": (8, b"\x00", 0),
    "values": (8, b"\x05\x7f\x7e\x78\x79\x7d\x40", 5),
    "numbers": (8, b"\x03\x7c" + bytes(4) + b"\x7b" + bytes(8) + b"\x7a" + bytes(8), 3),
    "the largest integer": (8, one_any(b"\x7d" + b"\xbf" + b"\xff" * 6 + b"\x1f"), 1),
    "values in values": (8, one_any(b"\x76\x01" + text("k") + b"\x75\x02\x77" + text("x") + b"\x74\x01\xff"), 1),
    "a document": (9, text("guid") + b"\x76\x01" + text("autoLoad") + b"\x78", 1),
}

REFUSED = {
    "JSON of old, which yrs misreads": (2, b"\x01" + text("{}")),
    "a binary cut short": (3, b"\x05\x00"),
    "a text that is not UTF-8": (4, write_bytes(b"\xff")),
    "half a surrogate pair": (4, write_bytes("\ud83d".encode("utf-8", "surrogatepass"))),
    "an embed that is no JSON": (5, text("image")),
    "an embed that is undefined": (5, text("undefined")),
    "an embed of nothing": (5, text("")),
    "a number that JSON does not know": (5, text("NaN")),
    "half a surrogate pair in JSON": (5, text(json.dumps("\ud83d"))),
    "a format that is no JSON": (6, text("bold") + text("{'a'}")),
    "JSON that is nested too deeply": (5, text(f"[{NESTED}]")),
    "JSON that is nested very deeply": (5, text("[" * 100_000 + "]" * 100_000)),
    "JSON that is nested deeply and wide": (5, text('{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1))),
    "an unknown type": (7, b"\x07"),
    "an XML hook, whose name yrs does not read": (7, b"\x05" + text("p")),
    "an unknown value": (8, one_any(b"\x10")),
    "an integer past 53 bits": (8, one_any(b"\x7d" + b"\xff" * 7 + b"\x7f")),
    "an integer without an end": (8, one_any(b"\x7d" + b"\xff" * 90)),
    "values nested too deeply": (8, one_any(b"\x75\x01" * (DEEPEST + 1) + b"\x7e")),
    "a key that changes what the value is": (8, one_any(b"\x76\x01" + text("__proto__") + b"\x74\x00")),
    "a number cut short": (8, one_any(b"\x7b\x00")),
    "a document without options": (9, text("guid") + b"\x7e"),
    "a document with options of no kind": (9, text("guid") + b"\x7f"),
    "a document that collects by a word": (9, text("guid") + b"\x76\x01" + text("gcFilter") + b"\x77" + text("x")),
    "an unknown kind": (11, b"\x00"),
    "nothing": (8, b""),
}


@pytest.mark.parametrize("name", READ)
def test_what_yjs_writes_is_read_to_its_end(name: str) -> None:
    kind, data, length = READ[name]
    assert read_content(data + b"\x00", 0, kind) == (length, len(data))


@pytest.mark.parametrize("name", REFUSED)
def test_what_yjs_would_choke_on_is_refused(name: str) -> None:
    kind, data = REFUSED[name]
    with pytest.raises(InvalidRequest):
        read_content(data, 0, kind)


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize("inside", [False, True], ids=["beside each other", "in each other"])
def test_an_item_has_so_many_values_and_not_more(inside: bool, over: int) -> None:
    number = MOST_VALUES + over
    data = one_any(b"\x75" + write_varuint(number - 1) + b"\x7e" * (number - 1)) if inside else write_varuint(number) + b"\x7e" * number
    if over:
        with pytest.raises(InvalidRequest, match="some at a time"):
            read_content(data, 0, 8)
    else:
        assert read_content(data, 0, 8) == (1 if inside else number, len(data))
