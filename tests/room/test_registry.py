"""Which rooms are in memory: loaded once, unloaded when nobody needs them, and never made up."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text
from structlog.testing import capture_logs

from fourhands.errors import Gone, NotFound, Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.limits import Limits
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Room
from fourhands.protocol import events
from fourhands.protocol.close import CloseCode
from fourhands.room import registry as registry_module
from fourhands.room.chat import say
from fourhands.room.document import Document
from fourhands.room.edits import edit
from fourhands.room.live import LiveRoom
from fourhands.store.port import Stored
from fourhands.store.snapshots import Snapshot
from tests.house import House, MoodyStore, open_house

IDLE = Limits().idle_seconds

TURNED = b"\x01\x01\x09\x00\x04\x01\x09file:main\x04abcd\x00", b"\x01\x01\x0a\x00\xc4\x09\x03\x09\x02\x01x\x00"
"""Somebody's abcd, and an x whose left neighbour is the d, and its right one the c."""


def typed(room: LiveRoom, what: str, client: int = 1) -> bytes:
    """An update by somebody who has the room's text."""
    doc = Doc(client_id=client)
    doc.apply_update(room.document.state())
    before = doc.get_state()
    doc.get("file:main", type=Text).insert(0, what)
    return doc.get_update(before)


async def written_room(house: House, text: str = "hello", **wishes: object) -> str:
    """A room that somebody wrote into and left."""
    room_id = (await house.open(**wishes)).room.id
    room, ada, _ = await house.enter(room_id)
    edit(room, ada, typed(room, text), whole=False)
    await house.written()
    room.leave(ada)
    return room_id


async def unload(house: House, seconds: float = IDLE) -> None:
    house.clock.pass_seconds(seconds)
    await house.registry.sweep()


