"""The upgrade request, read; who is let in is tested over the wire (tests/wire/test_doors.py)."""

import pytest
from multidict import CIMultiDict
from picows import WSUpgradeRequest

from fourhands.edge.ws.door import Asked, is_own_page, read_request


def upgrade(path: str, **headers: str) -> WSUpgradeRequest:
    request = WSUpgradeRequest()
    request.path = path.encode()
    request.headers = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return request


def read(path: str, root_path: str = "", **headers: str) -> Asked:
    asked = read_request(upgrade(path, **headers), root_path)
    assert asked is not None
    return asked


def test_room_token_cookie_and_origin_are_read() -> None:
    asked = read("/sync/k7f3-9q2m-x4tz?token=a.b.c&x=1", cookie='odd="{}"; fourhands=d.e.f', origin="http://a.example", host="a.example")
    assert (asked.room_id, asked.token, asked.cookie, asked.origin, asked.host) == ("k7f3-9q2m-x4tz", "a.b.c", "d.e.f", "http://a.example", "a.example")
    assert not asked.events


@pytest.mark.parametrize(("offered", "events"), [("fourhands.v1", True), ("other, fourhands.v1", True), ("fourhands.v2", False), ("", False)])
def test_events_are_for_those_who_offer_the_subprotocol(offered: str, events: bool) -> None:
    assert read("/sync/room", sec_websocket_protocol=offered).events is events


@pytest.mark.parametrize(("path", "room"), [("/sync/a", "a"), ("/pad/sync/a", "a"), ("/sync/a%2Fb", "a/b"), ("/sync/", "")])
def test_a_proxy_may_take_the_root_off_or_leave_it(path: str, room: str) -> None:
    assert read(path, "/pad").room_id == room


@pytest.mark.parametrize("path", ["/", "/ws", "/synch/a", "/other/sync/a"])
def test_other_paths_are_not_ours(path: str) -> None:
    assert read_request(upgrade(path), "/pad") is None


def test_whose_page_it_is() -> None:
    ours = read("/sync/a", origin="http://a.example:8000", host="a.example:8000")
    assert is_own_page(ours, None, ())
    assert is_own_page(read("/sync/a", host="a.example"), None, ())  # no page at all
    assert not is_own_page(ours, "https://public.example", ())
    assert is_own_page(ours, "https://public.example", ("http://a.example:8000",))
    assert not is_own_page(read("/sync/a", origin="null", host="a.example"), None, ())
