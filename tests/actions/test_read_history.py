"""What happened in a room, entry by entry, and its texts at any time."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Text

from fourhands.actions import read_history as read_history_module
from fourhands.actions.read_history import LAST_MS, read_history, seek_history, told
from fourhands.errors import Forbidden, Gone, InvalidRequest, NotFound, Unauthenticated, Unavailable
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.room.chat import say
from fourhands.room.edits import edit
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from tests.house import House, open_house


class Typist:
    """Somebody in a room with a copy of its document."""

    def __init__(self, room: LiveRoom, peer: Peer) -> None:
        self.room, self.peer = room, peer
        self.doc: Doc[Any] = Doc()
        self.doc.apply_update(room.document.state())
        self.text = self.doc.get("file:main", type=Text)

    def type(self, text: str) -> None:
        before = self.doc.get_state()
        self.text += text
        edit(self.room, self.peer, self.doc.get_update(before), whole=False)


async def typist(house: House, role: Role = Role.EDITOR) -> tuple[str, Typist]:
    opened = await house.open()
    room, peer, _ = await house.enter(opened.room.id, role=role)
    return opened.room.id, Typist(room, peer)


async def test_every_edit_has_a_position_and_what_others_did_stands_between(house: House) -> None:
    room_id, ada = await typist(house)
    for letter in "abc":
        house.clock.pass_seconds(1)
        ada.type(letter)
        say(ada.room, ada.peer, f"typed {letter}", None)
    await house.written()
    found = await read_history(house.place, room_id, "ada", after=0, limit=100)
    assert [(entry.position, entry.kind.value, entry.member) for entry in found.entries[1:]] == [
        (position, kind, "ada") for position, kind in enumerate(["edit", "chat"] * 3, 2)
    ]
    assert found.next_after is None
    replayed: Doc[Any] = Doc()
    for entry in found.entries:
        if entry.kind is EntryKind.EDIT:
            replayed.apply_update(entry.payload)
    assert str(replayed.get("file:main", type=Text)) == "abc"


async def test_nothing_is_told_that_is_not_durable(house: House) -> None:
    room_id, ada = await typist(house)
    await house.written()
    before = await read_history(house.place, room_id, "ada", after=0, limit=100)
    house.store.hold("commit")
    ada.type("secret")
    await asyncio.wait_for(house.store.begun.wait(), 20)
    assert await read_history(house.place, room_id, "ada", after=0, limit=100) == before
    assert (await seek_history(house.place, room_id, "ada", at_ms=LAST_MS)).files[0][1] == ""
    house.store.release()
    await house.written()
    assert (await seek_history(house.place, room_id, "ada", at_ms=LAST_MS)).files[0][1] == "secret"


async def test_a_page_ends_by_count_or_by_bytes_and_the_next_goes_on(house: House) -> None:
    room_id, ada = await typist(house)
    for number in range(20):
        say(ada.room, ada.peer, f"{number:100}", None)
    await house.written()
    whole = (await read_history(house.place, room_id, "ada", after=0, limit=1000)).entries
    small = replace(house.place, limits=Limits(history_bytes=2 * len(whole[-1].payload)))
    for place, limit, most in ((house.place, 3, 3), (house.place, 1, 1), (small, 1000, 3)):
        pages, after = [], 0
        while after is not None:
            found = await read_history(place, room_id, "ada", after=after, limit=limit)
            pages.append(found.entries)
            after = found.next_after
        assert [entry for page in pages for entry in page] == whole
        assert max(map(len, pages)) <= most


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from([EntryKind.CHAT, EntryKind.ROOM]), st.integers(0, 3000)), max_size=150), st.integers(1, 200), st.data())
async def test_any_pages_are_the_whole(tmp_path_factory: pytest.TempPathFactory, written: list[tuple[EntryKind, int]], limit: int, data: st.DataObject) -> None:
    async with open_house(tmp_path_factory.mktemp("house"), Limits(history_bytes=5000)) as house:
        opened = await house.open()
        room_id, me = opened.room.id, opened.host.id
        entries = [Entry(kind, b'"' + b"x" * size + b'"', number) for number, (kind, size) in enumerate(written)]
        await house.store.commit({room_id: entries})
        after, found = data.draw(st.integers(0, len(entries) + 3)), []
        start = after
        while after is not None:
            page = await read_history(house.place, room_id, me, after=after, limit=limit)
            assert len(page.entries) <= limit
            assert len(page.entries) == 1 or sum(len(entry.payload) for entry in page.entries) <= 5000
            found += page.entries
            after = page.next_after
        assert [entry.position for entry in found] == [position for position in range(1, len(entries) + 2) if position > start]
        assert [entry.payload for entry in found if entry.position > 1] == [entry.payload for entry in entries[max(0, start - 1) :]]


def test_a_message_that_cannot_be_read_is_said_with_its_place() -> None:
    with pytest.raises(Unavailable, match="position 7 cannot be read"):
        told(StoredEntry(EntryKind.CHAT, b'{"text": 1}', 1, "ada", position=7))


async def test_the_text_as_it_stood(house: House) -> None:
    room_id, ada = await typist(house)
    stood: dict[int, str] = {}
    for word in ("one", " two", " three"):
        house.clock.pass_seconds(10)
        ada.type(word)
        stood[house.clock.now_ms()] = str(ada.text)
    await house.written()
    position = 0
    for at_ms, text in stood.items():
        found = await seek_history(house.place, room_id, "ada", at_ms=at_ms)
        assert [(file.id, file.name, text) for file, text in found.files] == [("main", "main.py", text)]
        earlier = await seek_history(house.place, room_id, "ada", at_ms=at_ms - 1)
        position = found.position
        assert earlier.position == position - 1
    future = await seek_history(house.place, room_id, "ada", at_ms=1 << 80)
    assert (future.files[0][1], future.position) == ("one two three", position)


async def test_who_goes_back_far_asks_for_the_snapshots_that_were_missing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_history_module, "MANY_EDITS", 4)
    asked: list[str] = []
    monkeypatch.setattr(house.registry.checkpoints, "ask", asked.append)
    room_id, ada = await typist(house)
    for letter in "abc":
        ada.type(letter)
    await house.written()
    await seek_history(house.place, room_id, "ada", at_ms=LAST_MS)
    assert asked == []
    ada.type("d")
    await house.written()
    await seek_history(house.place, room_id, "ada", at_ms=LAST_MS)
    assert asked == [room_id]


async def test_before_the_room_there_is_nothing_and_it_is_said(house: House) -> None:
    room_id, ada = await typist(house)
    created = ada.room.room.created_at_ms
    assert (await seek_history(house.place, room_id, "ada", at_ms=created)).files[0][1] == ""
    with pytest.raises(InvalidRequest, match="2023-11-14T22:13:20"):
        await seek_history(house.place, room_id, "ada", at_ms=created - 1)


async def test_a_viewer_reads_and_reading_loads_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        room_id, _ = await typist(house, Role.VIEWER)
        await house.written()
        assert (await read_history(house.place, room_id, "ada", after=0, limit=10)).entries
    async with open_house(tmp_path) as house:
        await read_history(house.place, room_id, "ada", after=0, limit=10)
        await seek_history(house.place, room_id, "ada", at_ms=LAST_MS)
        assert house.registry.live(room_id) is None


async def test_only_members_read(house: House) -> None:
    opened = await house.open()
    room_id = opened.room.id
    for member_id, refusal in ((None, Unauthenticated), ("nobody", Forbidden)):
        with pytest.raises(refusal):
            await read_history(house.place, room_id, member_id, after=0, limit=1)
        with pytest.raises(refusal):
            await seek_history(house.place, room_id, member_id, at_ms=LAST_MS)
    with pytest.raises(NotFound):
        await read_history(house.place, "aaaa-aaaa-aaaa", opened.host.id, after=0, limit=1)
    await house.store.end_room(room_id, 1)
    with pytest.raises(Gone):
        await seek_history(house.place, room_id, opened.host.id, at_ms=LAST_MS)
