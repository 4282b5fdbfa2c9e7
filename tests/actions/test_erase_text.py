"""Erasing a text from a room and its past."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pycrdt import Doc, Text

from fourhands.actions import erase_text as erase_module
from fourhands.actions.erase_text import erase_text, find_text, next_epoch, wanted_of
from fourhands.actions.read_history import seek_history
from fourhands.errors import Forbidden, InvalidRequest, LimitExceeded, NotFound, Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.protocol.close import CloseCode
from fourhands.room.chat import say
from fourhands.room.edits import edit
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from tests.house import House

SECRET = "s3cr3t-t0ken"


class Page:
    """A Yjs client of a room: what it holds, it goes on holding."""

    def __init__(self, room: LiveRoom, client: int) -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self.doc.apply_update(room.document.state())
        self.text = self.doc.get("file:main", type=Text)

    def sends(self, room: LiveRoom, peer: Peer, at: int, text: str) -> None:
        before = self.doc.get_state()
        self.text.insert(at, text)
        edit(room, peer, self.doc.get_update(before), whole=False)


async def pasted(house: House) -> tuple[str, str, Page]:
    """A room with the secret in its text, chat and title: its id, its host's, and a page that holds all of it."""
    opened = await house.open(title=f"about {SECRET}", name="Ada")
    room, peer, _ = await house.enter(opened.room.id, "Lin")
    page = Page(room, 77)
    page.sends(room, peer, 0, f"key = '{SECRET}'\n")
    say(room, peer, f"look: {SECRET}", None)
    for number, letter in enumerate(SECRET):
        page.sends(room, peer, number, letter)
    before = page.doc.get_state()
    del page.text[0 : len(SECRET)]
    edit(room, peer, page.doc.get_update(before), whole=False)
    await house.written()
    return opened.room.id, opened.host.id, page


async def everything(house: House, room_id: str) -> bytes:
    stored = await house.store.load(room_id)
    assert stored is not None
    return b"\n".join([stored.room.title.encode(), *[entry.payload for entry in await house.store.entries(room_id, 0, 1000)]])


async def test_it_is_told_where_it_stands_and_nothing_is_changed(house: House) -> None:
    room_id, host, _ = await pasted(house)
    before, live = await everything(house, room_id), house.registry.live(room_id)
    report = await find_text(house.place, room_id, host, f"  {SECRET}\r\n")
    assert (report.times, report.document.texts, report.document.now) == (4, {"main": 2}, 1)
    assert (report.chat, report.runs, report.names, report.title, report.clean) == (1, 0, 0, 1, None)
    assert await everything(house, room_id) == before
    assert house.registry.live(room_id) is live


async def test_others_look_back_while_it_is_looked_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    room_id, host, _ = await pasted(house)
    rested, go_on, stretches = asyncio.Event(), asyncio.Event(), 0

    async def rest(_: float) -> None:
        nonlocal stretches
        stretches += 1
        rested.set()
        await go_on.wait()

    monkeypatch.setattr(erase_module, "rest", rest)
    monkeypatch.setattr(erase_module, "STRETCH_SECONDS", 0)
    looking = asyncio.create_task(find_text(house.place, room_id, host, SECRET))
    await rested.wait()
    standing = await asyncio.wait_for(seek_history(house.place, room_id, host, at_ms=house.clock.now_ms()), 20)
    assert SECRET in standing.files[0][1]
    with pytest.raises(LimitExceeded):
        await find_text(house.place, room_id, host, SECRET)
    assert not looking.done()
    go_on.set()
    assert (await looking).times == 4
    assert stretches > 5, "an entry each"


