"""Content codings and entity tags, as clients write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.edge.http.negotiate import CODINGS, accepted_qualities, choose_coding, is_current

BOTH = ("br", "gzip")
QUALITY = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("br, gzip", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.0 , gzip; q=0.000", None),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("br;q=0, *", "gzip"),
        ("gzip;q=0.5, identity;q=1", None),
        ("identity", None),
        ("br;q=nonsense, gzip", "gzip"),
        ("br;q=2", None),
        (",,;;,", None),
    ],
)
def test_chooses_what_the_client_wants_most(header: str, expected: str | None) -> None:
    assert choose_coding(header, BOTH) == expected


def test_takes_only_what_is_there() -> None:
    assert choose_coding("br, gzip", ("gzip",)) == "gzip"
    assert choose_coding("br, gzip", ()) is None
    assert choose_coding("zstd", BOTH) is None


@given(st.text())
def test_any_header_gets_an_answer(header: str) -> None:
    assert choose_coding(header, BOTH) in (*CODINGS, None)


@given(st.dictionaries(st.sampled_from(["br", "gzip", "identity", "zstd", "*"]), QUALITY), st.sampled_from(["", " "]))
def test_never_sends_what_was_refused(wishes: dict[str, float], space: str) -> None:
    header = ",".join(f"{coding};{space}q={quality:.3f}" for coding, quality in wishes.items())
    assert accepted_qualities(header) == pytest.approx(wishes)
    coding = choose_coding(header, BOTH)
    if coding is None:
        assert all(wishes.get(name, wishes.get("*", 0)) <= wishes.get("identity", 0) for name in BOTH)
    else:
        assert wishes.get(coding, wishes.get("*", 0)) > 0


@pytest.mark.parametrize(
    ("header", "current"),
    [(None, False), ('"a"', True), ('W/"a"', True), ('"b", "a"', True), ('"b"', False), ("*", True), ("a", False), ("", False), ('"a-br"', False)],
)
def test_knows_whether_the_client_has_it(header: str | None, current: bool) -> None:
    assert is_current(header, '"a"') is current
