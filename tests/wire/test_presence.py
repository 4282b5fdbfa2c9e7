"""Presence cannot be forged, no honest client is punished, and nobody stays visible who has left."""

from tests.server import ServerProcess
from tests.wire.client import Client, Room, clients


async def test_who_somebody_is_comes_from_the_server(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        await lin.present(77, 1, {"user": {"name": "The boss", "color": "#000000"}, "cursor": {"anchor": 1}})
        await ada.until(lambda: 77 in ada.states)
        _, state = ada.states[77]
        assert state is not None
        assert (state["user"]["name"], state["cursor"]) == ("Lin", {"anchor": 1})


async def test_what_is_said_about_others_is_dropped_silently(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        await ada.present(11, 1, {"cursor": 1})
        await lin.until(lambda: 11 in lin.states)
        await lin.present(22, 1, {})
        await lin.present(11, 5, {"cursor": 666})  # forged, or an echo as y-websocket sends it
        await lin.present(11, 6, None)
        await lin.answered()
        await ada.present(11, 2, {"cursor": 2})
        await lin.until(lambda: lin.states[11][0] == 2)
        assert lin.states[11][1] is not None and lin.states[11][1]["cursor"] == 2
        assert lin.closed is None


async def test_who_leaves_is_gone_for_everyone(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        lin = Client(server.url, room.id, room.join("Lin"))
        await lin.connect()
        await lin.present(22, 1, {})
        await ada.until(lambda: 22 in ada.states)
        await lin.drop()
        await ada.until(lambda: ada.states[22][1] is None)
        await ada.event("member.left")


async def test_who_returns_with_an_old_clock_is_seen_again(server: ServerProcess) -> None:
    room = Room.open(server.url)
    token = room.join("Lin")
    async with Client(server.url, room.id, room.host) as ada:
        for _ in range(3):
            lin = Client(server.url, room.id, token)
            await lin.connect()
            await lin.present(22, 1, {"cursor": "here"})
            await ada.until(lambda: 22 in ada.states and ada.states[22][1] is not None)
            clock = ada.states[22][0]
            await lin.drop()
            await ada.until(lambda clock=clock: ada.states[22][1] is None and ada.states[22][0] > clock)


async def test_the_same_members_newer_connection_takes_over(server: ServerProcess) -> None:
    room = Room.open(server.url)
    token = room.join("Lin")
    async with Client(server.url, room.id, room.host) as ada:
        older, newer = Client(server.url, room.id, token), Client(server.url, room.id, token)
        await older.connect()  # half-open: the network went away without a word
        await older.present(22, 1, {"cursor": "old"})
        await ada.until(lambda: 22 in ada.states)
        await newer.connect()
        await newer.present(22, 2, {"cursor": "new"})
        assert await older.until_closed() == 4409
        await ada.until(lambda: (ada.states[22][1] or {}).get("cursor") == "new")
        assert newer.closed is None
        await newer.leave()


async def test_two_tabs_of_a_member_are_two_cursors_and_one_person(server: ServerProcess) -> None:
    room = Room.open(server.url)
    token = room.join("Lin")
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, token), Client(server.url, room.id, token)) as (ada, one, other):
        await one.present(21, 1, {})
        await other.present(22, 1, {})
        await one.until(lambda: 22 in one.states)
        await one.present(22, 1, {})  # the echo
        await one.answered()
        await ada.until(lambda: {21, 22} <= ada.states.keys())
        assert (one.closed, other.closed) == (None, None)
        joined = [event for event in ada.events if event["type"] == "member.joined"]
        assert len(joined) == 1
        await one.leave()
        await ada.until(lambda: ada.states[21][1] is None)
        assert not [event for event in ada.events if event["type"] == "member.left"]


async def test_a_new_name_reaches_everyone_and_every_cursor(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        await lin.present(22, 1, {})
        await ada.until(lambda: 22 in ada.states)
        await lin.say("member.change", name="Lin Yao", color="#123456")
        changed = await ada.event("member.changed")
        assert (changed["member"]["name"], changed["member"]["color"]) == ("Lin Yao", "#123456")
        await ada.until(lambda: (ada.states[22][1] or {})["user"]["name"] == "Lin Yao")


async def test_states_that_are_too_large_or_no_object_close_their_sender(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        await lin.present(22, 1, {"x": "y" * 20_000})
        assert await lin.until_closed() == 4400
        await ada.answered()
        assert 22 not in ada.states
