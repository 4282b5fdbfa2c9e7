"""What members say: chat, runs, their own name."""

import pytest

from fourhands.actions.hear_event import RoomEvent, change_self, hear_event
from fourhands.errors import Conflict, Forbidden, InvalidRequest, LimitExceeded, NotFound
from fourhands.model.role import Role
from fourhands.model.room import Member
from fourhands.protocol import events
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from tests.house import House
from tests.room.screen import Screen

RUN = "r0000000001"


class Talk:
    """A room with Ada, who writes, and Lin, who watches."""

    def __init__(self, house: House, room: LiveRoom, ada: Peer, lin: Peer, ada_sees: Screen, lin_sees: Screen) -> None:
        self.house, self.room, self.ada, self.lin, self.ada_sees, self.lin_sees = house, room, ada, lin, ada_sees, lin_sees

    def hear(self, event: RoomEvent, peer: Peer | None = None) -> None:
        hear_event(self.house.place, self.room, peer or self.ada, event)


@pytest.fixture
async def talk(house: House) -> Talk:
    room_id = (await house.open()).room.id
    room, ada, ada_sees = await house.enter(room_id, "Ada")
    _, lin, lin_sees = await house.enter(room_id, "Lin", Role.VIEWER)
    return Talk(house, room, ada, lin, ada_sees, lin_sees)


class TestChat:
    async def test_text_stays_text(self, talk: Talk) -> None:
        talk.hear(events.Chat("  <script>alert(1)</script> & \r\n  two\0  ", "m1"))
        talk.hear(events.Chat("hello"), talk.lin)
        await talk.house.written()
        assert [event["message"]["text"] for event in talk.lin_sees.events("chat")] == ["<script>alert(1)</script> & \n  two", "hello"]

    async def test_no_mark_turns_the_letters_of_a_message_round(self, talk: Talk) -> None:
        talk.hear(events.Chat("\u202ehttps://evil.example/x/moc.elgoog.www//:sptth"))
        talk.hear(events.Chat("שלום \u2066print(1)\u2069"))
        with pytest.raises(InvalidRequest, match="empty"):
            talk.hear(events.Chat("\u202e"))
        await talk.house.written()
        said = [event["message"]["text"] for event in talk.lin_sees.events("chat")]
        assert said == ["https://evil.example/x/moc.elgoog.www//:sptth", "שלום \u2066print(1)\u2069"]

    async def test_a_message_may_have_2000_characters_and_not_one_more(self, talk: Talk) -> None:
        talk.hear(events.Chat("ü" * 2000))
        with pytest.raises(InvalidRequest, match=r"2,000 characters, this one has 2,001"):
            talk.hear(events.Chat("ü" * 2001))
        await talk.house.written()
        assert len(talk.lin_sees.events("chat")) == 1

    @pytest.mark.parametrize("text", ["", "  \n ", "\0"])
    async def test_an_empty_message_is_none(self, talk: Talk, text: str) -> None:
        with pytest.raises(InvalidRequest, match="empty"):
            talk.hear(events.Chat(text))

    async def test_ten_a_minute_a_person(self, talk: Talk) -> None:
        for number in range(10):
            talk.hear(events.Chat(str(number)))
        with pytest.raises(LimitExceeded) as refused:
            talk.hear(events.Chat("10"))
        assert refused.value.retry_after_seconds == 60
        talk.hear(events.Chat("hello"), talk.lin)
        talk.house.clock.pass_seconds(60)
        talk.hear(events.Chat("10"))
        await talk.house.written()
        assert len(talk.lin_sees.events("chat")) == 12

    async def test_what_is_refused_does_not_count(self, talk: Talk) -> None:
        for _ in range(20):
            with pytest.raises(InvalidRequest):
                talk.hear(events.Chat(""))
        talk.hear(events.Chat("hello"))


