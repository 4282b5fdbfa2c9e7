"""Invitation links: made for a role, for one person, until a time; revoked; a room's end that was said ahead."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.server import ServerProcess
from tests.wire.client import Client, Event, Room
from tests.wire.conftest import StartServer
from tests.wire.test_hosting import ask, member


def make(room: Room, **wish: str | int | bool) -> Event:
    answer = ask(room, "POST", "/invites", None, **wish)
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "key": answer.json()["link"].partition("#")[2]}


def now_ms() -> int:
    return int(time.time() * 1000)


@pytest.mark.parametrize("role", ["viewer", "editor", "host"])
def test_a_link_gives_its_role_until_it_is_revoked(server: ServerProcess, role: str) -> None:
    room = Room.open(server.url, guest_role="none")
    invite = make(room, role=role, label="  for\u202e Grace ")
    assert (invite["label"], invite["good"], invite["used_at"]) == ("for Grace", True, None)
    assert invite["link"].startswith(f"{server.url}/r/{room.id}#")
    assert member(room, key=invite["key"])["role"] == role
    assert [one["used_at"] is not None for one in ask(room, "GET", "/invites").json()["invites"] if one["id"] == invite["id"]] == [True]
    assert ask(room, "DELETE", f"/invites/{invite['id']}").json()["good"] is False
    answer = room.ask_to_join("Eve", key=invite["key"])
    assert (answer.status_code, "withdrew" in answer.json()["detail"]) == (403, True)


def test_of_many_who_come_at_once_by_a_link_for_one_one_gets_in(server: ServerProcess) -> None:
    room = Room.open(server.url, guest_role="none")
    invite = make(room, role="editor", single_use=True)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: room.ask_to_join(f"Lin {number}", key=invite["key"]).status_code, range(8)))
    assert sorted(answers) == [200] + [403] * 7


def test_a_dated_link_ends(server: ServerProcess) -> None:
    room = Room.open(server.url, guest_role="none")
    soon = now_ms() + 1500
    invite = make(room, role="editor", expires_at=soon)
    assert room.ask_to_join("Lin", key=invite["key"]).status_code in (200, 403)  # on a slow machine it may have ended
    deadline = time.monotonic() + 20
    while (answer := room.ask_to_join("Eve", key=invite["key"])).status_code == 200 and time.monotonic() < deadline:
        pass
    assert (answer.status_code, "run out" in answer.json()["detail"]) == (403, True)
    assert now_ms() >= soon
    assert ask(room, "POST", "/invites", role="editor", expires_at=now_ms() - 1).status_code == 400


def test_a_standing_link_that_is_revoked_becomes_another(server: ServerProcess) -> None:
    room = Room.open(server.url, guest_role="none")
    fresh = ask(room, "DELETE", "/invites/editor").json()
    assert fresh["good"] is True
    assert room.ask_to_join("Lin", key=room.key("editor")).status_code == 403
    assert member(room, key=fresh["link"].partition("#")[2])["role"] == "editor"
    assert ask(room, "GET", "").json()["links"]["editor"] == fresh["link"]


def test_invitations_are_for_hosts(server: ServerProcess) -> None:
    room = Room.open(server.url)
    editor = room.join()
    assert ask(room, "GET", "/invites", editor).status_code == 403
    assert ask(room, "POST", "/invites", editor, role="viewer").status_code == 403
    assert ask(room, "DELETE", "/invites/editor", editor).status_code == 403
    assert ask(room, "DELETE", "/invites/none-such").status_code == 404
    assert {one["id"] for one in ask(room, "GET", "/invites").json()["invites"]} == {"viewer", "editor", "host"}


def test_a_room_has_so_many_links_and_revoked_ones_do_not_count(start_server: StartServer) -> None:
    room = Room.open(start_server(invites_per_room=2).url)
    first = make(room, role="editor")
    make(room, role="editor")
    assert ask(room, "POST", "/invites", role="editor").status_code == 409
    ask(room, "DELETE", f"/invites/{first['id']}")
    make(room, role="editor")


async def test_a_room_ends_when_its_time_has_come(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        assert ask(room, "PATCH", "", expires_at=now_ms() + 60_000).json()["expires_at"] > now_ms()
        assert (await ada.event("room.changed"))["room"]["expires_at"] is not None
        assert ask(room, "PATCH", "", expires_at=0).json()["expires_at"] is None
        assert ask(room, "PATCH", "", expires_at=now_ms() - 1).status_code == 400
        ask(room, "PATCH", "", expires_at=now_ms() + 700)
        await ada.event("room.ended", by=None)
        assert await ada.until_closed() == 4410
    assert httpx.get(f"{server.url}/api/rooms/{room.id}").status_code == 410
