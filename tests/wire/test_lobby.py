"""The lobby: who waits is not in the room, and nothing of it reaches them; a host lets in or refuses, live."""

from fourhands.protocol import sync
from tests.server import ServerProcess
from tests.wire.client import Client, Event, Room, clients
from tests.wire.test_hosting import ask, member, refused


async def with_lobby(server: ServerProcess) -> tuple[Room, Event]:
    room = Room.open(server.url, title="Two sum")
    assert ask(room, "PATCH", "", lobby=True).json()["lobby"] is True
    guest = member(room)
    assert (guest["state"], guest["role"]) == ("waiting", "editor")
    return room, guest


async def connected(room: Room, token: str, *, plain: bool = False) -> Client:
    """A client that is at the door: it need not be in step with the room."""
    client = Client(room.url, room.id, token, plain=plain)
    await client.connect_only()
    return client


async def test_nothing_of_the_room_reaches_who_waits_until_they_are_let_in(server: ServerProcess) -> None:
    room, guest = await with_lobby(server)
    async with Client(server.url, room.id, room.host) as ada:
        lin = await connected(room, guest["token"])
        assert await lin.event("lobby.wait", title="Two sum")
        knock = await ada.event("lobby.knock")
        assert (knock["member"]["id"], knock["member"]["name"]) == (guest["member"], "Lin")
        await ada.insert(0, "secret")
        await ada.say("chat", text="about Lin")
        await ada.present(7, 1, {"cursor": 1})
        await ada.event("chat")
        await lin.insert(0, "early")
        await ada.answered()
        assert [event["type"] for event in lin.events] == ["lobby.wait"]
        assert len(lin.messages) == 1
        assert str(ada.text) == "secret"
        assert [one["name"] for one in ask(room, "GET", "").json()["people"]] == ["Ada"]
        assert ask(room, "GET", "", guest["token"]).json()["people"] == []
        for path in ("/files/main", "/history", "/runs", "/members"):
            assert ask(room, "GET", path, guest["token"]).status_code == 403
        assert ask(room, "PATCH", f"/members/{guest['member']}", state="in").status_code == 200
        await lin.event("welcome")
        await ada.event("lobby.left", member=guest["member"])
        await ada.event("member.joined")
        await lin.until(lambda: "secret" in str(lin.text))
        await lin.leave()


async def test_who_waits_may_say_little_before_they_are_let_in(server: ServerProcess) -> None:
    """What comes early is kept in memory, of people who are nobody yet."""
    room, guest = await with_lobby(server)
    modest, greedy = await connected(room, guest["token"]), await connected(room, guest["token"])
    await modest.socket.send(sync.update(bytes(200 * 1024)))
    for _ in range(2):
        await greedy.socket.send(sync.update(bytes(200 * 1024)))
    assert await greedy.until_closed() == 4529
    assert modest.closed is None
    await modest.leave()


async def test_a_plain_client_waits_too_and_is_in_once_let_in(server: ServerProcess) -> None:
    room, guest = await with_lobby(server)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "text")
        lin = await connected(room, guest["token"], plain=True)
        await ada.event("lobby.knock")
        assert lin.messages == []
        ask(room, "PATCH", f"/members/{guest['member']}", state="in")
        await lin.until_text("text")
        await lin.leave()


async def test_who_is_refused_hears_so_and_cannot_ask_again(server: ServerProcess) -> None:
    room, guest = await with_lobby(server)
    lin, other = await connected(room, guest["token"]), await connected(room, guest["token"], plain=True)
    await lin.event("lobby.wait")
    ask(room, "PATCH", f"/members/{guest['member']}", state="removed")
    assert [await lin.until_closed(), await other.until_closed()] == [4403, 4403]
    assert await refused(room, guest["token"]) == 4403
    assert room.ask_to_join("Lin", token=guest["token"]).status_code == 403


async def test_hosts_who_come_later_are_told_who_waits_and_who_went(server: ServerProcess) -> None:
    room, guest = await with_lobby(server)
    lin = await connected(room, guest["token"])
    await lin.event("lobby.wait")
    editor = member(room, "Eve", key=room.key("host"))
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, editor["token"])) as (ada, _eve):
        assert [one["name"] for one in (await ada.event("welcome"))["waiting"]] == ["Lin"]
        await lin.leave()
        await ada.event("lobby.left", member=guest["member"])
    async with Client(server.url, room.id, room.host) as again:
        assert (await again.event("welcome"))["waiting"] == []


async def test_only_hosts_hear_of_who_waits_and_a_new_host_does_at_once(server: ServerProcess) -> None:
    room = Room.open(server.url)
    eve = member(room, "Eve")
    ask(room, "PATCH", "", lobby=True)
    guest = member(room)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, eve["token"])) as (ada, inside):
        lin = await connected(room, guest["token"])
        await ada.event("lobby.knock")
        await inside.answered()
        assert not [event for event in inside.events if event["type"].startswith("lobby.")]
        ask(room, "PATCH", f"/members/{eve['member']}", role="host")
        await inside.event("lobby.knock")
        await lin.leave()


async def test_known_people_and_hosts_keys_do_not_wait(server: ServerProcess) -> None:
    room = Room.open(server.url)
    known = member(room)
    ask(room, "PATCH", "", lobby=True)
    assert member(room, token=known["token"])["state"] == "in"
    assert member(room, "Grace", key=room.key("host"))["state"] == "in"
    waiting = member(room, "Eve", key=room.key("editor"))
    assert waiting["state"] == "waiting"
    assert member(room, "Eve", token=waiting["token"])["state"] == "waiting", "asking again changes nothing"
    assert member(room, "Eve", token=waiting["token"], key=room.key("host"))["state"] == "in"


async def test_without_a_lobby_any_more_all_are_let_in(server: ServerProcess) -> None:
    room, guest = await with_lobby(server)
    lin = await connected(room, guest["token"])
    await lin.event("lobby.wait")
    away = member(room, "Away")
    ask(room, "PATCH", "", lobby=False)
    await lin.event("welcome")
    await lin.leave()
    assert member(room, "Away", token=away["token"])["state"] == "in"


async def test_the_end_of_the_room_reaches_who_waits(server: ServerProcess) -> None:
    room, guest = await with_lobby(server)
    lin = await connected(room, guest["token"])
    await lin.event("lobby.wait")
    assert ask(room, "DELETE", "").status_code == 204
    assert await lin.until_closed() == 4410
