"""The runs of a room that happen on the server, from their start to their end. `room.room_runs` has these;
`actions.run_in_room` starts them."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace

import structlog

from fourhands.errors import Conflict, NotFound
from fourhands.execution import port
from fourhands.model.clock import Clock
from fourhands.model.room import Member
from fourhands.protocol import runs
from fourhands.room.program import Program, Told
from fourhands.room.runs import RunBook

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.programs")

BROKEN = "Something broke on the server while this ran; it was logged."


@dataclass(frozen=True, slots=True)
class Starter:
    """Who started a program: the member as they are now, connected or not. `address`: where they were, empty where that is not known."""

    member: Member
    address: str = ""


class Programs:
    """The programs of a room that are under way. Invariant: every one is in `_programs`, and whose it is in `_starters`, until its end was told."""

    def __init__(self, told: Told, book: RunBook, clock: Clock, *, picture_bytes: int) -> None:
        self._told = told
        self._book = book
        self._clock = clock
        self._picture_bytes = picture_bytes
        self._programs: dict[str, Program] = {}
        self._starters: dict[str, Starter] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __bool__(self) -> bool:
        return bool(self._programs)

    def start(self, run: runs.Run, program: port.Run, *, by: Starter, input_bytes: int) -> None:
        """Tell the room of it and carry it to its end. Raises `Conflict` for an id that is taken; the program is then stopped."""
        carried = Program(run, program, self._told, self._book, input_bytes=input_bytes, picture_bytes=self._picture_bytes)
        try:
            self._book.start(carried, run)
        except Conflict:
            program.stop()
            raise
        self._programs[run.id], self._starters[run.id] = carried, by
        self._told.begun(run)
        self._keep(self._carry(carried))
        if carried.takes_input:
            self._keep(carried.type())

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, program: Program) -> None:
        try:
            await program.carry()
        except Exception:
            log.exception("program.failed", run=program.run.id)
            program.end_as("lost", BROKEN)
            program.stop()
        del self._programs[program.run.id], self._starters[program.run.id]
        program.close()
        self._told.over(self._book.finish(program, program.run.id, self._clock.now_ms()))

    def find(self, run_id: str) -> Program | None:
        return self._programs.get(run_id)

    def of(self, run_id: str) -> Program:
        """Raises `NotFound` if no such program is under way."""
        if (program := self._programs.get(run_id)) is None:
            raise NotFound("There is no such run under way on the server.")
        return program

    def moved(self, member: Member) -> None:
        """A member is something else now."""
        self._starters = {run: replace(by, member=member) if by.member.id == member.id else by for run, by in self._starters.items()}

    def stop_of(self, is_theirs: Callable[[Starter], bool]) -> None:
        """Kill those of these people."""
        for run, by in self._starters.items():
            if is_theirs(by):
                self._programs[run].stop()

    def stop(self) -> None:
        """The room is closed: every program in it is killed."""
        for program in self._programs.values():
            program.stop()
