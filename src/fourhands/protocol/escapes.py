"""Takes out of a program's output what could harm those who watch it: what a terminal would answer, keep or act on. Pure.

Everything is left out that is not known to only draw: what is let through are printable text, a few controls, and escape
sequences from a list (cursor, colours, erasing, scrolling, the alternate screen, what mouse and keys send). See ECMA-48 and
https://invisible-island.net/xterm/ctlseqs/ctlseqs.html; what browsers' terminals do with them: xterm.js, EscapeSequenceParser.

    text ──ESC──> escape ──[──> control sequence ──final letter──> text     (let through whole, or not at all)
                     └──P ] X ^ _──> string ──ST, BEL, CAN, SUB, ESC──> text   (always left out)
"""

import re
from typing import Literal

MOST_SEQUENCE = 256
"""Characters of an escape sequence; a longer one is left out."""
MOST_PARAMETER = 9_999
MOST_REPEATED = 512
"""How often one sequence (REP) may repeat a character: seven bytes are not to become a million cells."""

_PLAIN = re.compile("[\x07-\x0f\x20-\x7e\xa0-\U0010ffff]+")
_STRING_BODY = re.compile("[^\x07\x18\x1a\x1b\x9c]+")
_NUMBERS = re.compile(r"\d+")

_FINALS = frozenset("@ABCDEFGHIJKLMPSTXZ`abdefgmrsu")
"""Of control sequences without a prefix: move, insert, erase, scroll, repeat, tabs, colours, margins, save and restore."""
_MODES = frozenset({1, 3, 5, 6, 7, 9, 12, 25, 45, 47, 1000, 1006, 1047, 1048, 1049, 2004, 2026})
"""Private modes (DECSET, DECRST): keys, wrap, cursor, alternate screens, clicks, bracketed paste, drawing at once.
Not 1002 and 1003: with them pages report where the pointers of all who look on go."""
_ANSI_MODES = frozenset({4, 20})
_ESCAPES = frozenset({"7", "8", "D", "E", "H", "M", "c", "=", ">", "(0", "(B", ")0", ")B", "#8"})

_State = Literal["text", "escape", "control", "string"]


class Harmless:
    """A filter for one stream of output. Its result does not depend on where the stream is cut into pieces.

    Invariant: what was given back consists of printable text, the controls BEL, BS, HT, LF, VT, FF, CR, SO, SI, and whole
    sequences from the list. Of what is not whole yet, at most `MOST_SEQUENCE` characters are held.
    """

    def __init__(self) -> None:
        self._state: _State = "text"
        self._held = ""  # of an escape or control sequence, without what introduces it

    def take(self, text: str) -> str:
        """What of it may be shown."""
        shown: list[str] = []
        at, end = 0, len(text)
        while at < end:
            if self._state == "text" and (plain := _PLAIN.match(text, at)):
                shown.append(plain[0])
                at = plain.end()
            elif self._state == "string" and (body := _STRING_BODY.match(text, at)):
                at = body.end()
            else:
                shown.append(self._step(text[at]))
                at += 1
        return "".join(shown)

    def _step(self, letter: str) -> str:
        """One character where it is not plain; what is to be shown now."""
        if "\x80" <= letter <= "\x9f":  # an 8-bit control is its 7-bit escape
            self._begin()
            letter = chr(ord(letter) - 0x40)
        elif letter == "\x1b":
            self._begin()
            return ""
        elif letter in "\x18\x1a" or (letter == "\x07" and self._state == "string"):
            self._end()
            return ""
        elif letter < "\x20" or letter == "\x7f":  # controls within a sequence act at once, before it
            return letter if "\x07" <= letter <= "\x0f" else ""
        if self._state == "escape":
            return self._escape(letter)
        if self._state == "control":
            return self._control(letter)
        return letter if self._state == "text" else ""

    def _begin(self) -> None:
        self._state, self._held = "escape", ""

    def _end(self) -> None:
        self._state, self._held = "text", ""

    def _escape(self, letter: str) -> str:
        if letter == "[" and not self._held:
            self._state = "control"
            return ""
        if letter in "P]X^_" and not self._held:
            self._state = "string"
            return ""
        if " " <= letter <= "/":
            self._hold(letter)
            return ""
        sequence = self._held + letter
        self._end()
        if sequence in _ESCAPES:
            return f"\x1b{sequence}"
        return letter if letter > "~" else ""  # no part of any sequence: text

    def _control(self, letter: str) -> str:
        if " " <= letter <= "?":
            self._hold(letter)
            return ""
        held = self._held
        self._end()
        if letter > "~":
            return letter
        return f"\x1b[{held}{letter}" if len(held) < MOST_SEQUENCE and is_drawing(held, letter) else ""

    def _hold(self, letter: str) -> None:
        if len(self._held) < MOST_SEQUENCE:
            self._held += letter


def is_drawing(held: str, final: str) -> bool:
    """Whether a control sequence with these parameters (and what stands between them and its last letter) only draws."""
    numbers = [int(number) if len(number) < 6 else MOST_PARAMETER + 1 for number in _NUMBERS.findall(held)]
    if any(number > MOST_PARAMETER for number in numbers):
        return False
    if held.startswith("?"):
        return final in "hl" and held[1:].replace(";", "").isdigit() and _MODES.issuperset(numbers)
    if held in {"!", " ", "0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "6 "}:
        return final == ("p" if held == "!" else "q")  # soft reset; the cursor's shape
    if held.strip("0123456789;" + (":" if final == "m" else "")):
        return False
    if final in "hl":
        return bool(numbers) and _ANSI_MODES.issuperset(numbers)
    if final == "b":
        return all(number <= MOST_REPEATED for number in numbers)
    return final in _FINALS
