"""What reaches the terminals of a room: nothing that they answer, keep or act on, wherever the output was cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.protocol.escapes import MOST_REPEATED, MOST_SEQUENCE, Harmless

DRAWN = [
    "\x1b[0m", "\x1b[1;31m", "\x1b[38;2;1;2;3m", "\x1b[38:5:9m", "\x1b[m", "\x1b[H", "\x1b[10;20H", "\x1b[2J", "\x1b[K", "\x1b[3A", "\x1b[?1049h",
    "\x1b[?25l", "\x1b[?1;2004h", "\x1b[?1000;1006h", "\x1b[4h", "\x1b[2;20r", "\x1b[s", "\x1b[u", "\x1b7", "\x1b8", "\x1bM", "\x1bc", "\x1b(0",
    "\x1b(B", "\x1b[4 q", "\x1b[!p", f"\x1b[{MOST_REPEATED}b", "\x1b[5X", "\x1b[3@", "\r\n", "\t", "\b", "\a", "Grüße 世界 🚀",
]  # fmt: skip
HARMFUL = [
    "\x1b]52;c;cm0gLXJm\x07", "\x1b]52;c;?\x1b\\", "\x1b]0;title\x07", "\x1b]2;title\x1b\\", "\x1b]8;;http://x\x1b\\", "\x1b]4;1;?\x07",
    "\x1b]1337;File=:AA==\x07", "\x1bP$qm\x1b\\", "\x1bP+q544e\x1b\\", "\x1bPq#0;2\x1b\\", "\x1b_G\x1b\\", "\x1b^pm\x1b\\", "\x1bXsos\x1b\\",
    "\x9d52;c;QQ==\x9c", "\x90$qm\x9c", "\x1b[c", "\x1b[0c", "\x1b[>c", "\x1b[=c", "\x1b[5n", "\x1b[6n", "\x1b[?6n", "\x1b[>q", "\x1b[>0q", "\x1b[x",
    "\x1b[18t", "\x1b[21t", "\x1b[8;50;9999t", "\x1b[5i", "\x1b[?2026$p", "\x1b[4$p", "\x1b[?u", "\x1b[>1u", "\x1b[<u", "\x1b[?m", "\x1b[>4;2m",
    "\x1bZ", "\x9a", "\x9bc", "\x05", "\x00", "\x7f", "\x1b[?1004h", "\x1b[?1002h", "\x1b[?1003h", "\x1b[?25;1004h", "\x1b[?1015h",
    f"\x1b[{MOST_REPEATED + 1}b", "\x1b[99999999b",
    "\x1b[10000C", "\x1b[" + "1;" * MOST_SEQUENCE + "m", "\x1b%G", "\x1bn", "\x1b\\",
]  # fmt: skip

ALLOWED = re.compile(
    "(?:[\x07-\x0f\x20-\x7e\xa0-\U0010ffff]"
    r"|\x1b\[(?:[0-9;]{0,256}[@A-HIJ-MPSTXZ`abdefgrsu]|[0-9;:]{0,256}m|\??[0-9;]{1,256}[hl]|[0-6]? q|!p)"
    r"|\x1b[78DEHMc=>]|\x1b[()][0B]|\x1b#8)*"
)
QUERIES = re.compile("\x1b\\[(?![0-6]? q)[0-9;:<=>?!$\"' ]*[cnqtxiyw{|}~]|\x1b\\[[<=>?][0-9;]*u|\x1b[\\]PX^_Z]|[\x80-\x9f\x05]")

letters = st.sampled_from(list("\x1b\x1b\x1b\x1b[]P_^X\\?>=!$ 0159;:cnmhlbqtpuHAJZ(0B#8\x07\x18\x1a\x9b\x9d\x90\x9c\n\x05éx"))
output = st.one_of(st.text(letters, max_size=60), st.lists(st.sampled_from(DRAWN + HARMFUL), max_size=8).map("".join), st.text(max_size=30))


def shown(*pieces: str) -> str:
    harmless = Harmless()
    return "".join(harmless.take(piece) for piece in pieces)


@pytest.mark.parametrize("text", DRAWN)
def test_what_draws_is_shown_as_it_is(text: str) -> None:
    assert shown(f"a{text}b") == f"a{text}b"


@pytest.mark.parametrize("text", HARMFUL)
def test_what_could_harm_is_left_out_and_nothing_else(text: str) -> None:
    assert shown(f"a{text}b") == "ab"


@pytest.mark.parametrize("text", DRAWN + HARMFUL)
def test_a_character_at_a_time_gives_the_same(text: str) -> None:
    assert shown(*f"a{text}b") == shown(f"a{text}b")


def test_a_clipboard_in_a_string_without_end_never_shows() -> None:
    assert shown("a\x1b]52;c;", "QUFB" * 5000, "\n") == "a"


def test_a_string_ends_where_another_sequence_begins() -> None:
    assert shown("\x1b]0;t\x1b[31mred") == "\x1b[31mred"


def test_a_control_within_a_sequence_acts_before_it() -> None:
    assert shown("\x1b[3\nA") == "\n\x1b[3A"


def test_an_eight_bit_sequence_is_shown_as_the_seven_bit_one() -> None:
    assert shown("\x9b31mred\x85") == "\x1b[31mred\x1bE"


@given(output)
def test_nothing_else_than_the_list_comes_out(text: str) -> None:
    told = shown(text)
    assert ALLOWED.fullmatch(told), repr(told)
    assert not QUERIES.search(told), repr(told)


@given(output, st.data())
def test_it_does_not_matter_where_the_output_is_cut(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert shown(*pieces) == shown(text)


@given(output)
def test_what_was_made_harmless_is_left_as_it_is(text: str) -> None:
    assert shown(shown(text)) == shown(text)
