"""Runs on the server in a live room: heard by all, kept in the journal, counted, ended with the room."""

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from fourhands.errors import Forbidden, Unavailable
from fourhands.execution.port import Data, Exit, Stage
from fourhands.model.entry import EntryKind
from fourhands.model.execution import Execution
from fourhands.model.role import Role, RunRole
from fourhands.model.room import MemberState
from fourhands.protocol import runs
from fourhands.protocol.close import CloseCode
from fourhands.room.doors import member_moved
from fourhands.room.live import LiveRoom
from fourhands.room.programs import Starter
from fourhands.room.registry import Registry
from fourhands.store.sql.tables import executions
from tests.house import House
from tests.room.programs import ADA, RUN, Script, a_run

OK = Exit(stage="run", status="ok", code=0, cpu_ms=12, wall_ms=15, memory_bytes=4096)


async def over(room: LiveRoom) -> None:
    async with asyncio.timeout(20):
        while room.has_programs:  # noqa: ASYNC110 - a task of the room's, which tells people and nobody else
            await asyncio.sleep(0)


async def kept(house: House, room_id: str) -> list[runs.Run]:
    await house.written()
    return [msgspec.json.decode(entry.payload, type=runs.Run) for entry in await house.store.tail(room_id, EntryKind.RUN, 10)]


async def test_a_program_is_heard_kept_at_its_start_and_end_and_counted(house: House) -> None:
    room, _, ada = await house.enter((await house.open()).room.id)
    counted: list[Execution] = []
    room.executed = counted.append
    script = Script()
    room.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    assert ada.events("run.started")[0]["run"]["status"] == "queued"
    await script.end(Stage("run"), OK)
    await over(room)
    assert [event["type"] for event in ada.events() if event["type"].startswith("run.")] == ["run.started", "run.stage", "run.ended"]
    assert [run.status for run in await kept(house, room.room.id)] == ["queued", "ok"]
    assert counted == [Execution(RUN, room.room.id, "ada", "python", "server", "ok", 15, 12, 4096, 1_000)]


async def test_a_room_in_which_a_program_runs_stays_in_memory(house: House) -> None:
    room, ada, _ = await house.enter((await house.open()).room.id)
    script = Script()
    room.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    room.leave(ada)
    await house.written()
    house.clock.pass_seconds(house.limits.idle_seconds + 1)
    await house.registry.sweep()
    assert house.registry.live(room.room.id) is room
    await script.end(Stage("run"), OK)
    await over(room)
    await house.written()
    await house.registry.sweep()
    assert house.registry.live(room.room.id) is None


async def test_a_run_whose_end_is_not_in_the_journal_was_lost(house: House) -> None:
    room, _, _ = await house.enter((await house.open()).room.id)
    for number in range(2):
        script = Script()
        room.runs.start_program(a_run(run=f"s000000000{number}"), script, by=ADA, input_bytes=10)
        if number == 0:
            await script.end(Stage("run"), OK)
            await over(room)
    await house.written()
    after_a_crash = Registry(house.store, house.journal, house.clock, house.limits, adhoc=False)
    again = await after_a_crash.get(room.room.id)
    assert [(run.status, run.id) for run in again.runs.shown()] == [("ok", "s0000000000"), ("lost", "s0000000001")]
    assert [run.status for run in await kept(house, again.room.id)] == ["queued", "ok", "queued", "lost"]


async def test_a_run_that_somebody_thought_lost_is_what_it_came_to(house: House) -> None:
    room = await house.registry.get((await house.open()).room.id)
    ended, lost = (msgspec.structs.replace(a_run(), status=status, ms=7) for status in ("ok", "lost"))
    for said, status in (([a_run(), ended, lost], "ok"), ([a_run(), lost, ended], "ok"), ([a_run(), lost], "lost")):
        room.runs.restore([msgspec.structs.replace(run) for run in said])
        assert [run.status for run in room.shown_runs()] == [status]


async def test_the_end_of_a_room_kills_its_programs_and_keeps_nothing(house: House) -> None:
    room, _, _ = await house.enter((await house.open()).room.id)
    counted: list[Execution] = []
    room.executed = counted.append
    script = Script()
    room.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    await house.store.end_room(room.room.id, 5)
    room.close(CloseCode.ROOM_ENDED, "over")
    assert script.stopped.is_set()
    await script.end(Exit(stage="run", status="killed"))
    await over(room)
    assert [(one.room, one.member, one.status) for one in counted] == [(None, None, "killed")]
    late = Script()
    with pytest.raises(Unavailable):
        room.runs.start_program(a_run(run="s0000000002"), late, by=ADA, input_bytes=10)
    assert late.stopped.is_set()


async def test_nothing_says_whose_runs_were_in_an_ephemeral_room(house: House) -> None:
    room, ada, _ = await house.enter((await house.open(ephemeral=True)).room.id)
    counted: list[Execution] = []
    room.executed = counted.append
    room.runs.start(ada, runs.Run("r0000000001", "ada", "Ada", "python", "main.py", "browser", 1))
    room.runs.end(ada, runs.RunEnd("r0000000001", "ok", 0, 7))
    assert counted == [Execution("r0000000001", None, None, "python", "browser", "ok", 7, None, None, 1)]


