"""Names and colours of people, and what else they wrote for others to see: what is accepted, and what somebody gets who did not choose."""

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
_JOINERS = {"\u200c", "\u200d"}
_JOINED = {
    "ARABIC", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "MALAYALAM", "MONGOLIAN", "MYANMAR", "ORIYA", "SINHALA",
    "SYRIAC", "TAMIL", "TELUGU",
}  # fmt: skip
"""Scripts in which a joiner changes how a word is written, as in Persian (Unicode UAX 31, 2.3); between other letters it would only hide."""
_BLANK = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180c", "\u180d", "\u180e", "\u180f", "\u2800", "\u3164", "\uffa0"}
"""Letters and marks that nobody sees, so that two names would look the same (Unicode TR 36, 2.10; UTS 39)."""
_SELECTORS = {chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}
_MARKS_IN_A_ROW = 4
"""Accents on one letter; further ones would pile up over the lines around."""
_TURNS = dict.fromkeys(range(0x202A, 0x202F))
_FILE_CHARACTERS = 1024
"""No system takes longer names of files."""


def clean_line(text: str, characters: int, what: str) -> str:
    """`text` as one line for people to see: trimmed, without what nobody sees. Raises `InvalidRequest` past the limit."""
    if len(text) > 4 * characters:
        raise InvalidRequest(f"{what} may have {characters} characters.")
    seen = unicodedata.normalize("NFC", _seen(" ".join(unicodedata.normalize("NFC", text).split())))
    line = " ".join(seen.split()).strip("\u200c\u200d ")
    if len(line) > characters:
        raise InvalidRequest(f"{what} may have {characters} characters, this one has {len(line)}.")
    return line


def _seen(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for letter in text:
        before = kept[-1] if kept else ""
        marks = marks + 1 if unicodedata.category(letter) in {"Mn", "Me"} else 0
        if letter in _JOINERS or letter in _SELECTORS:
            fits = _takes(before, letter)
        else:
            fits = letter not in _BLANK and unicodedata.category(letter) not in _UNSEEN and marks <= _MARKS_IN_A_ROW
        if fits:
            kept.append(letter)
    return "".join(kept)


def _takes(before: str, invisible: str) -> bool:
    """Whether a joiner or a variation selector means something behind that letter: in an emoji, and in scripts that join."""
    if not before:
        return False
    if unicodedata.category(before) in {"So", "Sk"} or (before in _SELECTORS and invisible == "\u200d") or (invisible == "\ufe0f" and before in "0123456789#*"):
        return True
    return invisible in _JOINERS and unicodedata.name(before, "").split(" ")[0] in _JOINED


def clean_name(text: str, characters: int) -> str:
    """A person's name. Raises `InvalidRequest` if it is empty or too long."""
    name = clean_line(text, characters, "A name")
    if not name:
        raise InvalidRequest("A name needs at least one letter.")
    return name


def clean_file(name: str) -> str:
    """The name of a file, without what nobody sees: `a\u202egnp.exe` would be read as a picture's. Empty if nothing is left, cut at 1,024 characters."""
    return name if name.isascii() and name.isprintable() else _seen(name[:_FILE_CHARACTERS])


def unturned(text: str) -> str:
    """A text of several lines without the bidi overrides and embeddings (U+202A to U+202E), which show letters in another order than they have.

    Isolates (U+2066 to U+2069) stay: who mixes Hebrew or Arabic with code needs them, Unicode recommends them in place of embeddings (UAX 9, 2.4), and
    they turn round no letters. Joiners and direction marks stay as well; pages let none of these reach into a link.
    """
    return text.translate(_TURNS)


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
