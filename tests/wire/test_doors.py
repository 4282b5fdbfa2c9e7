"""How people get in: cookies, tokens, origins, names of rooms, and a proxy's sub-path."""

from http.cookies import SimpleCookie

import httpx
import pytest

from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer
from tests.wire.conftest import StartServer


def cookies_of(answer: httpx.Response) -> dict[str, SimpleCookie]:
    """Path -> cookie, as the answer sets them."""
    found: dict[str, SimpleCookie] = {}
    for header in answer.headers.get_list("set-cookie"):
        cookie = SimpleCookie(header)
        found[cookie["fourhands"]["path"]] = cookie
    return found


async def refused(server: ServerProcess, room: str, token: str | None = None, **headers: str) -> int:
    client = Client(server.url, room, token, headers=headers)
    await client.connect()
    code = client.closed
    await client.leave()
    assert code is not None, "it was let in"
    return code


def test_cookies_are_for_one_room_alone(server: ServerProcess) -> None:
    answer = httpx.post(f"{server.url}/api/rooms", json={})
    room_id = answer.json()["id"]
    cookies = cookies_of(answer)
    assert set(cookies) == {f"/sync/{room_id}", f"/api/rooms/{room_id}"}
    for cookie in cookies.values():
        morsel = cookie["fourhands"]
        assert morsel["httponly"]
        assert morsel["samesite"].lower() == "lax"
        assert not morsel["secure"]  # plain HTTP here
        assert morsel["max-age"] == str(24 * 3600)


def test_two_rooms_in_one_browser_do_not_collide(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.url) as browser:
        one, other = (browser.post("/api/rooms", json={"name": name}).json() for name in ("Ada", "Lin"))
        assert browser.get(f"/api/rooms/{one['id']}").json()["me"]["name"] == "Ada"
        assert browser.get(f"/api/rooms/{other['id']}").json()["me"]["name"] == "Lin"


def test_a_second_tab_is_the_same_member_and_may_take_another_name(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.url) as browser:
        room = browser.post("/api/rooms", json={"name": "Ada"}).json()
        own = {"Sec-Fetch-Site": "same-origin"}
        joined = browser.post(f"/api/rooms/{room['id']}/join", json={"name": "Ada L."}, headers=own).json()
        assert (joined["member"], joined["role"]) == (room["member"], "host")
        assert browser.get(f"/api/rooms/{room['id']}").json()["me"]["name"] == "Ada L."


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "OWN"}, 200),
        ({}, 403),
    ],
)
def test_a_write_by_cookie_must_come_from_our_own_page(server: ServerProcess, headers: dict[str, str], status: int) -> None:
    headers = {name: value.replace("OWN", server.url) for name, value in headers.items()}
    with httpx.Client(base_url=server.url) as browser:
        room = browser.post("/api/rooms", json={}).json()
        assert browser.patch(f"/api/rooms/{room['id']}", json={"title": "New"}, headers=headers).status_code == status
    assert httpx.patch(f"{server.url}/api/rooms/{room['id']}", json={"title": "New"}, headers={**bearer(room["token"]), **headers}).status_code == 200


async def test_a_cookie_counts_on_the_socket_from_our_own_page_only(server: ServerProcess) -> None:
    room = Room.open(server.url)
    cookie = {"Cookie": f"fourhands={room.host}"}
    async with Client(server.url, room.id, headers={**cookie, "Origin": server.url}) as ada:
        assert (await ada.event("welcome"))["me"]["role"] == "host"
    assert await refused(server, room.id, **cookie, Origin="http://evil.example") == 4403
    async with Client(server.url, room.id, room.host, headers={"Origin": "http://other.example"}) as lin:
        assert lin.closed is None  # its token is not ambient


async def test_tokens_that_do_not_count(server: ServerProcess) -> None:
    room, other = Room.open(server.url), Room.open(server.url)
    assert await refused(server, room.id) == 4401
    assert await refused(server, room.id, "nonsense") == 4401
    assert await refused(server, room.id, other.host) == 4401
    assert await refused(server, room.id, room.host[:-2] + "xx") == 4401
    assert await refused(server, "aaaa-bbbb-cccc", room.host) == 4404
    assert await refused(server, "no/such", room.host) == 4404
    assert httpx.get(f"{server.url}/api/rooms/{room.id}", headers=bearer("nonsense")).status_code == 401