async def test_it_leaves_text_history_chat_and_title_and_everybody_is_connected_again(house: House) -> None:
    room_id, host, _ = await pasted(house)
    epoch = (await house.registry.room_for(room_id)).epoch
    _, _, lin = await house.enter(room_id, "Lin")
    report = await erase_text(house.place, room_id, host, SECRET)
    assert (report.times, report.clean) == (4, True)
    assert lin.events()[-1] == {"type": "room.erased", "by": host}
    assert lin.closed is not None
    assert lin.closed[0] is CloseCode.RESTART
    assert SECRET.encode() not in await everything(house, room_id)
    room, _, newcomer = await house.enter(room_id, "Lin")
    assert (room.document.text(), room.room.title) == ("key = ''\n", "about [erased]")
    assert [message.text for message in room.chat] == ["look: [erased]"]
    (welcome,) = newcomer.events("welcome")
    assert welcome["epoch"] != epoch
    assert welcome["epoch"].startswith(f"{epoch}.")


async def test_a_mark_stays_in_the_journal_and_the_audit_log_that_does_not_say_what(house: House) -> None:
    room_id, host, _ = await pasted(house)
    await erase_text(house.place, room_id, host, SECRET, address="192.0.2.7")
    (mark,) = [entry for entry in await house.store.tail(room_id, EntryKind.ROOM, 9) if b"erased" in entry.payload]
    assert msgspec.json.decode(mark.payload) == {"change": "erased", "member": host, "characters": 12, "places": 4}
    assert mark.member == host


async def test_a_page_that_holds_the_old_document_does_not_bring_it_back(house: House) -> None:
    """As any Yjs client does: it says what it has, sends what the server lacks, and hears what it lacks itself."""
    room_id, host, page = await pasted(house)
    await erase_text(house.place, room_id, host, SECRET)
    room, peer, screen = await house.enter(room_id, "Lin", events=False)
    page.text.insert(0, "offline ")
    screen.take()
    edit(room, peer, page.doc.get_update(room.document.state_vector()), whole=True)
    assert room.document.text() == "offline key = ''\n"
    page.doc.apply_update(room.document.state(page.doc.get_state()))
    assert str(page.text) == room.document.text()
    edit(room, peer, page.doc.get_update(), whole=True)  # and all that it has, once more
    await house.written()
    assert room.document.text() == "offline key = ''\n"
    assert SECRET.encode() not in await everything(house, room_id)


async def test_erasing_again_finds_nothing_and_sends_nobody_away(house: House) -> None:
    room_id, host, _ = await pasted(house)
    await erase_text(house.place, room_id, host, SECRET)
    _, _, lin = await house.enter(room_id, "Lin")
    with pytest.raises(NotFound, match="nowhere"):
        await erase_text(house.place, room_id, host, SECRET)
    assert lin.closed is None


async def test_whoever_comes_meanwhile_waits_and_finds_it_gone(house: House) -> None:
    room_id, host, _ = await pasted(house)
    erasing = asyncio.create_task(erase_text(house.place, room_id, host, SECRET))
    before = await house.registry.get(room_id)
    async with asyncio.timeout(20):
        while not before.closed:  # noqa: ASYNC110 - nobody says so
            await asyncio.sleep(0.001)
    room = await asyncio.wait_for(house.registry.get(room_id), 20)
    await erasing
    assert room is not before
    assert SECRET not in room.document.text()


async def test_what_somebody_writes_until_they_are_sent_away_is_erased_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    room_id, host, page = await pasted(house)
    room, peer, _ = await house.enter(room_id, "Lin")
    announce, said = LiveRoom.announce, list[str]()

    def last_words(live: LiveRoom, event: Any, **rest: Any) -> None:
        """In the tick in which the room closes."""
        if not said:
            said.append("once")
            page.sends(room, peer, 0, f"<{SECRET}>")
            say(room, peer, f"again {SECRET}", None)
        announce(live, event, **rest)

    monkeypatch.setattr(LiveRoom, "announce", last_words)
    report = await erase_text(house.place, room_id, host, SECRET)
    assert (report.document.texts, report.chat) == ({"main": 3}, 2)
    assert SECRET.encode() not in await everything(house, room_id)
    assert (await house.text(room_id)).startswith("<>")


