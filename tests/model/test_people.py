"""Names and colours of people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest
from fourhands.model.people import COLORS, clean_color, clean_file, clean_line, clean_login, clean_name, initials, unturned


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("Ada", "Ada"),
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("Ada\nLovelace", "Ada Lovelace"),
        ("Ada\u2028Lovelace", "Ada Lovelace"),
        ("林", "林"),
        ("e\u0301", "é"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u202eadA", "adA"),
        ("A\u200bda\ufeff", "Ada"),
        ("A\x00d\x1ba", "Ada"),
        ("<b>Ada</b>", "<b>Ada</b>"),
        ("A\u200cda", "Ada"),  # a joiner that joins nothing only makes two names look alike
        ("A\u200dda\u200d", "Ada"),
        ("Ada\ufe0f", "Ada"),
        ("A\u034fda\u3164\u115f\u2800", "Ada"),
        ("\u2066Ada\u2069\u200f", "Ada"),
        ("Ada\U000e0041", "Ada"),  # tag letters
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("क्\u200dष", "क्\u200dष"),
        ("e" + "\u0301" * 30, "é" + "\u0301" * 4),
    ],
)
def test_a_name_is_kept_as_one_visible_line(given_: str, kept: str) -> None:
    assert clean_name(given_, 40) == kept


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "\u200d\u200d", "\n", "\u202e"])
def test_a_name_that_nobody_sees_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        clean_name(name, 40)


def test_the_limit_counts_characters_at_its_edge() -> None:
    assert clean_name("ü" * 40, 40) == "ü" * 40
    for long in ("ü" * 41, "a" * 10_000):
        with pytest.raises(InvalidRequest, match="40 characters"):
            clean_name(long, 40)


def test_a_line_may_be_empty() -> None:
    assert clean_line(" ", 80, "A title") == ""


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    try:
        once = clean_name(text, 40)
    except InvalidRequest:
        return
    assert clean_name(once, 40) == once
    assert len(once.splitlines()) == 1


def test_colours() -> None:
    assert clean_color("#A1b2C3", 0) == "#a1b2c3"
    assert [clean_color(None, seed) for seed in range(len(COLORS))] == list(COLORS)
    assert clean_color(None, len(COLORS)) == COLORS[0]


@pytest.mark.parametrize("color", ["", "red", "#fff", "#gggggg", "#0000000", "url(x)", "#000000;", " #000000", "#00000\n"])
def test_what_is_no_colour_is_refused(color: str) -> None:
    with pytest.raises(InvalidRequest):
        clean_color(color, 0)


def test_initials_stand_for_a_name() -> None:
    assert [initials(name) for name in ("Ada Lovelace", "lin", "Anne van der Berg", "林 佳", "(x) y", "!!")] == ["AL", "L", "AB", "林佳", "Y", "!"]


@pytest.mark.parametrize("text", ["a", "", "-ada", "ada lovelace", "аda", "ada\u200b", "a" * 65, "ada/../x"])
def test_login_names_that_could_deceive_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        clean_login(text)


def test_a_login_name_has_one_form() -> None:
    assert [clean_login(text) for text in (" Ada ", "ADA.Lovelace+x@Example.org", "a-1")] == ["ada", "ada.lovelace+x@example.org", "a-1"]


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("main.py", "main.py"),
        ("two  words.py", "two  words.py"),
        ("src/main.py", "src/main.py"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\u2067b\u2069\u200f.py", "ab.py"),
        ("a\nb\x1b[31m.py", "ab[31m.py"),
        ("מסמך.py", "מסמך.py"),
        ("\u202e", ""),
        ("é" * 1100, "é" * 1024),
    ],
)
def test_a_files_name_has_nothing_that_nobody_sees(given_: str, kept: str) -> None:
    assert clean_file(given_) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("\u202ehttps://evil.example/x/moc.elgoog.www//:sptth", "https://evil.example/x/moc.elgoog.www//:sptth"),
        ("\u202aa\u202bb\u202cc\u202dd", "abcd"),
        ("שלום \u2066print(1)\u2069\u200f!\nmore", "שלום \u2066print(1)\u2069\u200f!\nmore"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_a_message_loses_overrides_and_keeps_what_right_to_left_languages_need(said: str, kept: str) -> None:
    assert unturned(said) == kept
