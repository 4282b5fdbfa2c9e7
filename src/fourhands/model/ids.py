"""Ids of rooms, members and runs: made from the operating system's randomness, readable aloud."""

import re
import secrets

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base32 in lower case (https://www.crockford.com/base32.html): no i, l, o, u."""

_LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1"})
_ROOM_ID = re.compile(f"[{CROCKFORD}]{{4}}-[{CROCKFORD}]{{4}}-[{CROCKFORD}]{{4}}")
_ADHOC_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _letters(count: int) -> str:
    return "".join(secrets.choice(CROCKFORD) for _ in range(count))


def new_room_id() -> str:
    """A fresh room id such as `k7f3-9q2m-x4tz`: 60 random bits."""
    return "-".join(_letters(4) for _ in range(3))


def new_member_id() -> str:
    """A fresh member id: 16 letters, 80 random bits."""
    return _letters(16)


def new_invite_id() -> str:
    """A fresh id of an invitation, which is no secret: 12 letters."""
    return _letters(12)


def new_run_id() -> str:
    """A fresh id of a program's run on the server: 16 letters, 80 random bits."""
    return _letters(16)


def new_key() -> str:
    """A fresh invite key: 26 letters, 130 random bits."""
    return _letters(26)


def normalize_room_id(text: str) -> str | None:
    """The room id that a person meant (any case, with or without dashes, o for 0, i and l for 1), or None."""
    letters = re.sub(r"[\s-]", "", text.lower()).translate(_LOOKALIKES)
    candidate = "-".join((letters[0:4], letters[4:8], letters[8:]))
    return candidate if _ROOM_ID.fullmatch(candidate) else None


def is_room_id(text: str) -> bool:
    """Whether `text` is a room id in its one canonical form."""
    return _ROOM_ID.fullmatch(text) is not None


def is_adhoc_name(text: str) -> bool:
    """Whether `text` may name a room that is opened by joining it (`FOURHANDS_ADHOC_ROOMS=1`)."""
    return _ADHOC_NAME.fullmatch(text) is not None
