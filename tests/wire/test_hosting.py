"""Hosts act on people: roles, removal, sharing and handing over; effective at once, and not undone by what somebody still holds."""

import contextlib

import httpx
import websockets

from fourhands.protocol.sync import Kind
from tests.server import ServerProcess
from tests.wire.client import Client, Event, Room, bearer, clients


def ask(room: Room, method: str, path: str, token: str | None = None, **body: object) -> httpx.Response:
    sent = {"json": body} if body else {}
    return httpx.request(method, f"{room.url}/api/rooms/{room.id}{path}", headers=bearer(token or room.host), **sent)  # pyright: ignore[reportArgumentType]


def member(room: Room, name: str = "Lin", **given: str | None) -> Event:
    """Somebody who joined: `{token, member, role, state}`."""
    answer = room.ask_to_join(name, **given)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(room: Room, token: str) -> int | None:
    late = Client(room.url, room.id, token)
    await late.connect()
    return late.closed


async def test_a_role_is_lowered_and_raised_on_a_live_connection(server: ServerProcess) -> None:
    room = Room.open(server.url)
    guest = member(room)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, guest["token"])) as (ada, lin):
        await lin.insert(0, "one")
        await ada.until_text("one")
        answer = ask(room, "PATCH", f"/members/{guest['member']}", role="viewer")
        assert (answer.status_code, answer.json()["role"]) == (200, "viewer")
        said = await lin.event("member.changed", by=room.opened["member"])
        assert said["member"]["role"] == "viewer"
        await lin.insert(3, " two")
        await lin.event("error", code="forbidden", sync=lin.sent)
        assert lin.closed is None
        assert ask(room, "PATCH", f"/members/{guest['member']}", role="editor").status_code == 200
        await ada.until_text("one two")  # what was refused is asked for again


async def test_a_lowered_role_is_not_raised_by_a_token_or_a_links_key(server: ServerProcess) -> None:
    room = Room.open(server.url)
    guest = member(room, key=room.key("host"))
    assert guest["role"] == "host"
    assert ask(room, "PATCH", f"/members/{guest['member']}", role="viewer").status_code == 200
    again = member(room, token=guest["token"], key=room.key("editor"))
    assert (again["member"], again["role"]) == (guest["member"], "viewer")
    assert room.ask_to_join("Lin", key=room.key("host")).status_code == 403, "a host's key that they knew is another now"
    links = ask(room, "GET", "").json()["links"]
    assert not links["host"].endswith(room.key("host"))
    assert links["editor"].endswith(room.key("editor"))
    assert member(room, "Eve", key=links["host"].partition("#")[2])["role"] == "host"


async def test_somebody_who_is_removed_is_away_at_once_and_stays_away(server: ServerProcess) -> None:
    room = Room.open(server.url)
    guest = member(room)
    async with clients(
        Client(server.url, room.id, room.host), Client(server.url, room.id, guest["token"]), Client(server.url, room.id, guest["token"], plain=True)
    ) as (ada, lin, other_tab):
        assert ask(room, "PATCH", f"/members/{guest['member']}", state="removed").json()["state"] == "removed"
        assert await lin.until_closed() == 4403
        assert await other_tab.until_closed() == 4403
        await ada.event("member.removed", member=guest["member"], by=room.opened["member"])
        await ada.event("member.left", member=guest["member"])
        assert await refused(room, guest["token"]) == 4403
        assert room.ask_to_join("Lin", token=guest["token"]).status_code == 403
        assert room.ask_to_join("Lin", token=guest["token"], key=room.key("editor")).status_code == 403
        assert ask(room, "GET", "/files/main", guest["token"]).status_code == 403
        assert [one["id"] for one in ask(room, "GET", "/members").json()["members"] if one["state"] == "removed"] == [guest["member"]]
        assert ask(room, "PATCH", f"/members/{guest['member']}", state="in").status_code == 200
        async with Client(server.url, room.id, guest["token"]) as back:
            assert back.closed is None


async def test_an_edit_behind_a_removal_is_not_taken(server: ServerProcess) -> None:
    room = Room.open(server.url)
    guest = member(room)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, guest["token"])) as (ada, lin):
        ask(room, "PATCH", f"/members/{guest['member']}", state="removed")
        lin.text.insert(0, "late")
        with contextlib.suppress(websockets.ConnectionClosed):  # which is as good
            await lin.flush()
        await ada.event("member.left", member=guest["member"])
        await ada.answered()
        assert str(ada.text) == ""


