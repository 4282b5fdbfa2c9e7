"""Running the room's files on the server: what goes into the program, who may, and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from fourhands.actions.place import Place
from fourhands.actions.run_in_room import ask, run_for, run_in_room, runs_of
from fourhands.errors import Forbidden, InvalidRequest, LimitExceeded, NotFound, TooLarge, Unauthenticated, Unavailable
from fourhands.execution.admission import SlidingWindow
from fourhands.execution.executor import Executor
from fourhands.execution.port import Health
from fourhands.execution.rules import Rules
from fourhands.execution.turns import Turns
from fourhands.model.role import Role
from fourhands.model.room import Member, MemberState
from fourhands.protocol import runs
from fourhands.room.doors import member_moved
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from tests.edge.http.programs import Source
from tests.house import House, open_house

RUN = "s0000000001"


class Stand:
    """A room with Ada in it, over programs that are scripts."""

    room: LiveRoom
    ada: Peer

    def __init__(self, house: House, source: Source, per_minute: int = 10) -> None:
        self.house, self.source = house, source
        rules = Rules(per_minute=per_minute)
        executor = Executor(source, Turns(rules.queue), SlidingWindow(house.clock), rules)
        self.place: Place = replace(house.place, executor=executor)

    async def enter(self) -> None:
        self.room, self.ada, self.screen = await self.house.enter((await self.house.open()).room.id)

    async def run(self, **fields: object) -> runs.Run:
        asked = msgspec.convert({"type": "run.ask", "run": RUN, **fields}, runs.RunAsk)
        return await run_in_room(self.place, self.room, ask(self.place, self.room, self.ada.member, asked))

    async def over(self) -> None:
        async with asyncio.timeout(20):
            while self.room.has_programs:  # noqa: ASYNC110 - a task of the room's, which tells people and nobody else
                await asyncio.sleep(0)


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    async with open_house(tmp_path) as house:
        stand = Stand(house, Source())
        await stand.enter()
        yield stand
        await stand.source.close()


async def test_the_program_is_the_file_with_its_arguments_and_input(stand: Stand) -> None:
    run = await stand.run(language="py", args=["-n", "ü"], stdin="1")
    await stand.over()
    job = stand.source.runs[0].job
    assert (job.language, job.args, job.stdin, job.terminal) == ("python", ("-n", "ü"), b"1", None)
    assert [file.content.decode() for file in job.files] == [stand.room.document.text()]
    assert (run.file, run.language, run.where, run.status, run.name) == (job.files[0].name, "python", "server", "ok", "Ada")


async def test_a_prompt_needs_a_language_that_has_one_and_a_terminal(stand: Stand) -> None:
    with pytest.raises(InvalidRequest, match="needs a terminal"):
        await stand.run(repl=True, language="python")
    with pytest.raises(NotFound):
        await stand.run(file="none", repl=True, terminal={"columns": 80, "rows": 24})
    with pytest.raises(InvalidRequest, match="no prompt for python"):
        await stand.run(file="none", repl=True, language="python", terminal={"columns": 80, "rows": 24})


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"file": "nowhere"}, NotFound),
        ({"language": "klingon"}, InvalidRequest),
        ({"language": "python", "args": ["\0"]}, InvalidRequest),
        ({"language": "python", "args": ["x" * 70_000]}, TooLarge),
        ({"language": "python", "stdin": "1", "terminal": {"columns": 80, "rows": 24}}, InvalidRequest),
    ],
)
async def test_what_makes_no_sense_is_refused_before_anybody_hears_of_it(stand: Stand, fields: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        await stand.run(**fields)
    assert stand.screen.events("run.started") == []
    assert stand.source.runs == []


async def test_viewers_do_not_run(stand: Stand) -> None:
    viewer = replace(stand.ada.member, role=Role.VIEWER)
    with pytest.raises(Forbidden):
        ask(stand.place, stand.room, viewer, runs.RunAsk(RUN))
    with pytest.raises(Forbidden):
        await run_for(stand.place, stand.room.room.id, None, runs.RunAsk(RUN))
    with pytest.raises(Unauthenticated):
        await runs_of(stand.place, stand.room.room.id, None)


async def test_without_a_runner_nothing_runs_and_the_reason_is_said(stand: Stand) -> None:
    stand.source.health = Health(False, "bubblewrap is missing.", "Install it.")
    stand.source.scripts = {}
    with pytest.raises(Unavailable, match=r"bubblewrap is missing\. Install it\."):
        await stand.run(language="python")


async def test_a_person_has_so_many_a_minute(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        stand = Stand(house, Source(), per_minute=2)
        await stand.enter()
        for number in range(2):
            await stand.run(run=f"s000000000{number}", language="python")
            await stand.over()
        with pytest.raises(LimitExceeded) as refused:
            await stand.run(run="s0000000009", language="python")
        assert refused.value.retry_after_seconds == 60
        house.clock.pass_seconds(60)
        await stand.run(run="s0000000009", language="python")
        await stand.over()


async def test_nobodys_question_loads_a_room(stand: Stand) -> None:
    opened = await stand.house.open()
    await stand.house.store.add_member(Member("gone", opened.room.id, "Gone", "#1d4ed8", Role.EDITOR, 0, MemberState.REMOVED))
    for member_id in ("gone", None):
        with pytest.raises(Forbidden):
            await run_for(stand.place, opened.room.id, member_id, runs.RunAsk(RUN, language="python"))
    assert stand.house.registry.live(opened.room.id) is None


async def test_somebody_who_is_not_connected_runs_and_reads(stand: Stand) -> None:
    room_id = stand.room.room.id
    await stand.house.store.add_member(replace(stand.ada.member, id="eve", name="Eve"))
    run = await run_for(stand.place, room_id, "eve", runs.RunAsk(RUN, language="python"))
    await stand.over()
    assert [(told.id, told.name) for told in await runs_of(stand.place, room_id, "eve")] == [(run.id, "Eve")]


async def test_who_is_banned_or_removed_while_their_program_starts_has_it_stopped(stand: Stand) -> None:
    asked = msgspec.convert({"type": "run.ask", "run": RUN}, runs.RunAsk)
    prepared = ask(stand.place, stand.room, stand.ada.member, asked, "192.0.2.7")
    ban = await stand.place.bans.add("address", "192.0.2.7")
    with pytest.raises(Forbidden, match="banned"):
        await run_in_room(stand.place, stand.room, prepared)
    await stand.place.bans.remove(ban.id)
    member_moved(stand.room, replace(stand.ada.member, state=MemberState.REMOVED), None)
    with pytest.raises(Forbidden, match="removed"):
        await run_in_room(stand.place, stand.room, prepared)
    assert (list(stand.source.runs), list(stand.place.executor.under_way())) == ([], [])
    assert not stand.room.has_programs
