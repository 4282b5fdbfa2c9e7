"""Whether a page that sends a request is ours."""

import pytest

from fourhands.access.origin import is_own_origin, require_own_page
from fourhands.errors import Forbidden

OWN, OTHER, LISTED = "https://pair.example.org", "https://evil.example.org", "https://wiki.example.org"


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        (OWN, True),
        ("HTTPS://Pair.Example.org", True),
        (LISTED, True),
        (OTHER, False),
        ("http://pair.example.org", False),
        (OWN + ":8443", False),
        ("null", False),
        ("", False),
    ],
)
def test_an_origin_is_ours_whole_or_not_at_all(origin: str, own: bool) -> None:
    assert is_own_origin(origin, OWN, (LISTED + "/",)) is own


@pytest.mark.parametrize(
    ("fetch_site", "origin", "may"),
    [
        ("same-origin", None, True),
        ("same-origin", OWN, True),
        ("same-site", OWN, False),
        ("cross-site", OWN, False),
        ("none", None, False),
        ("cross-site", OTHER, False),
        ("cross-site", LISTED, True),
        (None, OWN, True),
        (None, LISTED, True),
        (None, OTHER, False),
        (None, "null", False),
        (None, None, False),
    ],
)
def test_a_write_by_cookie_must_come_from_our_own_page(fetch_site: str | None, origin: str | None, may: bool) -> None:
    if may:
        require_own_page(fetch_site=fetch_site, origin=origin, own=OWN, allowed=(LISTED,))
        return
    with pytest.raises(Forbidden):
        require_own_page(fetch_site=fetch_site, origin=origin, own=OWN, allowed=(LISTED,))