async def test_hosting_is_shared_and_handed_over_and_a_room_outlives_who_opened_it(server: ServerProcess) -> None:
    room = Room.open(server.url)
    guest = member(room)
    me = room.opened["member"]
    assert ask(room, "PATCH", f"/members/{me}", role="editor").status_code == 409, "the only host"
    assert ask(room, "PATCH", f"/members/{guest['member']}", role="host").status_code == 200
    assert ask(room, "PATCH", f"/members/{me}", role="editor").status_code == 200
    assert ask(room, "PATCH", "", title="mine").status_code == 403
    assert ask(room, "PATCH", "", guest["token"], title="ours").status_code == 200
    assert ask(room, "PATCH", f"/members/{me}", guest["token"], state="removed").status_code == 200
    async with Client(server.url, room.id, guest["token"]) as lin:
        await lin.insert(0, "still here")
        await lin.until_saved()


async def test_only_hosts_see_and_change_members(server: ServerProcess) -> None:
    room = Room.open(server.url)
    guest = member(room)
    for token, status in ((guest["token"], 403), (room.host, 200)):
        assert ask(room, "GET", "/members", token).status_code == status
        assert ask(room, "PATCH", f"/members/{guest['member']}", token, role="editor").status_code == status
    assert ask(room, "PATCH", "/members/nobody", role="editor").status_code == 404
    assert ask(room, "PATCH", f"/members/{guest['member']}", state="waiting").status_code == 422
    assert ask(room, "PATCH", f"/members/{room.opened['member']}", state="removed").status_code == 400


async def test_read_only_holds_for_all_but_hosts_and_is_lifted_live(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        assert ask(room, "PATCH", "", read_only=True).json()["read_only"] is True
        await lin.event("room.changed")
        await lin.insert(0, "no")
        error = await lin.event("error", code="forbidden", sync=lin.sent)
        assert "read-only" in error["message"]
        assert sum(message.kind is Kind.AUTH for message in lin.messages) == 1
        await ada.insert(0, "host ")
        await lin.until(lambda: "host" in str(lin.text))
        async with Client(server.url, room.id, room.join("Eve"), plain=True) as eve:  # came in while it was read-only
            await eve.insert(0, "not I")
            await eve.until(lambda: any(message.kind is Kind.AUTH for message in eve.messages))
        ask(room, "PATCH", "", read_only=False)
        await ada.until(lambda: "no" in str(ada.text))
        assert "not I" not in str(ada.text)


async def test_runs_are_for_whom_the_host_says(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        for number, (role, guest_runs, host_runs) in enumerate((("host", False, True), ("none", False, False), ("editor", True, True))):
            assert ask(room, "PATCH", "", run_role=role).json()["run_role"] == role
            for name, client, runs in (("a", ada, host_runs), ("b", lin, guest_runs)):
                run = f"run0000{name}{number}"
                await client.say("run.start", run=run, language="python", file="main.py")
                if runs:
                    other = lin if client is ada else ada
                    await other.until(lambda other=other, run=run: any(one["type"] == "run.started" and one["run"]["id"] == run for one in other.events))
                    await client.say("run.end", run=run, status="ok", code=0, ms=1)
                else:
                    assert (await client.event("error", ref=run))["code"] == "forbidden"


async def test_a_locked_room_takes_nobody_new_but_its_own_and_hosts(server: ServerProcess) -> None:
    room = Room.open(server.url)
    guest = member(room)
    assert ask(room, "PATCH", "", locked=True).json()["state"] == "locked"
    assert httpx.get(f"{server.url}/api/rooms/{room.id}").json()["state"] == "locked"
    for key in (None, room.key("editor")):
        answer = room.ask_to_join("Eve", key=key)
        assert (answer.status_code, "locked" in answer.json()["detail"]) == (403, True)
    assert member(room, token=guest["token"])["member"] == guest["member"]
    assert member(room, "Grace", key=room.key("host"))["role"] == "host"
    ask(room, "PATCH", "", locked=False)
    assert room.ask_to_join("Eve").status_code == 200


async def test_a_client_that_says_nothing_of_events_is_told_by_close_codes(server: ServerProcess) -> None:
    room = Room.open(server.url)
    guest = member(room)
    ask(room, "PATCH", f"/members/{guest['member']}", state="removed")
    plain = Client(server.url, room.id, guest["token"], plain=True)
    await plain.connect()
    assert await plain.until_closed() == 4403
    nobody = Client(server.url, room.id, None, plain=True)
    await nobody.connect()
    assert await nobody.until_closed() == 4401
