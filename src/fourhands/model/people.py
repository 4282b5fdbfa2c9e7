"""Names and colours of people: what is accepted, and what somebody gets who did not choose."""

import re
import unicodedata

from fourhands.errors import InvalidRequest

COLORS = (
    "#c2410c", "#a16207", "#4d7c0f", "#15803d", "#0f766e", "#0e7490",
    "#1d4ed8", "#6d28d9", "#a21caf", "#be185d", "#b91c1c", "#57534e",
)  # fmt: skip
"""Twelve hues that carry white text; `web/src/ui/colors.ts` holds the same."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, bidi and zero-width marks, surrogates, unassigned
_JOINERS = {"\u200c", "\u200d"}  # written in Persian, Indic scripts and emoji; harmless between other letters


def clean_line(text: str, characters: int, what: str) -> str:
    """`text` as one line for people to see: trimmed, without invisible characters. Raises `InvalidRequest` past the limit."""
    if len(text) > 4 * characters:
        raise InvalidRequest(f"{what} may have {characters} characters.")
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
    line = " ".join(kept.split()).strip("\u200c\u200d ")
    if len(line) > characters:
        raise InvalidRequest(f"{what} may have {characters} characters, this one has {len(line)}.")
    return line


def clean_name(text: str, characters: int) -> str:
    """A person's name. Raises `InvalidRequest` if it is empty or too long."""
    name = clean_line(text, characters, "A name")
    if not name:
        raise InvalidRequest("A name needs at least one letter.")
    return name


def clean_login(text: str) -> str:
    """A login name in its one form. Plain letters alone, so that no two names look alike. Raises `InvalidRequest`."""
    login = text.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise InvalidRequest("A login name has 2 to 64 characters: letters a to z, digits, and . _ @ + - inside. It may be an address.")
    return login


def initials(name: str) -> str:
    """One or two letters that stand for a name: of its first and last word."""
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def clean_color(text: str | None, seed: int) -> str:
    """A colour as `#rrggbb`; without one, one of `COLORS` by `seed`. Raises `InvalidRequest`."""
    if text is None:
        return COLORS[seed % len(COLORS)]
    color = text.lower()
    if not _COLOR.fullmatch(color):
        raise InvalidRequest("A colour is written as #rrggbb.")
    return color
