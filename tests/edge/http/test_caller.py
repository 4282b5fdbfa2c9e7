"""Who calls, and under which address."""

import pytest
from fastapi import Request, Response

from fourhands.access.tokens import RoomTokens
from fourhands.edge.http.caller import Outside, base_url, bearer, own_origin, require_own, set_cookies
from fourhands.errors import Forbidden, InvalidRequest

PLAIN = Outside("", "", ())


def request(scheme: str = "http", **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "scheme": scheme, "server": ("x", 80), "headers": named})


@pytest.mark.parametrize("host", ["a.example", "a.example:8000", "127.0.0.1:80", "[::1]:8000"])
def test_the_address_is_that_of_the_request(host: str) -> None:
    assert own_origin(request(host=host)) == f"http://{host}"
    assert base_url(request("https", host=host), Outside("/pad", "", ())) == f"https://{host}/pad"
    assert base_url(request(host=host), Outside("", "https://public.example/pad", ())) == "https://public.example/pad"


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a\r\nX: y", "evil.example;", "a:b", "[::1"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(InvalidRequest):
        own_origin(request(host=host))


@pytest.mark.parametrize(("header", "token"), [("Bearer abc", "abc"), ("bearer abc ", "abc"), ("Basic abc", None), ("Bearer ", None), ("", None)])
def test_bearer_tokens(header: str, token: str | None) -> None:
    assert bearer(request(authorization=header)) == token


def test_a_program_without_cookies_need_not_say_where_it_comes_from() -> None:
    require_own(request(host="a.example"), PLAIN)
    with pytest.raises(Forbidden):
        require_own(request(host="a.example", cookie="fourhands=x"), PLAIN)


def test_our_own_page_and_listed_origins_may_write() -> None:
    require_own(request(host="a.example", cookie="x=y", origin="http://a.example"), PLAIN)
    require_own(request(host="inner:8000", origin="https://pad.example"), Outside("", "https://pad.example/x", ()))
    require_own(request(host="a.example", sec_fetch_site="cross-site", origin="https://friend.example"), Outside("", "", ("https://friend.example",)))
    with pytest.raises(Forbidden):
        require_own(request(host="a.example", origin="https://evil.example"), PLAIN)


def test_cookies_are_secure_behind_tls() -> None:
    token = RoomTokens("a secret for tests", 60).issue("room", "me", 0)
    for asked, outside, secure in (
        (request("https", host="a"), PLAIN, True),
        (request(host="a"), PLAIN, False),
        (request(host="a"), Outside("", "https://a", ()), True),
    ):
        response = Response()
        set_cookies(response, asked, outside, room_id="room", token=token, valid_seconds=60)
        for header in response.headers.getlist("set-cookie"):
            assert ("Secure" in header) is secure
            assert "HttpOnly" in header
            assert "SameSite=lax" in header
