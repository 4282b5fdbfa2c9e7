"""The live room: what each connection is told, and when."""

import dataclasses
import gc
import json
import weakref

import pytest

from fourhands.errors import LimitExceeded, Unavailable
from fourhands.model.entry import EntryKind
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.protocol import events, sync
from fourhands.protocol.awareness import GONE, Entry, encode
from fourhands.protocol.close import CloseCode
from fourhands.protocol.sync import EMPTY_UPDATE, Kind
from fourhands.protocol.websocket import frame
from fourhands.room.answers import KEPT_BYTES
from fourhands.room.cursors import move
from fourhands.room.document import Document
from fourhands.room.edits import edit
from tests.house import House, open_house
from tests.room.pages import Page, room_of
from tests.room.screen import Screen

RUN = "r0000000001"


async def test_a_room_that_has_left_memory_waits_for_no_garbage_collector(house: House) -> None:
    room, ada, screen = await house.enter(await room_of(house), "Ada")
    update = Page(7, room.document.state()).type("a")
    edit(room, ada, update, whole=False)
    await house.written()
    room.leave(ada)
    house.registry._forget(room)  # as the sweep does when it has been empty for long
    left = weakref.ref(room)
    gc.disable()
    try:
        del room, ada, screen
        assert left() is None
    finally:
        gc.enable()


