"""What a request accepts and already has: content codings and entity tags (RFC 9110, sections 12.5.3 and 13.1.2).
Pure; `pages` asks it."""

import re
from collections.abc import Collection

CODINGS = ("br", "gzip")
"""The codings that may lie beside a file, the smaller one first."""
SUFFIXES = {"br": ".br", "gzip": ".gz"}

_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def accepted_qualities(accept_encoding: str) -> dict[str, float]:
    """Each coding that `Accept-Encoding` names with its quality, 0 to 1; a quality that makes no sense counts as 0."""
    qualities: dict[str, float] = {}
    for part in accept_encoding.split(","):
        coding, *parameters = (piece.strip() for piece in part.lower().split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = float(value) if _QUALITY.fullmatch(value := value.strip()) else 0.0
        if coding:
            qualities["gzip" if coding == "x-gzip" else coding] = quality
    return qualities


def choose_coding(accept_encoding: str, available: Collection[str]) -> str | None:
    """The coding of `available` that the client wants most, or None for the file as it is.

    Of equal wishes the smaller result wins; a client that wants the plain file more gets it.
    """
    qualities = accepted_qualities(accept_encoding)
    rest = qualities.get("*", 0.0)
    plain = qualities.get("identity", 0.0)
    wishes = [(qualities.get(coding, rest), -CODINGS.index(coding), coding) for coding in CODINGS if coding in available]
    quality, _, coding = max(wishes, default=(0.0, 0, None))
    return coding if quality > 0 and quality >= plain else None


def is_current(if_none_match: str | None, tag: str) -> bool:
    """Whether the client already holds what `tag` names; weak and strong tags compare alike."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)