async def test_nothing_that_an_old_room_still_has_is_written_behind_it(house: House) -> None:
    room_id, host, _ = await pasted(house)
    room, _, _ = await house.enter(room_id, "Lin")
    house.store.hold("write_snapshot")
    snapshot = asyncio.create_task(house.registry._snapshots.take(room))  # pyright: ignore[reportPrivateUsage]
    await erase_text(house.place, room_id, host, SECRET)
    house.store.release()
    await snapshot
    stored = await house.store.load(room_id)
    assert stored is not None
    assert stored.snapshot is None or all(SECRET.encode() not in state for state in stored.snapshot.states)


async def test_a_store_that_fails_leaves_the_room_as_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    room_id, host, _ = await pasted(house)
    before = await everything(house, room_id)

    async def fails(*_: object) -> None:
        raise Unavailable("The disk is full.", "database")

    with monkeypatch.context() as patched:
        patched.setattr(type(house.store), "rewrite_room", fails)
        with pytest.raises(Unavailable):
            await erase_text(house.place, room_id, host, SECRET)
    assert await everything(house, room_id) == before
    assert SECRET in (await house.registry.get(room_id)).document.text()


async def test_what_is_not_durable_yet_is_found_too_and_nothing_is_looked_for_while_it_cannot_be(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = await house.open()
    room, peer, _ = await house.enter(opened.room.id, "Lin")
    house.store.hold("commit")
    Page(room, 77).sends(room, peer, 0, SECRET)
    with monkeypatch.context() as patched:
        patched.setattr(erase_module, "DURABLE_SECONDS", 0.01)
        with pytest.raises(Unavailable, match="cannot save"):
            await erase_text(house.place, opened.room.id, opened.host.id, SECRET)
    assert not room.closed
    looking = asyncio.create_task(find_text(house.place, opened.room.id, opened.host.id, SECRET))
    await asyncio.wait([looking], timeout=0.05)
    assert not looking.done()
    house.store.release()
    assert (await asyncio.wait_for(looking, 20)).document.now == 1


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_only_hosts_may(house: House, role: Role) -> None:
    room_id, _, _ = await pasted(house)
    _, peer, screen = await house.enter(room_id, "Noor", role)
    for verb in (find_text, erase_text):
        for member_id in (peer.member.id, None):
            with pytest.raises(Forbidden, match="hosts"):
                await verb(house.place, room_id, member_id, SECRET)
    assert screen.closed is None
    assert SECRET.encode() in await everything(house, room_id)


@pytest.mark.parametrize(
    ("text", "said"), [("abc", "4 characters at least"), ("   abc \n", "4 characters"), ("x" * 11, "10 characters at most"), ("half \ud83d", "half")]
)
def test_what_cannot_be_erased_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        wanted_of(Limits(erase_most_characters=10), text)
    assert wanted_of(Limits(erase_most_characters=10), " 0123\r\n456 ") == "0123\n456"


def test_an_epoch_keeps_what_says_of_which_document_it_is() -> None:
    epochs = ["0123abcd"]
    for _ in range(3):
        epochs.append(next_epoch(epochs[-1]))
    assert {epoch.partition(".")[0] for epoch in epochs} == {"0123abcd"}
    assert len(set(epochs)) == 4
    assert max(map(len, epochs)) < 64


async def test_runs_and_names_are_looked_through(house: House, tmp_path: Path) -> None:
    opened = await house.open(name="Ada")
    run = {"id": "run12345", "member": "lin", "name": SECRET, "language": "python", "file": "main", "where": "server", "at": 1, "status": "ok"}
    output = [["stdout", SECRET[:3]], ["stdout", SECRET[3:]]]
    await house.store.commit({opened.room.id: [Entry(EntryKind.RUN, msgspec.json.encode({**run, "output": output}), 2, "lin")]})
    await house.store.change_member(opened.room.id, opened.host.id, name=SECRET)
    report = await erase_text(house.place, opened.room.id, opened.host.id, SECRET)
    assert (report.runs, report.names) == (2, 1)
    assert SECRET.encode() not in await everything(house, opened.room.id)
    room = await house.registry.get(opened.room.id)
    (shown,) = room.runs.shown()
    assert (shown.name, shown.status, shown.output) == ("[erased]", "ok", [("stdout", "[erased]"), ("stdout", "")])