async def test_no_token_gets_into_the_log(start_server: StartServer) -> None:
    server = start_server(log_level="debug")
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.socket.send(b"\x07")
        await ada.until_closed()
    await refused(server, room.id, "not.a.token")
    assert "connection.refused" in server.log
    assert room.host not in server.log
    assert "not.a.token" not in server.log
    assert room.key("host") not in server.log


def test_a_code_may_be_typed_in_any_form(server: ServerProcess) -> None:
    room = Room.open(server.url)
    for form in (room.id.upper(), room.id.replace("-", ""), room.id.replace("-", "%20")):
        assert httpx.get(f"{server.url}/api/rooms/{form}").json()["id"] == room.id


def test_an_unknown_room_is_said_to_be_unknown(server: ServerProcess) -> None:
    answer = httpx.get(f"{server.url}/api/rooms/aaaa-bbbb-cccc")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"language": "klingon"}, 400),
        ({"title": "t" * 81}, 400),
        ({"title": "t" * 80}, 201),
        ({"name": "n" * 41}, 400),
        ({"name": "n" * 40}, 201),
        ({"name": " \u200b "}, 400),
        ({"color": "red"}, 400),
        ({"guest_role": "king"}, 422),
        ({"nonsense": 1}, 422),
        ([], 422),
    ],
)
def test_what_a_room_is_opened_with_is_checked(server: ServerProcess, body: object, status: int) -> None:
    answer = httpx.post(f"{server.url}/api/rooms", json=body)
    assert answer.status_code == status
    if status >= 400:
        assert answer.json()["detail"]


def test_a_request_may_be_as_large_as_the_limit(start_server: StartServer) -> None:
    server = start_server(request_bytes=2048)
    too_much = b"{" + b" " * 2048 + b"}"
    answer = httpx.post(f"{server.url}/api/rooms", content=too_much, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    chunks = httpx.post(f"{server.url}/api/rooms", content=iter([too_much[:1500], too_much[1500:]]), headers={"Content-Type": "application/json"})
    assert chunks.status_code == 413
    assert httpx.post(f"{server.url}/api/rooms", content=b"{" + b" " * 2046 + b"}", headers={"Content-Type": "application/json"}).status_code == 201


async def test_everything_works_below_a_sub_path_whether_the_proxy_takes_it_off_or_not(start_server: StartServer) -> None:
    server = start_server(root_path="/pad")
    bare = server.url.removesuffix("/pad")
    for base in (server.url, bare):
        answer = httpx.post(f"{base}/api/rooms", json={})
        room = Room(base, answer.json())
        assert room.opened["url"] == f"{bare}/pad/r/{room.id}"
        assert set(cookies_of(answer)) == {f"/pad/sync/{room.id}", f"/pad/api/rooms/{room.id}"}
        async with Client(base, room.id, room.host) as ada:
            await ada.insert(0, "x")
            await ada.until_saved()


async def test_rooms_that_joining_opens_are_off_unless_set(server: ServerProcess, start_server: StartServer) -> None:
    assert await refused(server, "standup") == 4404
    adhoc = start_server(adhoc_rooms=1)
    async with Client(adhoc.url, "standup") as guest:
        assert (await guest.event("welcome"))["me"]["name"] == "Guest 1"
        await guest.insert(0, "hello")
        await guest.until_saved()
        await guest.say("member.change", name="Kim")
        assert (await guest.event("member.changed"))["member"]["name"] == "Kim"
    async with Client(adhoc.url, "standup", plain=True) as again:
        assert str(again.text) == "hello"
    assert await refused(adhoc, "not.a.name") == 4404
    assert await refused(adhoc, "aaaa-bbbb-cccc") == 4404
    assert await refused(adhoc, "standup", Origin="http://evil.example") == 4403


async def test_a_room_holds_as_many_people_as_set(start_server: StartServer) -> None:
    server = start_server(people_per_room=2)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host), Client(server.url, room.id, room.join()):
        assert await refused(server, room.id, room.join()) == 4503
