"""The sandbox as a backend: what the runner holds. Made and started in the main thread, one a process.

::

    new -> check() says ok -> runs are taken -> close()
             └ not ok, or the launcher died -> nothing is run until a check says ok again
"""

import asyncio
from collections.abc import Callable

import structlog

from fourhands.errors import NotFound, Unavailable
from fourhands.execution.backends.sandbox import selftest
from fourhands.execution.backends.sandbox.cgroups import Groups
from fourhands.execution.backends.sandbox.command import Change, Launch, compose
from fourhands.execution.backends.sandbox.options import SandboxOptions
from fourhands.execution.backends.sandbox.run import SandboxRun
from fourhands.execution.backends.sandbox.sandbox import Place, Sandbox
from fourhands.execution.backends.sandbox.slots import Slots
from fourhands.execution.backends.sandbox.stages import build_script
from fourhands.execution.backends.sandbox.warm import WarmPool
from fourhands.execution.backends.sandbox.zygote import Zygote
from fourhands.execution.languages.place import place as fit
from fourhands.execution.port import Health, Job, Runtime, Toolchain
from fourhands.execution.programs import check_program

UNCHECKED = Health(False, "The sandbox was not tried yet.", "Wait until the self-test has ended.")

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.sandbox")


class SandboxBackend:
    """See `port.Backend`. `change` alters each launch, for tests that take a protection away; nothing in the product passes it.

    Invariant: a program of somebody runs only while `_health.ok`; only the self-test's own run before.
    """

    def __init__(self, toolchains: tuple[Toolchain, ...], options: SandboxOptions | None = None, *, change: Change = lambda launch: launch) -> None:
        self._options = options or SandboxOptions()
        self._toolchains: dict[str, Toolchain] = {}
        self.use(toolchains)
        self._change = change
        self._bwrap = ""
        self._place: Place | None = None
        self._warm: WarmPool | None = None
        self._health = UNCHECKED
        self._runs: dict[SandboxRun, asyncio.Task[None]] = {}
        self._checking = asyncio.Lock()
        self.on_lost: Callable[[Health], None] = lambda _: None  # hears at once that what starts the sandboxes has ended

    @property
    def name(self) -> str:
        return "sandbox"

    @property
    def health(self) -> Health:
        """What the last check said."""
        return self._health

    def use(self, toolchains: tuple[Toolchain, ...]) -> None:
        """What it runs from now on."""
        self._toolchains = {name: toolchain for toolchain in reversed(toolchains) for name in (*toolchain.aliases, toolchain.language)}
        self._offered = toolchains

    def runtimes(self) -> tuple[Runtime, ...]:
        if not self._health.ok:
            return ()
        return tuple(
            Runtime(
                language=toolchain.language,
                version=toolchain.version,
                aliases=toolchain.aliases,
                runtime=toolchain.runtime,
                libraries=toolchain.libraries,
                repl=bool(toolchain.repl),
                compiled=bool(toolchain.compile),
                needs=toolchain.needs,
            )
            for toolchain in self._offered
        )

    async def check(self) -> Health:
        """See `selftest`. What fails turns everything off, and ends what runs: it may not be contained."""
        async with self._checking:
            self._health = await self._check()
        if self._health.ok:
            await self._keep_warm()
        else:
            await self._end_all(SandboxRun.lose)
        return self._health

    async def start(self, job: Job) -> SandboxRun:
        if not self._health.ok:
            raise Unavailable(f"{self._health.sentence} {self._health.mend}".strip(), "sandbox")
        check_program(job, files=self._options.most_files, program_bytes=self._options.program_bytes)
        if (toolchain := self._toolchains.get(job.language)) is None:
            raise NotFound(f"This machine cannot run {job.language[:40]!r}.")
        if self._warm and (taken := await self._warm.take(toolchain, job)):
            sandbox, letter = taken
            return self._run(SandboxRun(sandbox, job, compiles=False, warm_letter=letter))
        return await self._start(*fit(toolchain, job))

    async def close(self) -> None:
        self._health = UNCHECKED
        await self._end_all(SandboxRun.stop)
        if self._place:
            self._place.close()
            self._place = None

    async def _check(self) -> Health:
        self._bwrap, bwrap = selftest.find_bwrap(self._options.bwrap)
        checks = [selftest.check_machine(), bwrap, selftest.check_user_namespaces()]
        if all(check.ok for check in checks):
            checks.append(self._open())
        if all(check.ok for check in checks):
            checks += await selftest.try_all(self._start, self._bwrap)
        return selftest.summary(checks)

    def _open(self) -> selftest.Check:
        """Groups, user ids and the launcher, once; sweeps what a killed server left."""
        if self._place:
            return selftest.Check("control groups", True, f"Control groups, version {self._place.groups.version}.")
        groups, check = selftest.find_groups()
        if groups:
            if swept := groups.sweep():
                log.warning("swept what an earlier server left", groups=swept)
            if self._options.idle:
                _yield_processors(groups)
            zygote = Zygote(self._lost)
            zygote.start(self._options.processors)
            self._place = Place(groups, Slots(), zygote, forks=self._options.forks)
        return check

    def _lost(self) -> None:
        """The launcher died; the kernel kills what it started."""
        log.error("what starts the sandboxes has ended")
        self._health = Health(False, "What starts the sandboxes has ended.", "It is started again; try again in a moment.")
        if self._place:
            self._place.close()
            self._place = None
        self.on_lost(self._health)

    async def _start(self, toolchain: Toolchain, job: Job) -> SandboxRun:
        """Start a job over the real path, whatever the last check said."""
        line = toolchain.repl if job.repl else toolchain.run
        compile_line = "" if job.repl else toolchain.compile
        script = build_script(compile_line, line)
        launch = compose(self._bwrap, toolchain, job.files, job.limits, payload=("-c", script, "sh", *job.args), terminal=job.terminal is not None)
        memory = job.limits.compile_memory_bytes if compile_line else job.limits.memory_bytes
        return self._run(SandboxRun(await self._launch(launch, job, memory), job, compiles=bool(compile_line)))

    async def _launch(self, launch: Launch, job: Job, memory_bytes: int) -> Sandbox:
        if self._place is None:
            raise Unavailable(self._health.sentence, "sandbox")
        return await Sandbox.start(self._place, self._change(launch), job.limits, memory_bytes, job.terminal)

    def _run(self, run: SandboxRun) -> SandboxRun:
        run.begin()
        task = asyncio.create_task(run.finish(), name="a run in the sandbox")
        self._runs[run] = task
        task.add_done_callback(lambda _: self._runs.pop(run, None))
        return run

    async def _keep_warm(self) -> None:
        """Have sandboxes wait, for the toolchain that is used now."""
        toolchain = next((toolchain for toolchain in self._offered if toolchain.warm), None)
        if self._warm and self._warm.toolchain != toolchain:
            old, self._warm = self._warm, None
            await old.close()
        if self._warm is None and toolchain and self._options.warm:
            self._warm = WarmPool(toolchain, self._options.limits, size=self._options.warm, bwrap=self._bwrap, launch=self._launch)
        if self._warm:
            self._warm.fill()

    async def _end_all(self, end: Callable[[SandboxRun], None]) -> None:
        if self._warm:
            await self._warm.close()
            self._warm = None
        tasks = list(self._runs.values())
        for run in list(self._runs):
            end(run)
        if tasks:
            await asyncio.wait(tasks)


def _yield_processors(groups: Groups) -> None:
    try:
        groups.yield_processors()
    except OSError as error:
        log.warning("sandbox.not_idle", reason=f"Programs do not give way as FOURHANDS_PROGRAMS_IDLE wants it: {error}.")
