"""What is one person's own: written out for them, and their name taken out."""

import json

import pytest

from fourhands.actions.own_data import SOMEONE, export_account, export_own, forget_own_name, forget_own_words, own_in
from fourhands.errors import Unauthenticated
from fourhands.model.account import Account, Team
from fourhands.model.entry import EntryKind
from fourhands.protocol.redacting import ERASED
from fourhands.room.chat import say
from tests.actions.test_erase_text import Page
from tests.house import House


async def spoken(house: House) -> str:
    """A room in which Ada and Lin wrote, said and ran something."""
    opened = await house.open(name="Host")
    for name, client in (("Ada", 11), ("Lin", 12)):
        room, peer, _ = await house.enter(opened.room.id, name)
        Page(room, client).sends(room, peer, 0, f"by {name}\n")
        say(room, peer, f"I am {name}", None)
        run = {"id": f"run{name.lower()}1234", "member": peer.member.id, "name": name, "language": "python", "file": "main", "where": "server", "at": 1}
        room.note(EntryKind.RUN, json.dumps({**run, "status": "ok", "output": [["stdout", f"output of {name}"]]}).encode(), peer.member.id)
    await house.written()
    return opened.room.id


async def lines(house: House, room_id: str, member_id: str) -> list[dict[str, object]]:
    own = await own_in(house.place, room_id, member_id)
    return [json.loads(line) async for line in export_own(house.place, own)]


async def test_one_gets_what_is_by_oneself_with_its_time_and_nothing_of_others(house: House) -> None:
    room_id = await spoken(house)
    told = await lines(house, room_id, "ada")
    assert [line["type"] for line in told] == ["room", "member", *["event"] * (len(told) - 3), "end"]
    assert told[1]["name"] == "Ada"
    events = told[2:-1]
    assert {event["kind"] for event in events} == {"edit", "chat", "run"}
    assert all(event["member"] == "ada" and isinstance(event["at"], int) for event in events)
    assert told[-1]["events"] == len(events) == 3
    assert "Lin" not in json.dumps(told)


async def test_a_stranger_gets_nothing(house: House) -> None:
    room_id = await spoken(house)
    with pytest.raises(Unauthenticated):
        await own_in(house.place, room_id, None)


async def test_an_account_gets_all_its_rooms(house: House) -> None:
    rooms = [await spoken(house), await spoken(house)]
    account = Account("acc1", "ada", "Ada", "#1d4ed8", False, 1)
    await house.store.accounts.add(account, "a hash", identity=("https://id.example", "person-1"))
    await house.store.accounts.add_team(Team("team1", "Compilers", 1), account.id, most=1)
    for room_id in rooms:
        await house.store.accounts.adopt(room_id, "ada", account.id)
    await house.store.accounts.archive(account.id, rooms[0], 5)
    told = [json.loads(line) async for line in export_account(house.place, account)]
    assert (told[0]["type"], told[0]["teams"]) == ("account", [{"id": "team1", "name": "Compilers", "role": "owner"}])
    assert told[0]["identities"] == [{"issuer": "https://id.example", "subject": "person-1"}]
    assert "a hash" not in json.dumps(told)
    assert {line["id"] for line in told if line["type"] == "room"} == set(rooms)
    assert sum(line["type"] == "event" for line in told) == 6


async def test_a_name_goes_from_people_chat_and_runs_and_texts_stay(house: House) -> None:
    room_id = await spoken(house)
    await forget_own_name(house.place, await own_in(house.place, room_id, "ada"))
    journal = b"\n".join(entry.payload for entry in await house.store.entries(room_id, 0, 100))
    assert b'"name":"Ada"' not in journal
    assert b'"name": "Ada"' not in journal
    assert b"I am Ada" in journal  # what was written is the room's
    assert b'"change":"unnamed"' in journal
    member, other = await house.store.member(room_id, "ada"), await house.store.member(room_id, "lin")
    assert member is not None
    assert other is not None
    assert (member.name, other.name) == (SOMEONE, "Lin")
    room = await house.registry.get(room_id)
    assert room.document.text() == "by Lin\nby Ada\n"
    assert [(message.name, message.text) for message in room.chat] == [(SOMEONE, "I am Ada"), ("Lin", "I am Lin")]
    assert {run.name for run in room.runs.shown()} == {SOMEONE, "Lin"}


async def test_messages_and_runs_lose_what_was_said_in_them_and_nobody_elses_do(house: House) -> None:
    room_id = await spoken(house)
    await forget_own_words(house.place, await own_in(house.place, room_id, "ada"), address="192.0.2.7")
    journal = b"\n".join(entry.payload for entry in await house.store.entries(room_id, 0, 100))
    assert b"I am Ada" not in journal
    assert b"output of Ada" not in journal
    room = await house.registry.get(room_id)
    assert room.document.text() == "by Lin\nby Ada\n"
    assert [(message.name, message.text) for message in room.chat] == [("Ada", ERASED), ("Lin", "I am Lin")]
    assert [(run.name, run.status, run.output) for run in room.runs.shown()] == [("Ada", "ok", []), ("Lin", "ok", [("stdout", "output of Lin")])]
    (noted,) = await house.store.audit.newest(1)
    assert (noted.what, noted.who.id, noted.who.address, noted.room_id) == ("member.unsaid", "ada", "192.0.2.7", room_id)


async def test_an_account_leaves_the_room_with_its_name(house: House) -> None:
    room_id = await spoken(house)
    account = Account("acc1", "ada", "Ada", "#1d4ed8", False, 1)
    await house.store.accounts.add(account, "a hash")
    await house.store.accounts.adopt(room_id, "ada", account.id)
    await forget_own_name(house.place, await own_in(house.place, room_id, "ada"), account_id=account.id)
    assert await house.store.accounts.member_in(account.id, room_id) is None
    assert await house.store.accounts.rooms(account.id, archived=False, team_id=None, before=None, limit=9) == []