async def test_a_run_is_stopped_wherever_it_is(house: House) -> None:
    room, ada, screen = await house.enter((await house.open()).room.id)
    script = Script()
    room.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    room.runs.start(ada, runs.Run("r0000000001", "ada", "Ada", "python", "main.py", "browser", 1))
    room.runs.act(runs.RunStop(RUN), by="ada", peer=ada.number)
    room.runs.act(runs.RunStop("r0000000001"), by="ada", peer=ada.number)
    assert script.stopped.is_set()
    assert [event["run"] for event in screen.events("run.stop")] == ["r0000000001"]
    await script.end(OK)
    await over(room)


async def test_runs_that_ended_as_the_server_stops_are_counted(house: House) -> None:
    room, _, _ = await house.enter((await house.open()).room.id)
    script = Script()
    room.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    await script.end(Exit(stage="run", status="killed"))
    await over(room)
    await house.registry.stop()
    found = await house.store.database.read(lambda connection: connection.execute(select(executions.c.room_id, executions.c.status)).all())
    assert [tuple(row) for row in found] == [(room.room.id, "killed")]


async def test_past_what_a_room_keeps_in_a_day_output_is_shown_and_not_kept(house: House) -> None:
    room, _, ada = await house.enter((await house.open()).room.id)
    asked: list[int] = []
    room.keeps = lambda size: bool(asked.append(size))
    script = Script()
    room.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    await script.end(Stage("run"), Data("stdout", b"x" * 500), OK)
    await over(room)
    assert ada.events("run.output")[0]["text"] == "x" * 500
    assert ada.events("run.ended")[0]["unkept"]
    assert 500 < asked[0] < 1000
    head = (await kept(house, room.room.id))[-1]
    assert (head.status, head.output, head.unkept) == ("ok", [], True)
    assert room.shown_runs()[0].output == [("stdout", "x" * 500)]


async def test_a_run_without_output_is_always_kept_and_costs_nothing(house: House) -> None:
    room, _, ada = await house.enter((await house.open()).room.id)
    room.keeps = lambda _: False
    script = Script()
    room.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    await script.end(Stage("run"), OK)
    await over(room)
    assert not ada.events("run.ended")[0]["unkept"]


async def test_a_room_that_left_memory_has_what_was_left_to_it(house: House) -> None:
    room_id = (await house.open()).room.id
    for expected in (True, False):
        room = await house.registry.get(room_id)
        assert room.keeps(house.limits.run_bytes_per_day // 2 + 1) is expected
        await house.written()
        house.clock.pass_seconds(house.limits.idle_seconds + 1)
        await house.registry.sweep()
        assert house.registry.live(room_id) is None


@pytest.mark.parametrize("change", [{"role": Role.VIEWER}, {"state": MemberState.REMOVED}])
@pytest.mark.parametrize("leaves", [False, True])
async def test_who_may_not_run_any_more_has_no_program_go_on(house: House, change: dict[str, Any], leaves: bool) -> None:
    room, ada, _ = await house.enter((await house.open()).room.id)
    _, lin, screen = await house.enter(room.room.id, "Lin")
    runs_on, waits, of_lin = Script(), Script(), Script()
    room.runs.start_program(a_run(), runs_on, by=Starter(ada.member), input_bytes=10)
    room.runs.start_program(a_run(run="s0000000002"), waits, by=Starter(ada.member), input_bytes=10)
    room.runs.start_program(a_run(run="s0000000003"), of_lin, by=Starter(lin.member), input_bytes=10)
    if leaves:
        room.leave(ada)
    member_moved(room, replace(ada.member, name="Ada L."), "lin")
    assert not runs_on.stopped.is_set()
    member_moved(room, replace(ada.member, **change), "lin")
    assert (runs_on.stopped.is_set(), waits.stopped.is_set(), of_lin.stopped.is_set()) == (True, True, False)
    for script in (runs_on, waits, of_lin):
        await script.end(Exit(stage="run", status="killed"))
    await over(room)
    assert {event["status"] for event in screen.events("run.ended")} == {"killed"}


@pytest.mark.parametrize(("run_role", "stopped"), [(RunRole.HOST, (False, True)), (RunRole.NONE, (True, True)), (RunRole.EDITOR, (False, False))])
async def test_a_room_in_which_fewer_may_run_stops_the_others_programs(house: House, run_role: RunRole, stopped: tuple[bool, bool]) -> None:
    room, host, _ = await house.enter((await house.open()).room.id, role=Role.HOST)
    _, lin, _ = await house.enter(room.room.id, "Lin")
    scripts = Script(), Script()
    for number, (peer, script) in enumerate(zip((host, lin), scripts, strict=True)):
        room.runs.start_program(a_run(run=f"s000000000{number}"), script, by=Starter(peer.member), input_bytes=10)
    room.leave(lin)
    room.room_changed(replace(room.room, run_role=run_role, read_only=True), host.member.id)
    assert tuple(script.stopped.is_set() for script in scripts) == stopped
    for script in scripts:
        await script.end(Exit(stage="run", status="killed"))
    await over(room)


async def test_a_program_begun_for_somebody_who_was_removed_meanwhile_is_stopped(house: House) -> None:
    room, ada, _ = await house.enter((await house.open()).room.id)
    member_moved(room, replace(ada.member, state=MemberState.REMOVED), None)
    script = Script()
    with pytest.raises(Forbidden, match="removed"):
        room.runs.start_program(a_run(), script, by=ADA, input_bytes=10)
    assert script.stopped.is_set()
    assert not room.has_programs
