"""Programs of rooms that are scripts: what tests say in a program's stead, and what a room would hear of it."""

from typing import Any

from fourhands.execution.port import Event, Job
from fourhands.model.role import Role
from fourhands.model.room import Member
from fourhands.protocol import events, runs
from fourhands.room.programs import Starter
from tests.execution.scripted import ScriptedRun

RUN = "s0000000001"
ADA = Starter(Member("ada", "a-room", "Ada", "#1d4ed8", Role.EDITOR, 1), "192.0.2.7")


class Script(ScriptedRun):
    """A program whose every word a test says; `end` is its last."""

    def __init__(self) -> None:
        super().__init__(Job(id=RUN, language="python"))

    async def end(self, *last: Event) -> None:
        for event in last:
            await self.say(event)
        await self._events.put(None)


class Hearers:
    """Implements `room.program.Told`."""

    def __init__(self) -> None:
        self.heard: list[events.ServerEvent] = []
        self.ended: list[runs.Run] = []

    def announce(self, event: events.ServerEvent) -> None:
        self.heard.append(event)

    def begun(self, run: runs.Run) -> None:
        self.heard.append(runs.RunStarted(run))

    def over(self, run: runs.Run) -> None:
        self.ended.append(run)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.heard if isinstance(event, kind)]

    @property
    def output(self) -> str:
        return "".join(event.text for event in self.of(runs.RunOutput))


def a_run(*, terminal: bool = False, run: str = RUN) -> runs.Run:
    return runs.Run(run, "ada", "Ada", "python", "main.py", "server", 1_000, "queued", terminal=runs.Terminal() if terminal else None)
