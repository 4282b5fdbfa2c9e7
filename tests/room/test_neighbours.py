"""What instances that have the same room tell each other of its runs and its lobby."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fourhands.actions.change_member import change_member, members_of
from fourhands.errors import Conflict, Forbidden, LimitExceeded
from fourhands.execution.port import Data, Exit, Picture, Stage
from fourhands.model.entry import EntryKind
from fourhands.model.role import Role
from fourhands.model.room import Member, MemberState
from fourhands.protocol import runs
from fourhands.room.doors import wait
from fourhands.room.live import LiveRoom
from tests.house import House, until
from tests.room.instances import two_instances, way_of
from tests.room.programs import ADA, RUN, Script, a_run
from tests.room.screen import Screen

OK = Exit(stage="run", status="ok", code=0, cpu_ms=12, wall_ms=15, memory_bytes=4096)


@pytest.fixture
async def houses(quick_dir: Path) -> AsyncIterator[tuple[House, House]]:
    async with two_instances(quick_dir) as opened:
        yield opened


async def shown(room: LiveRoom, screen: Screen, kind: str) -> dict[str, Any]:
    """The first event of that kind that comes."""
    await until(lambda: screen.events(kind))
    return screen.events(kind)[0]


async def kept(house: House, room_id: str) -> list[str]:
    entries = await house.store.tail(room_id, EntryKind.RUN, 10)
    return [msgspec.json.decode(entry.payload, type=runs.Run).status for entry in entries]


async def test_a_program_is_seen_at_both_and_obeys_both(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, _, _ = await one.enter(room_id, "Ada")
    there, lin, screen = await two.enter(room_id, "Lin")
    script = Script()
    here.runs.start_program(a_run(terminal=True), script, by=ADA, input_bytes=10)
    await until(lambda: screen.events("run.started"))
    await script.say(Stage("run"))
    await script.print("hello\n")
    await script.say(Picture(b"\x89PNG", "image/png"))
    await until(lambda: screen.events("run.picture"))
    assert screen.events("run.output")[0]["text"] == "hello\n"
    assert [(run.id, run.status, run.output, len(run.pictures)) for run in there.shown_runs()] == [(RUN, "running", [("stdout", "hello\n")], 1)]
    there.runs.act(runs.RunInput(RUN, "ls\n"), by="lin", peer=lin.number)
    there.runs.act(runs.RunInputEnd(RUN), by="lin", peer=lin.number)
    assert [await script.written.get(), await script.written.get()] == [b"ls\n", None]
    there.runs.act(runs.RunResize(RUN, 100, 30), by="lin", peer=lin.number)
    await until(lambda: screen.events("run.resized"))
    there.runs.act(runs.RunSignal(RUN, "SIGINT"), by="lin", peer=lin.number)
    await until(lambda: len(script.told) == 2)
    there.runs.act(runs.RunInput(RUN, "x" * 11), by="lin", peer=lin.number)
    assert (await shown(there, screen, "error"))["code"] == "limit_exceeded"
    there.runs.act(runs.RunStop(RUN), by="lin", peer=lin.number)
    await asyncio.wait_for(script.stopped.wait(), 60)
    await script.end(OK)
    ended = await shown(there, screen, "run.ended")
    assert (ended["status"], ended["cpu_ms"]) == ("ok", 12)
    assert [(run.id, run.status) for run in there.shown_runs()] == [(RUN, "ok")]
    await asyncio.gather(one.written(), two.written())
    assert await kept(one, room_id) == ["queued", "ok"], "one of them keeps it"


async def test_input_to_a_program_without_a_terminal_is_refused_where_it_is_typed(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, _, _ = await one.enter(room_id, "Ada")
    there, lin, screen = await two.enter(room_id, "Lin")
    script = Script()
    here.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    await until(lambda: screen.events("run.started"))
    with pytest.raises(Conflict, match="no terminal"):
        there.runs.act(runs.RunInput(RUN, "1"), by="lin", peer=lin.number)
    await script.end(OK)
    await until(lambda: screen.events("run.ended"))


async def test_a_run_in_a_browser_is_seen_and_stopped_from_the_other_instance(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, ada, own = await one.enter(room_id, "Ada")
    there, lin, screen = await two.enter(room_id, "Lin")
    here.runs.start(ada, runs.Run(RUN, "ada", "Ada", "python", "main.py", "browser", 1))
    here.runs.output(ada, runs.RunOutput(RUN, "stderr", "oh"))
    await until(lambda: screen.events("run.output"))
    there.runs.act(runs.RunStop(RUN), by="lin", peer=lin.number)
    assert (await shown(here, own, "run.stop"))["by"] == "lin"
    here.leave(ada)
    assert (await shown(there, screen, "run.ended"))["status"] == "lost"


async def test_who_comes_later_to_another_instance_sees_what_runs(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, _, _ = await one.enter(room_id, "Ada")
    script = Script()
    here.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    await script.say(Stage("run"))
    await script.print("before\n")
    await until(lambda: any(run.output for run in here.shown_runs()))
    await one.written()
    there, _, screen = await two.enter(room_id, "Lin")
    await until(lambda: [run.output for run in there.shown_runs()] == [[("stdout", "before\n")]])
    await script.say(Data("stdout", b"after\n"))
    await until(lambda: [run.output for run in there.shown_runs()] == [[("stdout", "before\nafter\n")]])
    await script.end(OK)
    await until(lambda: [run.status for run in there.shown_runs()] == ["ok"])
    assert [event["status"] for event in screen.events("run.ended")] == ["ok"]


async def test_who_never_heard_of_a_run_hears_that_it_is_lost(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, _, _ = await one.enter(room_id, "Ada")
    there, _, screen = await two.enter(room_id, "Lin")
    await asyncio.sleep(0)  # the wire's next turn: that the other has the room, too, is known
    here.runs.elsewhere.hear("gone", runs.RunStarted(a_run()))
    for told in way_of(one).on_lost:
        told("gone")
    assert (await shown(there, screen, "run.ended"))["status"] == "lost"
    assert [(run.id, run.status) for run in there.shown_runs()] == [(RUN, "lost")]


async def test_the_runs_of_an_instance_that_is_lost_are_told_as_lost_and_kept_so(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, _, _ = await one.enter(room_id, "Ada")
    there, _, screen = await two.enter(room_id, "Lin")
    script = Script()
    here.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    await until(lambda: screen.events("run.started"))
    await one.written()
    way_of(one).end()
    assert (await shown(there, screen, "run.ended"))["status"] == "lost"
    await two.written()
    assert await kept(two, room_id) == ["queued", "lost"]
    there.runs.elsewhere.hear("one", runs.RunOutput(RUN, "stdout", "late"))
    assert not screen.events("run.output"), "what comes late is not believed"
    await script.end(OK)
    await until(lambda: not here.has_programs)


async def test_a_host_at_another_instance_lets_in_who_waits(houses: tuple[House, House]) -> None:
    one, two = houses
    opened = await one.open()
    room_id = opened.room.id
    here, _, own = await one.enter(room_id, "Ada", role=Role.HOST)
    await one.place.store.change_room(room_id, lobby=True)
    there = await two.registry.get(room_id)
    waiting = Member("lin", room_id, "Lin", "#1d4ed8", Role.EDITOR, 1, MemberState.WAITING)
    await one.store.add_member(waiting)
    let_in = asyncio.create_task(wait(there, waiting, Screen(), speaks_events=True))
    assert (await shown(here, own, "lobby.knock"))["member"]["id"] == "lin"
    assert [member.id for member in await members_of(one.place, room_id, "ada") if member.state is MemberState.WAITING] == ["lin"]
    await change_member(one.place, room_id, "ada", "lin", state=MemberState.IN)
    assert (await asyncio.wait_for(let_in, 60)).state is MemberState.IN
    assert (await shown(here, own, "lobby.left"))["member"] == "lin"
    assert not here.doors.people()


async def test_who_is_refused_there_or_goes_is_gone_from_the_lobby(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, _, own = await one.enter(room_id, "Ada", role=Role.HOST)
    there = await two.registry.get(room_id)
    people = [Member(name, room_id, name.title(), "#1d4ed8", Role.EDITOR, 1, MemberState.WAITING) for name in ("lin", "max", "eve")]
    for one_of in people:
        await one.store.add_member(one_of)
    lin, maximilian, eve = (asyncio.create_task(wait(there, one_of, Screen(), speaks_events=True)) for one_of in people)
    await until(lambda: len(own.events("lobby.knock")) == 3)
    late, _, second = await two.enter(room_id, "Bob", role=Role.HOST)
    assert late is there
    assert [member["id"] for member in second.events("welcome")[0]["waiting"]] == ["lin", "max", "eve"]
    await change_member(one.place, room_id, "ada", "lin", state=MemberState.REMOVED)
    with pytest.raises(Forbidden, match="did not let you in"):
        await asyncio.wait_for(lin, 60)
    maximilian.cancel()
    await until(lambda: len(own.events("lobby.left")) == 2)
    assert [member.id for member in here.doors.people()] == ["eve"]
    way_of(two).end()
    await until(lambda: len(own.events("lobby.left")) == 3)
    eve.cancel()
    await asyncio.gather(maximilian, eve, return_exceptions=True)


async def test_an_instance_that_comes_later_hears_who_waits(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here = await one.registry.get(room_id)
    waiting = Member("lin", room_id, "Lin", "#1d4ed8", Role.EDITOR, 1, MemberState.WAITING)
    await one.store.add_member(waiting)
    waits = asyncio.create_task(wait(here, waiting, Screen(), speaks_events=True))
    await until(lambda: here.is_awaited)
    _, _, screen = await two.enter(room_id, "Ada", role=Role.HOST)
    assert (await shown(here, screen, "lobby.knock"))["member"]["id"] == "lin"
    waits.cancel()
    assert (await shown(here, screen, "lobby.left"))["member"] == "lin"
    await asyncio.gather(waits, return_exceptions=True)


async def test_what_one_instance_says_of_anothers_run_is_not_believed(houses: tuple[House, House]) -> None:
    one, _ = houses
    room, ada, screen = await one.enter((await one.open()).room.id, "Ada")
    room.runs.start(ada, runs.Run(RUN, "ada", "Ada", "python", "main.py", "browser", 1))
    room.runs.elsewhere.hear("two", runs.RunStarted(replace_run(a_run(), id=RUN)))
    room.runs.elsewhere.hear("two", runs.RunOutput(RUN, "stdout", "no"))
    room.runs.elsewhere.hear("two", runs.RunEnded(RUN, "ok", 0, 1))
    assert [run.status for run in room.shown_runs()] == ["running"]
    assert not screen.events("run.ended")


def replace_run(run: runs.Run, **values: object) -> runs.Run:
    return msgspec.structs.replace(run, **values)


async def test_programs_are_counted_for_whoever_starts_them_wherever_they_do(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, _, _ = await one.enter(room_id, "Ada")
    there, _, _ = await two.enter(room_id, "Lin")
    here.runs.count_start("ada", "192.0.2.7")
    await until(lambda: counted(there, "ada"))
    assert counted(there, "somebody new", "192.0.2.7"), "they may have come anew"
    assert not counted(there, "lin")


def counted(room: LiveRoom, member: str, client: str = "") -> bool:
    try:
        room.runs.rate.require(member, client, 1, {"lin"})
    except LimitExceeded:
        return True
    return False


async def test_a_run_that_ended_before_its_end_was_durable_is_known_to_who_comes_then(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, ada, _ = await one.enter(room_id, "Ada")
    await one.written()
    one.store.hold("commit")
    here.runs.start(ada, runs.Run(RUN, "ada", "Ada", "python", "main.py", "browser", one.clock.now_ms()))
    here.runs.end(ada, runs.RunEnd(RUN, "ok", 0, 5))
    there = await two.registry.get(room_id)
    await until(lambda: [(run.id, run.status) for run in there.shown_runs()] == [(RUN, "ok")])
    one.store.release()
    await one.written()
    assert await kept(one, room_id) == ["ok"]


async def test_what_was_missed_of_a_run_is_said_again_when_rooms_are_mended(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, _, _ = await one.enter(room_id, "Ada")
    there, _, screen = await two.enter(room_id, "Lin")
    script = Script()
    here.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    await until(lambda: screen.events("run.started"))
    way_of(two).reached = False
    await script.print("missed\n")
    await script.end(OK)
    await until(lambda: not here.has_programs)
    one.clock.pass_seconds(3600)
    way_of(two).reached = True
    for mended in way_of(two).on_mended:
        mended(there)
    await shown(there, screen, "run.ended")
    assert [(run.id, run.status, run.output) for run in there.shown_runs()] == [(RUN, "ok", [("stdout", "missed\n")])]


async def test_what_may_be_done_so_often_a_minute_may_be_so_often_at_all_of_them_together(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    here, ada, _ = await one.enter(room_id, "Ada")
    there, lin, _ = await two.enter(room_id, "Lin")
    here.within_rate(ada.member, "messages", 2)
    here.within_rate(ada.member, "messages", 2)

    def refused() -> bool:
        try:
            there.within_rate(ada.member, "messages", 2)
        except LimitExceeded:
            return True
        return False

    await asyncio.sleep(0)
    assert refused()
    there.within_rate(lin.member, "messages", 2)