class TestComingAndGoing:
    async def test_the_order_of_a_welcome(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        move(room, ada, encode([Entry(7, 1, b"{}")]))
        _, _, screen = await house.enter(room_id, "Lin", Role.VIEWER)
        assert [message.kind for message in screen.messages] == [Kind.EVENT, Kind.STEP1, Kind.AWARENESS]
        welcome = screen.events()[0]
        assert (welcome["type"], welcome["me"]["id"], welcome["me"]["role"]) == ("welcome", "lin", "viewer")
        assert [member["id"] for member in welcome["members"]] == ["ada", "lin"]
        assert welcome["epoch"] == room.room.epoch
        assert screen.messages[1].payload == room.document.state_vector()
        assert [entry.client for entry in screen.presence()] == [7]

    async def test_a_plain_y_websocket_client_is_told_no_events(self, house: House) -> None:
        room_id = await room_of(house)
        room, _, ada = await house.enter(room_id, "Ada")
        _, lin, plain = await house.enter(room_id, "Lin", events=False)
        page = Page(1, room.document.state())
        edit(room, lin, page.type("x"), whole=False)
        await house.written()
        room.close(CloseCode.ROOM_ENDED, "Over.", ended_by="ada")
        assert [message.kind for message in plain.messages] == [Kind.STEP1]
        assert [event["type"] for event in ada.events()] == ["welcome", "member.joined", "room.ended"]

    async def test_others_hear_of_people_not_of_tabs(self, house: House) -> None:
        room_id = await room_of(house)
        _, _, ada = await house.enter(room_id, "Ada")
        room, lin, _ = await house.enter(room_id, "Lin")
        _, second_tab, _ = await house.enter(room_id, "Lin")
        room.leave(lin)
        assert [event["type"] for event in ada.events()] == ["welcome", "member.joined"]
        room.leave(second_tab)
        room.leave(second_tab)
        assert ada.events()[-1] == {"type": "member.left", "member": "lin"}
        assert len(ada.events()) == 3

    async def test_whoever_joins_a_room_that_will_be_ended_hears_how_much_time_is_left(self, house: House) -> None:
        room_id = await room_of(house)
        ending = house.registry.endings[room_id] = events.RoomEnding(house.clock.now_ms() + 30_000, 30, True)
        house.clock.pass_seconds(12)
        room, _, screen = await house.enter(room_id, "Ada")
        assert screen.events()[1] == {"type": "room.ending", "at": ending.at, "seconds": 18, "erases": True, "by": None}
        room.ending = None
        _, _, later = await house.enter(room_id, "Lin")
        assert later.events("room.ending") == []

    async def test_whoever_leaves_is_seen_no_more(self, house: House) -> None:
        room_id = await room_of(house)
        _, _, ada = await house.enter(room_id, "Ada")
        room, lin, _ = await house.enter(room_id, "Lin")
        move(room, lin, encode([Entry(7, 3, b"{}")]))
        room.leave(lin)
        assert [(entry.clock, entry.state == GONE) for entry in ada.presence()] == [(3, False), (4, True)]

    async def test_a_full_room_and_a_closed_one_take_nobody(self, tmp_path) -> None:
        async with open_house(tmp_path, Limits(people_per_room=2)) as house:
            room_id = await room_of(house)
            room, ada, _ = await house.enter(room_id, "Ada")
            await house.enter(room_id, "Lin")
            with pytest.raises(Unavailable, match="full"):
                await house.enter(room_id, "Eve")
            room.leave(ada)
            await house.enter(room_id, "Eve")
            room.close(CloseCode.UNAVAILABLE, "Soon.")
            with pytest.raises(Unavailable, match="again"):
                room.join(ada)

    async def test_an_id_announced_by_a_newer_connection_closes_the_older(self, house: House) -> None:
        room_id = await room_of(house)
        room, older, old_screen = await house.enter(room_id, "Ada")
        move(room, older, encode([Entry(7, 3, b"{}")]))
        _, newer, _ = await house.enter(room_id, "Ada")
        move(room, newer, encode([Entry(7, 3, b"{}")]))
        assert old_screen.closed is not None
        assert old_screen.closed[0] is CloseCode.CONFLICT

    async def test_who_an_edit_is_by_can_be_told_later(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        for clock in (1, 2, 3):
            move(room, ada, encode([Entry(7, clock, b"{}")]))
        await house.written()
        (entry,) = await house.store.tail(room_id, EntryKind.CLIENT, 10)
        assert json.loads(entry.payload) == {"client": 7, "member": "ada"}

    async def test_a_viewer_who_becomes_an_editor_is_asked_for_what_was_refused(self, house: House) -> None:
        room_id = await room_of(house)
        room, lin, screen = await house.enter(room_id, "Lin", Role.VIEWER)
        move(room, lin, encode([Entry(7, 1, b"{}")]))
        screen.take()
        room.member_changed(dataclasses.replace(lin.member, role=Role.EDITOR))
        assert [message.kind for message in screen.messages] == [Kind.AWARENESS, Kind.STEP1, Kind.EVENT]
        assert lin.member.role is Role.EDITOR
        screen.take()
        room.member_changed(dataclasses.replace(lin.member, role=Role.HOST))
        assert Kind.STEP1 not in [message.kind for message in screen.messages], "nothing was refused meanwhile"

    async def test_a_state_is_answered_with_what_is_lacking(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        room.answer_state(ada, room.document.state_vector())
        room.answer_state(ada, b"\x00")
        assert screen.edits() == [room.document.state(room.document.state_vector()), room.document.state()]

    async def test_many_who_come_at_once_are_answered_by_one_reading(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        room, ada, _ = await house.enter(await room_of(house), "Ada")
        page = Page(1, room.document.state())
        edit(room, ada, page.type("x" * KEPT_BYTES), whole=False)
        readings, screens = list[bytes](), list[Screen]()
        monkeypatch.setattr(Document, "state", lambda document, vector, state=Document.state: readings.append(vector) or state(document, vector))

        async def come(number: int) -> None:
            _, peer, screen = await house.enter(room.room.id, f"N{number}")
            move(room, peer, encode([Entry(100 + number, 1, b"{}")]))  # is in the journal too, and changes no document
            room.answer_state(peer, b"\x00")
            screens.append(screen)

        for number in range(20):
            await come(number)
        assert len(readings) == 1
        edit(room, ada, page.type("y"), whole=False)
        await come(20)
        assert len(readings) == 2
        assert [len(screen.edits()[0]) for screen in screens[:20]] == [len(screens[0].edits()[0])] * 20
        copy = Page(9, screens[20].edits()[0])
        assert str(copy.text) == str(page.text)


class TestRates:
    async def test_the_rate_is_a_persons_not_a_tabs(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, _, _ = await house.enter(room_id, "Ada")
        _, lin, _ = await house.enter(room_id, "Lin")
        for _ in range(3):
            room.within_rate(ada.member, "messages", 3)
        with pytest.raises(LimitExceeded):
            room.within_rate(ada.member, "messages", 3)
        room.within_rate(lin.member, "messages", 3)
        room.within_rate(ada.member, "runs", 3)
        house.clock.pass_seconds(60)
        room.within_rate(ada.member, "messages", 3)

    async def test_rates_can_be_switched_off(self, tmp_path) -> None:
        async with open_house(tmp_path, Limits(rates=False)) as house:
            room, ada, _ = await house.enter(await room_of(house), "Ada")
            for _ in range(50):
                room.within_rate(ada.member, "messages", 3)


class TestSaved:
    async def test_nothing_is_said_before_the_commit_and_then_exactly_what_is_durable(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        page = Page(1, room.document.state())
        await house.written()
        house.store.hold()
        edit(room, ada, EMPTY_UPDATE, whole=True)
        assert screen.saved == [1], "nothing was outstanding"
        edit(room, ada, page.type("a"), whole=False)
        await house.store.begun.wait()
        edit(room, ada, page.type("b"), whole=False)
        edit(room, ada, EMPTY_UPDATE, whole=True)
        assert screen.saved == [1]
        house.store.release()
        await house.written()
        assert screen.saved == [1, 2, 4]

    async def test_a_flood_owes_one_answer_for_each_commit(self, house: House) -> None:
        room, ada, screen = await house.enter(await room_of(house))
        page = Page(7, room.document.state())
        for letter in "abc" * 50:
            edit(room, ada, page.type(letter), whole=False)
        assert len(ada.owed) == 1
        await house.written()
        assert screen.saved == [150]
        assert ada.owed == []

    async def test_an_empty_message_is_saved_only_with_all_that_the_room_held(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, lin, lins = await house.enter(room_id, "Lin")
        house.store.hold()
        edit(room, ada, Page(1, room.document.state()).type("a"), whole=False)
        edit(room, lin, EMPTY_UPDATE, whole=True)
        await house.store.begun.wait()
        assert lins.saved == []
        house.store.release()
        await house.written()
        assert lins.saved == [1]

    async def test_what_is_known_already_counts_too(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        page = Page(1, room.document.state())
        update = page.type("a")
        for _ in range(3):
            edit(room, ada, update, whole=True)
        await house.written()
        assert screen.saved[-1] == 3

    async def test_a_failing_store_is_said_and_saved_waits(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        await house.written()
        house.store.fail()
        edit(room, ada, Page(1, room.document.state()).type("a"), whole=False)
        await house.store.failed_once_more()
        await house.store.failed_once_more()
        _, _, late = await house.enter(room_id, "Lin")
        for seen in (screen, late):
            assert [event["ok"] for event in seen.events("room.storage")] == [False]
        assert screen.saved == []
        house.store.mend()
        await house.written()
        assert [event["ok"] for event in late.events("room.storage")] == [False, True]
        assert [event["type"] for event in screen.events()][-2:] == ["room.storage", "saved"]

    async def test_a_room_that_was_ended_elsewhere_sends_everybody_away(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        await house.store.end_room(room_id, 5)
        edit(room, ada, Page(1, room.document.state()).type("a"), whole=False)
        await house.written()
        assert screen.closed == (CloseCode.ROOM_ENDED, "This room has ended.")
        assert screen.saved == []


class TestRuns:
    def run(self) -> events.Run:
        return events.Run(RUN, "ada", "Ada", "python", "main.py", "browser", 1_700_000_000_000)

    async def test_everyone_sees_a_run_and_the_journal_keeps_it(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, own = await house.enter(room_id, "Ada")
        _, lin, lins = await house.enter(room_id, "Lin")
        room.runs.start(ada, self.run())
        room.runs.output(ada, events.RunOutput(RUN, "stdout", "1\n"))
        room.runs.act(events.RunStop(RUN), by="lin", peer=lin.number)
        room.runs.end(ada, events.RunEnd(RUN, "stopped", None))
        assert [event["type"] for event in lins.events()] == ["welcome", "run.started", "run.output", "run.ended"]
        assert [event["type"] for event in own.events()] == ["welcome", "member.joined", "run.stop"]
        assert own.events("run.stop")[0]["by"] == "lin"
        await house.written()
        (entry,) = await house.store.tail(room_id, EntryKind.RUN, 5)
        kept = json.loads(entry.payload)
        assert (kept["status"], kept["output"]) == ("stopped", [["stdout", "1\n"]])

    async def test_a_run_whose_page_has_gone_is_lost(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        room.runs.start(ada, self.run())
        room.leave(ada)
        assert lin.events("run.ended")[0]["status"] == "lost"

    async def test_output_past_the_limit_is_cut_and_no_longer_relayed(self, tmp_path) -> None:
        async with open_house(tmp_path, Limits(output_bytes=10)) as house:
            room_id = await room_of(house)
            room, ada, _ = await house.enter(room_id, "Ada")
            _, _, lin = await house.enter(room_id, "Lin")
            room.runs.start(ada, self.run())
            for text in ("12345678", "90abc", "more"):
                room.runs.output(ada, events.RunOutput(RUN, "stdout", text))
            room.runs.end(ada, events.RunEnd(RUN, "ok", 0))
            assert [event["text"] for event in lin.events("run.output")] == ["12345678", "90"]
            assert lin.events("run.ended")[0]["truncated"]


async def test_a_room_that_ends_tells_why_before_it_closes(house: House) -> None:
    room_id = await room_of(house)
    room, _, screen = await house.enter(room_id, "Ada")
    room.close(CloseCode.ROOM_ENDED, "This room has ended.", ended_by="ada")
    assert screen.events()[-1] == {"type": "room.ended", "by": "ada"}
    assert screen.closed == (CloseCode.ROOM_ENDED, "This room has ended.")
    assert room.closed
    assert sync.EMPTY_UPDATE


class TestHolding:
    async def test_what_came_together_is_one_write_to_each(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        room_id = await room_of(house)
        room, ada, own = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin", events=False)
        page = Page(1, room.document.state())
        update = page.type("x")
        writes: list[bytes] = []
        monkeypatch.setattr(lin, "put", writes.append)
        ada.held = []
        edit(room, ada, update, whole=False)
        move(room, ada, encode([Entry(7, 1, b"{}")]))
        assert writes == []
        room.release(ada)
        (together,) = writes
        first = frame(sync.update(update))
        assert together.startswith(first)
        assert together[len(first) + 2 :][:1] == sync.AWARENESS
        assert own.edits() == []
        edit(room, ada, page.type("y"), whole=False)
        assert len(writes) == 2, "nothing is held any more"

    async def test_what_is_held_goes_out_before_its_sender_leaves(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        update = Page(1, room.document.state()).type("x")
        ada.held = []
        edit(room, ada, update, whole=False)
        room.leave(ada)
        assert lin.edits() == [update]
