"""A backend that runs nothing: each language is a script of ours that says what a program would have said."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from fourhands.errors import NotFound
from fourhands.execution.port import Data, Event, Exit, Health, Job, Runtime, Stage

READY = Health(True, "Programs run in a script of the tests.")


class ScriptedRun:
    """A run whose script says things by `say`, and sees what was done to it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.written: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.told: list[object] = []
        self.stopped = asyncio.Event()
        self.said = 0
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=4)

    async def say(self, event: Event) -> None:
        """Waits while nobody reads, as a pipe does."""
        await self._events.put(event)
        self.said += 1

    async def print(self, text: str | bytes) -> None:
        await self.say(Data("stdout", text if isinstance(text, bytes) else text.encode()))

    async def perform(self, script: "Script") -> None:
        playing = asyncio.ensure_future(script(self))
        stopping = asyncio.ensure_future(self.stopped.wait())
        try:
            await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                playing.cancel()
                await self.say(Exit(stage="run", status="killed", signal="SIGKILL"))
            else:
                playing.result()
        finally:
            stopping.cancel()
            await self._events.put(None)

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self._events.get()) is not None:
            yield event

    async def write(self, data: bytes) -> None:
        await self.written.put(data)

    async def close_input(self) -> None:
        await self.written.put(None)

    def resize(self, columns: int, rows: int) -> None:
        self.told.append((columns, rows))

    def signal(self, name: str) -> None:
        self.told.append(name)

    def stop(self) -> None:
        self.stopped.set()


Script = Callable[[ScriptedRun], Awaitable[None]]


async def greet(run: ScriptedRun) -> None:
    """Says hello, and its input and arguments after that."""
    await run.say(Stage("run"))
    await run.print("hello\n")
    if run.job.stdin:
        await run.print(run.job.stdin)
    for arg in run.job.args:
        await run.print(f"{arg}\n")
    await run.say(Exit(stage="run", status="ok", code=0, cpu_ms=12, wall_ms=15, memory_bytes=1_000_000))


async def wait(run: ScriptedRun) -> None:
    """Goes on until it is stopped."""
    await run.say(Stage("run"))
    await asyncio.Event().wait()


async def echo(run: ScriptedRun) -> None:
    """Says what it is told, to the end of its input."""
    await run.say(Stage("run"))
    while (data := await run.written.get()) is not None:
        await run.print(data)
    await run.say(Exit(stage="run", status="ok", code=0))


async def compiled(run: ScriptedRun) -> None:
    """As `greet`, after a stage that warns."""
    await run.say(Stage("compile"))
    await run.say(Data("stderr", b"a warning\n"))
    await run.say(Exit(stage="compile", status="ok", code=0))
    await greet(run)


class ScriptedBackend:
    """Languages by name, each with its script."""

    name = "scripted"

    def __init__(self, health: Health = READY, **scripts: Script) -> None:
        self.health = health
        self.scripts: dict[str, Script] = {"python": greet, "wait": wait, "echo": echo, "c": compiled} | scripts
        self.runs: list[ScriptedRun] = []
        self.began = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def check(self) -> Health:
        return self.health

    def runtimes(self) -> tuple[Runtime, ...]:
        return tuple(
            Runtime(language=name, version="3.11.2" if name == "python" else "1.0.0", aliases=("py",) if name == "python" else (), compiled=name == "c")
            for name in self.scripts
        )

    async def start(self, job: Job) -> ScriptedRun:
        if job.language not in self.scripts:
            raise NotFound(f"There is no {job.language} here.")
        run = ScriptedRun(job)
        self.runs.append(run)
        self._tasks.append(asyncio.create_task(run.perform(self.scripts[job.language])))
        self.began.set()
        return run

    async def back(self, seconds: float) -> None:
        """It never goes away."""

    async def close(self) -> None:
        for run in self.runs:
            run.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
