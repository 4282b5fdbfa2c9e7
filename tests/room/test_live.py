"""The live room: what each connection is told, and when."""

import dataclasses
import json

import pytest
from pycrdt import Doc, Map, Text, merge_updates

from fourhands.errors import Forbidden, InvalidRequest, LimitExceeded, TooLarge, Unavailable
from fourhands.model.entry import EntryKind
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.protocol import events, sync
from fourhands.protocol.awareness import GONE, Entry, encode
from fourhands.protocol.close import CloseCode
from fourhands.protocol.steps import finish
from fourhands.protocol.sync import EMPTY_UPDATE, Kind
from fourhands.protocol.websocket import frame
from fourhands.room.in_steps import refuse_edit
from tests.house import House, open_house

RUN = "r0000000001"


class Page:
    """A document in somebody's browser."""

    def __init__(self, client: int, start: bytes) -> None:
        self.doc = Doc(client_id=client)
        self.doc.apply_update(start)
        self.text = self.doc.get("file:main", type=Text)

    def type(self, what: str) -> bytes:
        before = self.doc.get_state()
        self.text.insert(0, what)
        return self.doc.get_update(before)

    def choose(self, language: str) -> bytes:
        before = self.doc.get_state()
        self.doc.get("files", type=Map)["main"]["language"] = language
        return self.doc.get_update(before)


async def room_of(house: House) -> str:
    return (await house.open(name="Host")).room.id


