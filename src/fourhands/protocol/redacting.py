"""Takes a text out of what the journal keeps as JSON: chat, runs with their output, names.

Called where a room's journal is rewritten. In its place stands `ERASED`, so that whoever reads on sees that something stood there.
"""

from typing import cast

import msgspec

ERASED = "[erased]"

SAID = frozenset({"text", "name", "title", "page", "message", "file", "args", "stdin", "note"})
"""Fields that hold what somebody wrote; all others are ids, kinds and numbers, and stay."""

NAMES = frozenset({"name", "title", "file"})
"""Of those, what somebody or something is called."""

GIVEN = frozenset({"output", "pictures", "args"})
"""Lists of what a run took and gave."""


def redact(payload: bytes, secret: str) -> tuple[bytes, int]:
    """The payload without the text in whatever somebody wrote in it, and how often it stood there; the very bytes if it did not.

    `output` of a run, pairs of stream and text, is read on from one pair to the next: as it came, and each stream by itself. What is
    no JSON is taken for a text.
    """
    try:
        value: object = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = payload.count(secret.encode())
        return (payload.replace(secret.encode(), ERASED.encode()) if found else payload), found
    redacted, found = _value(value, secret, said=True)
    return (msgspec.json.encode(redacted) if found else payload), found


def redact_text(text: str, secret: str) -> tuple[str, int]:
    """A plain text without it, and how often it stood there."""
    found = text.count(secret)
    return (text.replace(secret, ERASED) if found else text), found


def rename(payload: bytes, member: str, name: str) -> bytes:
    """The payload with that name wherever it names this member: beside a `member` or an `id` that is theirs. The very bytes if it does not."""
    try:
        value: object = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return payload
    return msgspec.json.encode(value) if _rename(value, member, name) else payload


def unsay(payload: bytes, member: str) -> bytes:
    """The payload of a message or a run of this member without what was said in it: text, input, output, pages and pictures. That it was, when
    and how it ended stay. The very bytes of anything else, and of what says nothing any more."""
    try:
        value: object = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return payload
    if not isinstance(value, dict):
        return payload
    fields = cast("dict[str, object]", value)
    if fields.get("member") != member or "change" in fields:
        return payload
    left = {key: _unsaid(key, inner) for key, inner in fields.items()}
    return payload if left == fields else msgspec.json.encode(left)


def _unsaid(key: str, value: object) -> object:
    if key in GIVEN and isinstance(value, list):
        return []
    if key in SAID - NAMES and isinstance(value, str) and value:
        return ERASED
    return value


def _rename(value: object, member: str, name: str) -> bool:
    if isinstance(value, list):
        return sum(_rename(inner, member, name) for inner in cast("list[object]", value)) > 0  # each of them
    if not isinstance(value, dict):
        return False
    fields = cast("dict[str, object]", value)
    changed = sum(_rename(inner, member, name) for inner in fields.values()) > 0
    if member in (fields.get("member"), fields.get("id")) and isinstance(fields.get("name"), str) and fields["name"] != name:
        fields["name"] = name
        return True
    return changed


def _value(value: object, secret: str, *, said: bool) -> tuple[object, int]:
    """`said`: somebody wrote it; else it is one of our own words, an id or a kind."""
    if isinstance(value, str):
        return redact_text(value, secret) if said else (value, 0)
    if isinstance(value, list):
        pairs = [_value(inner, secret, said=said) for inner in cast("list[object]", value)]
        return [inner for inner, _ in pairs], sum(found for _, found in pairs)
    if isinstance(value, dict):
        return _fields(cast("dict[str, object]", value), secret)
    return value, 0


def _fields(fields: dict[str, object], secret: str) -> tuple[dict[str, object], int]:
    kept: dict[str, object] = {}
    count = 0
    for key, inner in fields.items():
        if key == "output" and (output := _as_output(inner)) is not None:
            kept[key], found = _output(output, secret)
        else:
            kept[key], found = _value(inner, secret, said=key in SAID)
        count += found
    return kept, count


def _as_output(value: object) -> list[list[str]] | None:
    if not isinstance(value, list):
        return None
    for pair in cast("list[object]", value):
        if not isinstance(pair, list) or len(cast("list[object]", pair)) != 2 or not all(isinstance(part, str) for part in cast("list[object]", pair)):
            return None
    return cast("list[list[str]]", value)


def _output(output: list[list[str]], secret: str) -> tuple[list[list[str]], int]:
    """What a run said, without the text where it goes on from one pair to the next."""
    count = 0
    for stream in (None, *dict.fromkeys(stream for stream, _ in output)):
        places = [place for place, (of, _) in enumerate(output) if stream in (None, of)]
        count += _across(output, places, secret)
    return output, count


def _across(output: list[list[str]], places: list[int], secret: str) -> int:
    """Take it out of those pairs, read as one text; how often it stood there."""
    texts = [output[place][1] for place in places]
    whole = "".join(texts)
    if not (count := whole.count(secret)):
        return 0
    left: list[str] = []
    starts: list[int] = []
    at = 0
    while (found := whole.find(secret, at)) >= 0:
        starts.append(found)
        at = found + len(secret)
    begin = 0
    for text in texts:
        end = begin + len(text)
        kept, at = "", begin
        for start in starts:
            stop = start + len(secret)
            if stop <= begin or start >= end:
                continue
            kept += whole[at : max(at, start)] + (ERASED if start >= begin else "")
            at = min(end, stop)
        left.append(kept + whole[at:end])
        begin = end
    for place, text in zip(places, left, strict=True):
        output[place] = [output[place][0], text]
    return count