class TestRuns:
    async def test_a_run_is_said_with_who_runs_it_and_where(self, talk: Talk) -> None:
        talk.hear(events.RunStart(RUN, "python", "main.py"))
        talk.hear(events.RunOutput(RUN, "stdout", "1\n"))
        talk.hear(events.RunEnd(RUN, "ok", 0))
        started, output, ended = talk.lin_sees.events()[1:]
        assert (started["run"]["member"], started["run"]["name"], started["run"]["where"], started["run"]["status"]) == ("ada", "Ada", "browser", "running")
        assert (output["text"], ended["status"], ended["code"]) == ("1\n", "ok", 0)

    async def test_a_file_is_named_without_what_nobody_sees(self, talk: Talk) -> None:
        talk.hear(events.RunStart(RUN, "python", "a\u202egnp.exe"))
        assert talk.lin_sees.events()[-1]["run"]["file"] == "agnp.exe"

    @pytest.mark.parametrize("event", [events.RunStart(RUN, "python", "main.py"), events.RunOutput(RUN, "stdout", "x"), events.RunStop(RUN)])
    async def test_a_viewer_runs_and_stops_nothing(self, talk: Talk, event: RoomEvent) -> None:
        if not isinstance(event, events.RunStart):
            talk.hear(events.RunStart(RUN, "python", "main.py"))
        with pytest.raises(Forbidden):
            talk.hear(event, talk.lin)

    async def test_nobody_speaks_for_anothers_run(self, talk: Talk) -> None:
        talk.hear(events.RunStart(RUN, "python", "main.py"))
        _, eve, _ = await talk.house.enter(talk.room.room.id, "Eve")
        for event in (events.RunOutput(RUN, "stdout", "x"), events.RunEnd(RUN, "ok", 0)):
            with pytest.raises(NotFound):
                talk.hear(event, eve)
        with pytest.raises(Conflict):
            talk.hear(events.RunStart(RUN, "python", "main.py"), eve)
        talk.hear(events.RunStop(RUN), eve)
        assert talk.ada_sees.events("run.stop")[0]["by"] == "eve"

    async def test_runs_are_limited_too(self, talk: Talk) -> None:
        for number in range(60):
            talk.hear(events.RunStart(f"r00000{number:04}", "python", "main.py"))
            talk.hear(events.RunEnd(f"r00000{number:04}", "ok", 0))
        with pytest.raises(LimitExceeded):
            talk.hear(events.RunStart(RUN, "python", "main.py"))


class TestOneself:
    async def test_a_new_name_is_kept_and_said(self, talk: Talk) -> None:
        await change_self(talk.house.place, talk.room, talk.lin, events.MemberChange(name=" Lin\nTwo ", color="#ABCDEF"))
        member = await talk.house.store.member(talk.room.room.id, "lin")
        assert member is not None
        assert (member.name, member.color, member.role) == ("Lin Two", "#abcdef", Role.VIEWER)
        assert talk.ada_sees.events("member.changed")[0]["member"]["name"] == "Lin Two"

    async def test_a_part_may_be_left_as_it_is(self, talk: Talk) -> None:
        await change_self(talk.house.place, talk.room, talk.ada, events.MemberChange(color="#000000"))
        assert (talk.ada.member.name, talk.ada.member.color) == ("Ada", "#000000")

    @pytest.mark.parametrize("change", [events.MemberChange(name=""), events.MemberChange(name="x" * 41), events.MemberChange(color="red")])
    async def test_what_makes_no_sense_changes_nothing(self, talk: Talk, change: events.MemberChange) -> None:
        with pytest.raises(InvalidRequest):
            await change_self(talk.house.place, talk.room, talk.ada, change)
        assert talk.lin_sees.events("member.changed") == []

    async def test_a_guest_who_is_kept_nowhere_is_renamed_while_here(self, talk: Talk) -> None:
        screen = Screen()
        guest = Peer(Member("guest-1", talk.room.room.id, "Guest 1", "#000000", Role.EDITOR, 1), screen, events=True)
        talk.room.join(guest)
        await change_self(talk.house.place, talk.room, guest, events.MemberChange(name="Eve"))
        assert (guest.member.name, guest.member.color) == ("Eve", "#000000")