class TestComingAndGoing:
    async def test_the_order_of_a_welcome(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        room.presence(ada, encode([Entry(7, 1, b"{}")]))
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
        room.edit(lin, page.type("x"), whole=False)
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

    async def test_whoever_leaves_is_seen_no_more(self, house: House) -> None:
        room_id = await room_of(house)
        _, _, ada = await house.enter(room_id, "Ada")
        room, lin, _ = await house.enter(room_id, "Lin")
        room.presence(lin, encode([Entry(7, 3, b"{}")]))
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
        room.presence(older, encode([Entry(7, 3, b"{}")]))
        _, newer, _ = await house.enter(room_id, "Ada")
        room.presence(newer, encode([Entry(7, 3, b"{}")]))
        assert old_screen.closed is not None
        assert old_screen.closed[0] is CloseCode.CONFLICT

    async def test_who_an_edit_is_by_can_be_told_later(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        for clock in (1, 2, 3):
            room.presence(ada, encode([Entry(7, clock, b"{}")]))
        await house.written()
        (entry,) = await house.store.tail(room_id, EntryKind.CLIENT, 10)
        assert json.loads(entry.payload) == {"client": 7, "member": "ada"}


class TestEditing:
    async def test_an_edit_reaches_the_others_as_it_came_and_the_journal_with_its_author(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, own = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        update = Page(1, room.document.state()).type("hello")
        room.edit(ada, update, whole=False)
        assert (own.edits(), lin.edits()) == ([], [update])
        await house.written()
        assert (await house.edits(room_id))[-1] == ("ada", update)
        assert await house.text(room_id) == "hello"

    async def test_a_step_2_is_kept_and_relayed_as_what_it_changed(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        page = Page(1, room.document.state())
        first = page.type("a")
        room.edit(ada, first, whole=False)
        page.type("b")
        whole = page.doc.get_update()
        room.edit(ada, whole, whole=True)
        assert len(lin.edits()[-1]) < len(whole)
        room.edit(ada, whole, whole=True)
        await house.written()
        assert len(lin.edits()) == 2
        assert len(await house.edits(room_id)) == 3, "the first file, and two edits"
        assert await house.text(room_id) == "ba"

    async def test_what_waits_is_kept_and_nobody_hears_of_it_before_it_fits(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, adas = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        page = Page(1, room.document.state())
        missing, late = page.type("a"), page.type("b")
        room.edit(ada, late, whole=False)
        _, eve, eves = await house.enter(room_id, "Eve")
        room.answer_state(eve, b"\x00")
        await house.written()
        assert (lin.edits(), late in eves.edits(), (await house.edits(room_id))[-1][1]) == ([], False, late)
        room.edit(ada, missing, whole=False)
        await house.written()
        assert (lin.edits(), adas.edits()) == ([missing, late], [late])
        assert (room.document.text(), await house.text(room_id)) == ("ba", "ba")

    async def test_the_part_that_fits_is_relayed_and_the_rest_when_it_does(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        start = room.document.state()
        page, other = Page(1, start), Page(2, start)
        missing, late = page.type("a"), page.type("b")
        both = merge_updates(late, other.type("c"))
        room.edit(ada, both, whole=False)
        copy = Page(9, start)
        for update in lin.edits():
            copy.doc.apply_update(update)
        assert str(copy.text) == "c"
        room.edit(ada, missing, whole=False)
        for update in lin.edits():
            copy.doc.apply_update(update)
        assert str(copy.text) == room.document.text()

    async def test_a_step_2_with_a_part_that_waits_is_kept_whole(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        page = Page(1, room.document.state())
        missing, late = page.type("a"), page.type("b")
        room.edit(ada, late, whole=True)
        await house.written()
        assert (await house.edits(room_id))[-1][1] == late
        room.edit(ada, missing, whole=True)
        await house.written()
        assert await house.text(room_id) == "ba"

    async def test_an_edit_that_cannot_be_taken_changes_nothing_for_anybody(self, tmp_path) -> None:
        async with open_house(tmp_path, Limits(text_bytes=50, backlog_bytes=1 << 20)) as house:
            room_id = await room_of(house)
            room, ada, _ = await house.enter(room_id, "Ada")
            _, _, lin = await house.enter(room_id, "Lin")
            before, ticket = room.document.state(), room.queue.ticket
            with pytest.raises(InvalidRequest):
                room.edit(ada, b"rubbish", whole=False)
            with pytest.raises(TooLarge):
                room.edit(ada, Page(1, before).type("x" * 51), whole=False)
            with pytest.raises(Unavailable):
                room.edit(ada, bytes(1 << 21), whole=False)
            assert (room.document.state(), room.queue.ticket, lin.edits()) == (before, ticket, [])

    async def test_a_state_is_answered_with_what_is_lacking(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        room.answer_state(ada, room.document.state_vector())
        room.answer_state(ada, b"\x00")
        assert screen.edits() == [room.document.state(room.document.state_vector()), room.document.state()]

    async def test_a_language_is_said_to_all_and_kept(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, own = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        room.edit(ada, Page(1, room.document.state()).choose("rust"), whole=False)
        said = {"type": "room.language", "file": "main", "language": "rust", "by": "ada"}
        assert (own.events("room.language"), lin.events("room.language")) == ([said], [said])
        await house.written()
        (entry,) = await house.store.tail(room_id, EntryKind.ROOM, 5)
        assert json.loads(entry.payload) == {"change": "language", "file": "main", "language": "rust", "member": "ada"}


class TestSaved:
    async def test_nothing_is_said_before_the_commit_and_then_exactly_what_is_durable(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        page = Page(1, room.document.state())
        await house.written()
        house.store.hold()
        room.edit(ada, EMPTY_UPDATE, whole=True)
        assert screen.saved == [1], "nothing was outstanding"
        room.edit(ada, page.type("a"), whole=False)
        await house.store.begun.wait()
        room.edit(ada, page.type("b"), whole=False)
        room.edit(ada, EMPTY_UPDATE, whole=True)
        assert screen.saved == [1]
        house.store.release()
        await house.written()
        assert screen.saved == [1, 2, 4]

    async def test_a_flood_owes_one_answer_for_each_commit(self, house: House) -> None:
        room, ada, screen = await house.enter(await room_of(house))
        page = Page(7, room.document.state())
        for letter in "abc" * 50:
            room.edit(ada, page.type(letter), whole=False)
        assert len(ada.owed) == 1
        await house.written()
        assert screen.saved == [150]
        assert ada.owed == []

    async def test_an_empty_message_is_saved_only_with_all_that_the_room_held(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, lin, lins = await house.enter(room_id, "Lin")
        house.store.hold()
        room.edit(ada, Page(1, room.document.state()).type("a"), whole=False)
        room.edit(lin, EMPTY_UPDATE, whole=True)
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
            room.edit(ada, update, whole=True)
        await house.written()
        assert screen.saved[-1] == 3

    async def test_a_failing_store_is_said_and_saved_waits(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        await house.written()
        house.store.fail()
        room.edit(ada, Page(1, room.document.state()).type("a"), whole=False)
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
        room.edit(ada, Page(1, room.document.state()).type("a"), whole=False)
        await house.written()
        assert screen.closed == (CloseCode.ROOM_ENDED, "This room has ended.")
        assert screen.saved == []


class TestRefusing:
    async def test_a_viewers_edit_is_answered_counted_and_seen_by_nobody(self, house: House) -> None:
        room_id = await room_of(house)
        _, _, ada = await house.enter(room_id, "Ada")
        room, lin, screen = await house.enter(room_id, "Lin", Role.VIEWER)
        before = room.document.state()
        update = Page(1, before).type("x")
        for number, whole in enumerate((False, True), 1):
            finish(refuse_edit(room, lin, update, Forbidden("No."), whole=whole))
            assert screen.messages[-1].kind is Kind.EVENT
            denied = [message.payload for message in screen.messages if message.kind is Kind.AUTH]
            assert denied == [b"No."] * number
            assert screen.events("error")[-1]["sync"] == number
        assert (room.document.state(), ada.edits(), screen.closed) == (before, [], None)
        await house.written()
        assert screen.saved[-1] == 2

    async def test_a_viewers_empty_step_2_is_fine(self, house: House) -> None:
        room_id = await room_of(house)
        room, lin, screen = await house.enter(room_id, "Lin", Role.VIEWER)
        for update in (EMPTY_UPDATE, room.document.state()):
            finish(refuse_edit(room, lin, update, Forbidden("No."), whole=True))
        finish(refuse_edit(room, lin, EMPTY_UPDATE, Forbidden("No."), whole=False))
        assert (screen.events("error"), screen.saved) == ([], [1, 2, 3])

    async def test_rubbish_from_a_viewer_is_rubbish(self, house: House) -> None:
        room_id = await room_of(house)
        room, lin, _ = await house.enter(room_id, "Lin", Role.VIEWER)
        with pytest.raises(InvalidRequest):
            finish(refuse_edit(room, lin, b"rubbish", Forbidden("No."), whole=True))

    async def test_a_viewer_who_becomes_an_editor_is_asked_for_what_was_refused(self, house: House) -> None:
        room_id = await room_of(house)
        room, lin, screen = await house.enter(room_id, "Lin", Role.VIEWER)
        room.presence(lin, encode([Entry(7, 1, b"{}")]))
        screen.take()
        room.member_changed(dataclasses.replace(lin.member, role=Role.EDITOR))
        assert [message.kind for message in screen.messages] == [Kind.AWARENESS, Kind.STEP1, Kind.EVENT]
        assert lin.member.role is Role.EDITOR
        screen.take()
        room.member_changed(dataclasses.replace(lin.member, role=Role.HOST))
        assert Kind.STEP1 not in [message.kind for message in screen.messages], "nothing was refused meanwhile"


class TestChat:
    async def test_a_message_is_heard_once_it_is_kept_and_only_its_sender_gets_the_mark(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, own = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        house.store.hold()
        room.say(ada, "<b>hi</b>", "m1")
        assert (own.events("chat"), lin.events("chat")) == ([], [])
        house.store.release()
        await house.written()
        (heard,), (mine,) = lin.events("chat"), own.events("chat")
        assert (heard["message"]["text"], heard["message"]["name"], heard.get("ref")) == ("<b>hi</b>", "Ada", None)
        assert (mine["ref"], mine["message"]) == ("m1", heard["message"])
        assert heard["message"]["id"] == (await house.store.tail(room_id, EntryKind.CHAT, 1))[0].position

    async def test_newcomers_see_the_newest(self, tmp_path) -> None:
        async with open_house(tmp_path, Limits(chat_kept=3)) as house:
            room_id = await room_of(house)
            room, ada, _ = await house.enter(room_id, "Ada")
            for number in range(5):
                room.say(ada, str(number), None)
            await house.written()
            _, _, lin = await house.enter(room_id, "Lin")
            assert [message["text"] for message in lin.events("welcome")[0]["chat"]] == ["2", "3", "4"]

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


class TestRuns:
    def run(self) -> events.Run:
        return events.Run(RUN, "ada", "Ada", "python", "main.py", "browser", 1_700_000_000_000)

    async def test_everyone_sees_a_run_and_the_journal_keeps_it(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, own = await house.enter(room_id, "Ada")
        _, lin, lins = await house.enter(room_id, "Lin")
        room.runs.start(ada, self.run())
        room.runs.output(ada, events.RunOutput(RUN, "stdout", "1\n"))
        room.runs.stop(lin, RUN)
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
        room.edit(ada, update, whole=False)
        room.presence(ada, encode([Entry(7, 1, b"{}")]))
        assert writes == []
        room.release(ada)
        (together,) = writes
        edit = frame(sync.update(update))
        assert together.startswith(edit)
        assert together[len(edit) + 2 :][:1] == sync.AWARENESS
        assert own.edits() == []
        room.edit(ada, page.type("y"), whole=False)
        assert len(writes) == 2, "nothing is held any more"

    async def test_what_is_held_goes_out_before_its_sender_leaves(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        update = Page(1, room.document.state()).type("x")
        ada.held = []
        room.edit(ada, update, whole=False)
        room.leave(ada)
        assert lin.edits() == [update]


class TestPuttingOff:
    async def test_moves_that_were_put_off_are_told_together_and_newest_alone(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, own = await house.enter(room_id, "Ada")
        _, lin, lins = await house.enter(room_id, "Lin")
        _, _, eves = await house.enter(room_id, "Eve")
        for clock in (1, 2, 3):
            room.presence(ada, encode([Entry(7, clock, b'{"at":%d}' % clock)]), at_once=clock == 1)
        room.presence(lin, encode([Entry(8, 1, b"{}")]), at_once=False)
        assert [(entry.client, entry.clock) for entry in eves.presence()] == [(7, 1)]
        for screen in (own, lins, eves):
            screen.take()
        room.tell_put_off()
        assert [(entry.client, entry.clock) for entry in eves.presence()] == [(7, 3), (8, 1)]
        assert len(eves.messages) == 1
        assert [(entry.client, entry.clock) for entry in own.presence()] == [(8, 1)], "nobody hears of themselves"
        assert [(entry.client, entry.clock) for entry in lins.presence()] == [(7, 3)]
        room.tell_put_off()
        assert len(eves.messages) == 1

    async def test_who_goes_is_gone_at_once(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, lin, lins = await house.enter(room_id, "Lin")
        room.presence(ada, encode([Entry(7, 1, b"{}")]))
        room.presence(ada, encode([Entry(7, 2, b"{}")]), at_once=False)
        room.presence(ada, encode([Entry(7, 3, GONE)]), at_once=False)
        assert [(entry.clock, entry.state == GONE) for entry in lins.presence()] == [(1, False), (3, True)]
        room.presence(lin, encode([Entry(8, 1, b"{}")]), at_once=False)
        room.leave(lin)
        lins.take()
        room.tell_put_off()
        assert lins.messages == []