async def until(holds: Callable[[], object]) -> None:
    """Let others go on until it holds."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - a room tells nobody that it is closed
            await asyncio.sleep(0)


class TestLoading:
    async def test_fifty_who_come_at_once_load_it_once(self, house: House) -> None:
        room_id = (await house.open()).room.id
        house.store.hold()
        loads = [asyncio.create_task(house.registry.get(room_id)) for _ in range(50)]
        await asyncio.sleep(0)
        house.store.release()
        rooms = await asyncio.gather(*loads)
        assert (len({id(room) for room in rooms}), house.store.loads) == (1, 1)
        assert await house.registry.get(room_id) is rooms[0]
        assert house.store.loads == 1

    async def test_one_who_goes_away_meanwhile_takes_nothing_from_the_others(self, house: House) -> None:
        room_id = (await house.open()).room.id
        house.store.hold()
        first, second = asyncio.create_task(house.registry.get(room_id)), asyncio.create_task(house.registry.get(room_id))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        house.store.release()
        assert (await second).room.id == room_id

    async def test_a_failed_load_raises_for_all_and_is_no_empty_room(self, house: House) -> None:
        room_id = await written_room(house)
        await unload(house)
        house.store.fail()
        results = await asyncio.gather(*(house.registry.get(room_id) for _ in range(5)), return_exceptions=True)
        assert [type(result) for result in results] == [Unavailable] * 5
        assert house.registry.live(room_id) is None
        house.store.mend()
        assert (await house.registry.get(room_id)).document.text() == "hello"

    async def test_a_room_is_what_the_journal_holds(self, house: House) -> None:
        room_id = (await house.open(title="Two sum", language="rust")).room.id
        room, ada, _ = await house.enter(room_id)
        for letter in "cba":
            edit(room, ada, typed(room, letter), whole=False)
        say(room, ada, "hi", None)
        room.runs.start(ada, events.Run("r0000001", "ada", "Ada", "rust", "main.rs", "browser", 1))
        room.runs.end(ada, events.RunEnd("r0000001", "ok", 0))
        await house.written()
        room.leave(ada)
        await unload(house)
        assert house.registry.live(room_id) is None
        again = await house.registry.get(room_id)
        assert (again.document.text(), again.document.language()) == ("abc", "rust")
        assert ([message.text for message in again.chat], [run.id for run in again.runs.recent(100)]) == (["hi"], ["r0000001"])
        assert again.chat[0].id > 0
        assert again.queue.head == room.queue.head

    async def test_a_closed_room_is_refused_although_it_is_kept(self, house: House) -> None:
        room_id = (await house.open()).room.id
        await house.store.close_room(room_id, 5)
        for ask in (house.registry.get, house.registry.room_for):
            with pytest.raises(Gone):
                await ask(room_id)
        assert await house.store.load(room_id) is not None

    async def test_unknown_and_ended_rooms_are_told_apart(self, house: House) -> None:
        with pytest.raises(NotFound):
            await house.registry.get("aaaa-aaaa-aaaa")
        with pytest.raises(NotFound):
            await house.registry.room_for("aaaa-aaaa-aaaa")
        room_id = (await house.open()).room.id
        await house.store.end_room(room_id, 1)
        with pytest.raises(Gone):
            await house.registry.get(room_id)
        with pytest.raises(Gone):
            await house.registry.room_for(room_id)

    @pytest.mark.parametrize("payload", [b"", b"rubbish", b"\x01\x01\x03ada\x01\x00\x01\x04\xff\xff\xff\xff", b"\x07"])
    async def test_an_edit_that_cannot_be_replayed_is_set_aside(self, house: House, payload: bytes) -> None:
        room_id = await written_room(house)
        await unload(house)
        await MoodyStore.commit(house.store, {room_id: [Entry(EntryKind.EDIT, payload, 1)]})
        with capture_logs() as logs:
            room, ada, _ = await house.enter(room_id)
        assert room.document.text() == "hello"
        position = room.queue.head
        assert [entry["positions"] for entry in logs if entry["event"] == "room.edits_set_aside"] == [[position]]
        edit(room, ada, typed(room, "oh, "), whole=False)
        await house.written()
        assert await house.text(room_id) == "oh, hello"
        assert [entry.payload for entry in await house.store.entries(room_id, position - 1, 1)] == [payload]

    async def test_a_journal_of_which_nothing_can_be_read_is_refused_not_taken_for_empty(self, house: House) -> None:
        room = Room("rubbish-room", "", "python", GuestRole.EDITOR, False, "0" * 16, 1, 1)
        await house.store.create_room(room, None, [], [Entry(EntryKind.EDIT, b"rubbish", 1)])
        with pytest.raises(Unavailable, match="cannot be read"):
            await house.registry.get(room.id)
        assert house.registry.live(room.id) is None

    @pytest.mark.parametrize("state", [b"\x01\x01rubbish", b""])
    async def test_a_snapshot_that_cannot_be_read_is_passed_over(self, house: House, state: bytes) -> None:
        room_id = await written_room(house)
        await unload(house)
        position = (await MoodyStore.commit(house.store, {room_id: [Entry(EntryKind.CLIENT, b"{}", 1)]})).heads[room_id]
        await house.store.write_snapshot(room_id, Snapshot(position, state))
        room, ada, _ = await house.enter(room_id)
        edit(room, ada, typed(room, "oh, "), whole=False)
        assert (room.document.text(), room.queue.head) == ("oh, hello", position)

    async def test_a_snapshot_that_shows_something_else_is_not_kept(self, house: House) -> None:
        """yrs puts what stands the wrong way round elsewhere when it reads it again."""
        room_id = (await house.open()).room.id
        room, ada, _ = await house.enter(room_id)
        for update in (*TURNED, typed(room, "hello")):
            edit(room, ada, update, whole=False)
        shown = room.document.state_vector(), room.document.text()
        room.leave(ada)
        await house.written()
        await unload(house)
        assert house.registry.live(room_id) is None
        again = await house.registry.get(room_id)
        assert (again.document.state_vector(), again.document.text()) == shown

    async def test_what_is_stored_past_a_limit_is_still_loaded(self, tmp_path: Path) -> None:
        async with open_house(tmp_path) as house:
            room_id = await written_room(house, "x" * 500)
        async with open_house(tmp_path, Limits(text_bytes=100)) as house:
            assert (await house.registry.get(room_id)).document.text() == "x" * 500


class TestUnloading:
    async def test_a_room_leaves_memory_when_nobody_was_in_it_for_so_long(self, house: House) -> None:
        room_id = await written_room(house)
        await unload(house, IDLE - 1)
        assert house.registry.live(room_id) is not None
        await unload(house, 1)
        assert house.registry.live(room_id) is None
        stored = await house.store.load(room_id)
        assert stored is not None
        assert (stored.snapshot is not None, stored.edits) == (True, []), "opening costs by the text, not by its past"
        assert stored.room.last_used_at_ms == house.clock.now_ms()
        assert (await house.registry.get(room_id)).document.text() == "hello"

    async def test_somebody_inside_keeps_it(self, house: House) -> None:
        room_id = (await house.open()).room.id
        await house.enter(room_id)
        await unload(house, 10 * IDLE)
        assert house.registry.live(room_id) is not None

    async def test_somebody_at_the_door_keeps_it(self, house: House) -> None:
        """Between `get` and `join` an admission waits for the store; there must not be two of a room."""
        room_id = await written_room(house)
        house.clock.pass_seconds(IDLE)
        room = await house.registry.get(room_id)
        await house.registry.sweep()
        assert house.registry.live(room_id) is room

    async def test_somebody_who_comes_while_it_is_written_down_keeps_it(self, house: House) -> None:
        room_id = await written_room(house)
        house.clock.pass_seconds(IDLE)
        house.store.hold()
        sweeping = asyncio.create_task(house.registry.sweep())
        for _ in range(3):  # until it waits for the store
            await asyncio.sleep(0)
        room, _, _ = await house.enter(room_id, "Ada")
        house.store.release()
        await sweeping
        assert house.registry.live(room_id) is room

    async def test_unwritten_edits_keep_it(self, house: House) -> None:
        room_id = await written_room(house)
        room, ada, _ = await house.enter(room_id)
        house.store.fail()
        edit(room, ada, typed(room, "more "), whole=False)
        room.leave(ada)
        await unload(house)
        assert house.registry.live(room_id) is room
        house.store.mend()
        await house.written()
        await unload(house)
        assert house.registry.live(room_id) is None
        assert await house.text(room_id) == "more hello"

    @pytest.mark.parametrize("ephemeral", [False, True])
    async def test_a_store_that_fails_keeps_it(self, house: House, ephemeral: bool) -> None:
        room_id = await written_room(house, ephemeral=ephemeral)
        house.store.fail()
        await unload(house)
        assert house.registry.live(room_id) is not None
        assert not (await house.registry.get(room_id)).closed
        house.store.mend()
        await unload(house)
        assert house.registry.live(room_id) is None

    async def test_many_leave_at_once_and_one_that_cannot_stays_alone(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """So many that they wait for the store together: one by one, thousands would stay for minutes."""
        room_ids = [await written_room(house, text=f"room {number}") for number in range(12)]
        find, waiting, most = house.store.base, 0, 0

        async def base(room_id: str) -> Snapshot | None:
            nonlocal waiting, most
            waiting += 1
            most = max(most, waiting)
            try:
                for _ in range(3):
                    await asyncio.sleep(0)
                if room_id == room_ids[2]:
                    raise RuntimeError("a mistake of ours")
                return await find(room_id)
            finally:
                waiting -= 1

        monkeypatch.setattr(house.store, "base", base)
        with pytest.raises(RuntimeError, match="of ours"):
            await unload(house)
        assert [room.room.id for room in house.registry.rooms()] == [room_ids[2]]
        assert most == registry_module.UNLOADS_AT_ONCE
        assert [await house.text(room_id) for room_id in room_ids[:2]] == ["room 0", "room 1"]

    async def test_who_joins_an_ephemeral_room_while_it_is_deleted_does_not_find_it(self, house: House) -> None:
        room_id = await written_room(house, ephemeral=True)
        house.store.hold("delete_room")
        house.clock.pass_seconds(IDLE)
        sweeping = asyncio.create_task(house.registry.sweep())
        await until(lambda: house.registry.live(room_id) is None)
        joining = asyncio.create_task(house.registry.get(room_id))
        await house.store.room(room_id)  # time enough for a load
        assert not joining.done()
        house.store.release()
        await sweeping
        with pytest.raises(NotFound):
            await joining

    async def test_who_joins_an_ephemeral_room_that_cannot_be_deleted_gets_it(self, house: House) -> None:
        room_id = await written_room(house, ephemeral=True)
        room = house.registry.live(room_id)
        house.store.hold("delete_room")
        house.clock.pass_seconds(IDLE)
        sweeping = asyncio.create_task(house.registry.sweep())
        await until(lambda: house.registry.live(room_id) is None)
        joining = asyncio.create_task(house.registry.get(room_id))
        await house.store.room(room_id)
        house.store.fail()
        house.store.release()
        assert await joining is room
        house.store.mend()
        await sweeping
        assert house.registry.live(room_id) is room

    async def test_an_ephemeral_room_is_deleted(self, house: House) -> None:
        room_id = await written_room(house, ephemeral=True)
        await unload(house)
        assert house.registry.live(room_id) is None
        with pytest.raises(NotFound):
            await house.registry.get(room_id)
        assert await house.store.room(room_id) is None

    async def test_a_closed_room_is_dropped_and_read_again_after_its_last_edits_are_written(self, house: House) -> None:
        room_id = (await house.open()).room.id
        room, ada, screen = await house.enter(room_id)
        house.store.hold()
        edit(room, ada, typed(room, "hello"), whole=False)
        room.close(CloseCode.UNAVAILABLE, "The room is loaded again.")
        room.leave(ada)
        assert screen.closed is not None
        again = asyncio.create_task(house.registry.get(room_id))
        await asyncio.sleep(0)
        assert not again.done()
        house.store.release()
        loaded = await asyncio.wait_for(again, 20)
        assert (loaded is not room, loaded.document.text()) == (True, "hello")
        await house.registry.sweep()
        assert house.registry.live(room_id) is loaded

    async def test_a_room_that_ended_with_edits_on_their_way_is_gone_not_endless(self, house: House) -> None:
        room_id = (await house.open()).room.id
        room, ada, _ = await house.enter(room_id)
        house.store.hold()
        edit(room, ada, typed(room, "hello"), whole=False)
        await house.store.begun.wait()
        await house.store.end_room(room_id, 1)
        room.close(CloseCode.ROOM_ENDED, "This room has ended.")
        room.leave(ada)
        house.store.release()
        with pytest.raises(Gone):
            await asyncio.wait_for(house.registry.get(room_id), 20)
        await house.registry.sweep()
        assert list(house.registry.rooms()) == []


class TestAdhoc:
    async def test_unknown_rooms_are_opened_by_joining_where_that_is_wished(self, tmp_path: Path) -> None:
        async with open_house(tmp_path, adhoc=True) as house:
            room = await house.registry.get("team")
            assert (room.room.guest_role, room.document.text(), room.room.language) == (GuestRole.EDITOR, "", "plaintext")
            assert await house.store.room("team") == room.room

    async def test_who_opens_it_beside_another_instance_has_that_ones_room(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        async with open_house(tmp_path, adhoc=True) as house:
            create = house.store.create_room

            async def create_after_another(room: Room, *rest: Any) -> None:
                await create(replace(room, epoch="another"), *rest)
                await create(room, *rest)

            monkeypatch.setattr(house.store, "create_room", create_after_another)
            room = await house.registry.get("team")
            assert await house.store.room("team") == room.room

    async def test_that_another_instance_opens_it_meanwhile_does_not_end_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        async with open_house(tmp_path, adhoc=True) as house:
            load, opened = house.store.load, Room("team", "", "plaintext", GuestRole.EDITOR, False, "another", 1, 1)

            async def load_before_another(room_id: str) -> Stored | None:
                stored = await load(room_id)
                if stored is None:
                    await house.store.create_room(opened, None, [], [])
                return stored

            monkeypatch.setattr(house.store, "load", load_before_another)
            assert (await house.registry.get("team")).room == opened

    async def test_an_ended_one_stays_ended(self, tmp_path: Path) -> None:
        async with open_house(tmp_path, adhoc=True) as house:
            await house.registry.get("team")
            await house.store.end_room("team", 1)
            house.registry._rooms.clear()
            with pytest.raises(Gone):
                await house.registry.get("team")


class TestStopping:
    async def test_everybody_is_sent_away_and_all_is_written(self, house: House) -> None:
        room_id = (await house.open()).room.id
        room, ada, screen = await house.enter(room_id, "Ada", Role.HOST)
        edit(room, ada, typed(room, "hello"), whole=False)
        await asyncio.wait_for(house.registry.stop(), 20)
        assert screen.closed is not None
        assert (screen.closed[0], await house.text(room_id)) == (CloseCode.RESTART, "hello")


class TestLarge:
    async def test_a_large_room_is_restored_beside_the_loop_and_lives_on_it(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        threads: list[str] = []
        restore = registry_module.restore

        def note(stored: Stored, limits: Limits) -> Document:
            threads.append(threading.current_thread().name)
            return restore(stored, limits)

        monkeypatch.setattr(registry_module, "restore", note)
        room_id = await written_room(house, "x" * 100_000)
        await unload(house)
        room, ada, _ = await house.enter(room_id)
        assert len(threads) == 2
        assert threads[0] == threading.main_thread().name != threads[1]
        edit(room, ada, typed(room, "y"), whole=False)
        await house.written()
        assert await house.text(room_id) == "y" + "x" * 100_000

    async def test_a_stop_writes_a_busy_room_down(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(registry_module, "SNAPSHOT_AT_STOP_EDITS", 1)
        room_id = (await house.open()).room.id
        room, ada, _ = await house.enter(room_id)
        edit(room, ada, typed(room, "hello"), whole=False)
        await asyncio.wait_for(house.registry.stop(), 20)
        stored = await house.store.load(room_id)
        assert stored is not None
        assert stored.snapshot is not None
        assert (stored.snapshot.position, stored.edits) == (stored.head, [])
        assert await house.text(room_id) == "hello"
