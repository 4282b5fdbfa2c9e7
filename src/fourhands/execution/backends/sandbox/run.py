"""A run: what its sandbox says becomes events, what it may not becomes its end. Every limit of time and size is kept here.

::

    begin() -> [compile -> Exit(compile)] -> run -> Exit(run)
                  any limit, stop(): the sandbox is killed, and what is left to read is told before the end
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

from fourhands.errors import InvalidRequest
from fourhands.execution.backends.sandbox.channels import read_some, resize
from fourhands.execution.backends.sandbox.feed import Feed
from fourhands.execution.backends.sandbox.sandbox import Sandbox
from fourhands.execution.backends.sandbox.shown import Shown
from fourhands.execution.backends.sandbox.stages import COMPILED, DONE, STARTED
from fourhands.execution.backends.sandbox.verdict import Evidence, judge
from fourhands.execution.port import SIGNALS, Data, Error, Event, Exit, Job, Picture, Stage, StageName, Status, Stream

WATCH_SECONDS = 0.05
"""How often is looked at what a run has used."""
PACE_SECONDS = 0.01
"""After output was read, how long nothing more is: a flood costs the program, not us."""
SIGNALS_SECONDS = 0.05
"""How long further signals wait after some were sent: each costs us a look at every process of the program."""
CHUNK_BYTES = 64 * 1024
EARLY_BYTES = 4096
LOST = "The sandbox ended while this ran, so the run is lost. Start it again."
STREAMS: tuple[Stream, ...] = ("stdout", "stderr")
TIOCSIG = 0x40045436
"""ioctl_tty(2): send a signal to a terminal's foreground processes. Linux takes these three."""
TERMINAL_SIGNALS = {"SIGINT", "SIGQUIT", "SIGTSTP"}


class SandboxRun:
    """See `port.Run`. Made by the backend, which calls `begin` and awaits `finish` in a task of its own.

    Invariant: `_stage_name` is what the shell inside has reached, told by its marker alone; data is told after the marker
    that came before it.
    """

    def __init__(self, sandbox: Sandbox, job: Job, *, compiles: bool, warm_letter: bytes = b"") -> None:
        self._sandbox = sandbox
        self._channels = sandbox.channels
        self._job = job
        self._limits = job.limits
        self._stage_name: StageName = "compile" if compiles else "run"
        self._warm_letter = warm_letter
        self._started = bool(warm_letter)
        self._reason: Status | None = None
        self._events: deque[Event] = deque()
        self._changed = asyncio.Event()
        self._ended = False
        self._output_left = self._limits.output_bytes
        self._early = b""
        self._ended_outputs: set[str] = set()
        self._shown = Shown(self._channels, self._limits, self._tell)
        self._feed = Feed(self._channels.stdin, self._limits.input_bytes, self._close_stdin)
        self._letter: Feed | None = None
        self._signals: dict[str, None] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stage_at = self._active_at = time.monotonic()
        self._cpu_before = 0.0

    # ---- for whoever runs it

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            while self._events:
                event = self._events.popleft()
                if isinstance(event, Picture):
                    self._shown.see()
                yield event
            if self._ended:
                return
            self._changed.clear()
            await self._changed.wait()

    async def write(self, data: bytes) -> None:
        self._active_at = time.monotonic()
        await self._feed.write(data)

    async def close_input(self) -> None:
        if self._channels.terminal:
            await self._feed.write(b"\x04")
        else:
            self._feed.finish()

    def resize(self, columns: int, rows: int) -> None:
        if self._channels.terminal and not self._ended:
            resize(self._channels.stdin, columns, rows)

    def signal(self, name: str) -> None:
        if name not in SIGNALS:
            raise InvalidRequest(f"A run is sent one of {', '.join(SIGNALS)}, not {name[:20]!r}.")
        if not self._ended:
            self._signals[name] = None
            if "signals" not in self._timers:
                self._send_signals()

    def _send_signals(self) -> None:
        """Those that came since the last time, each once: as the kernel merges signals that wait."""
        names, self._signals = self._signals, {}
        if not names:
            del self._timers["signals"]
            return
        for name in names:
            number = signal.Signals[name]
            if self._channels.terminal and name in TERMINAL_SIGNALS:
                with contextlib.suppress(OSError):
                    fcntl.ioctl(self._channels.stdin, TIOCSIG, int(number))
            else:
                self._sandbox.signal(number)
        self._later("signals", SIGNALS_SECONDS, self._send_signals)

    def stop(self) -> None:
        self.kill("killed")

    # ---- for the backend

    def lose(self) -> None:
        """End it for a reason that is the sandbox's, not anybody's wish."""
        self.kill("unavailable")

    def kill(self, reason: Status) -> None:
        """End it; the first reason counts."""
        if not self._ended:
            self._reason = self._reason or reason
            self._sandbox.kill()

    def begin(self) -> None:
        """Listen, set the clocks, and hand over the input."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._channels.marker, self._read_markers)
        self._shown.listen()
        self._listen()
        self._stage_at = self._active_at = time.monotonic()
        if self._warm_letter:
            self._cpu_before = self._sandbox.usage().cpu_seconds
            self._letter = Feed(self._channels.go, len(self._warm_letter), self._channels.close_go)
            self._letter.accept(self._warm_letter)
            self._letter.finish()
            self._tell(Stage("run"))
        self._clock()
        self._watch()
        self._feed.accept(self._job.stdin)
        if not self._job.open_input and not self._channels.terminal:
            self._feed.finish()

    async def finish(self) -> None:
        """Wait for the end, tell it, and let everything go."""
        evidence = await self._sandbox.end()
        for timer in self._timers.values():
            timer.cancel()
        self._feed.stop()
        if self._letter:
            self._letter.stop()
        self._read_markers()
        self._shown.read(to_the_end=True)
        self._drain()
        self._silence()
        self._tell(self._last_event(evidence))
        self._ended = True
        self._sandbox.close()
        self._changed.set()

    # ---- what comes out of it

    def _last_event(self, evidence: Evidence) -> Event:
        if not self._started and self._reason is None and not evidence.usage.out_of_memory:
            said = self._early.decode("utf-8", "replace").strip().splitlines()
            return Error(message=f"The sandbox could not be made: {said[-1] if said else 'bubblewrap ended without a word'}.")
        ended = self._exit(evidence, self._reason)
        return Error(message=LOST) if ended.status == "unavailable" else ended

    def _exit(self, evidence: Evidence, reason: Status | None) -> Exit:
        return judge(self._stage_name, evidence, reason, cpu_before=self._cpu_before, wall_seconds=time.monotonic() - self._stage_at)

    def _read_markers(self) -> None:
        if self._channels.marker == -1:
            return
        said = read_some(self._channels.marker)
        if said == b"":
            asyncio.get_running_loop().remove_reader(self._channels.marker)
        for letter in said or b"":
            if letter in STARTED and not self._started:
                self._started = True
                self._tell(Stage(self._stage_name))
            elif letter in COMPILED and self._stage_name == "compile":
                self._pass_to_run()

    def _pass_to_run(self) -> None:
        """The compiler is done, and the shell waits: what it wrote is in the pipes."""
        self._drain()
        if self._reason is not None:
            return
        usage = self._sandbox.usage()
        self._tell(self._exit(Evidence(0, usage), None))
        self._stage_name, self._cpu_before, self._stage_at = "run", usage.cpu_seconds, time.monotonic()
        self._tell(Stage("run"))
        self._clock()
        if not self._sandbox.limit(self._limits, self._limits.memory_bytes):
            self.kill("memory_limit")
        with contextlib.suppress(OSError):
            os.write(self._channels.go, DONE)
        self._channels.close_go()

    def _listen(self) -> None:
        for stream in self._channels.outputs.keys() - self._ended_outputs:
            descriptor = self._channels.outputs[stream]
            asyncio.get_running_loop().add_reader(descriptor, self._read_outputs)

    def _read_outputs(self) -> None:
        """Read both, in the order in which most programs write: pictures, what was printed, then why it failed."""
        self._read_markers()
        self._shown.read()
        for stream in STREAMS:
            if stream in self._channels.outputs:
                descriptor = self._channels.outputs[stream]
                asyncio.get_running_loop().remove_reader(descriptor)
                if self._shown.waits:  # what was written after it is told after it
                    continue
                data = read_some(descriptor, CHUNK_BYTES)
                if data:
                    self._take(stream, data)
                elif data == b"":
                    self._ended_outputs.add(stream)
        self._later("output", PACE_SECONDS, self._listen)

    def _take(self, stream: Stream, data: bytes) -> None:
        self._active_at = time.monotonic()
        if not self._started:
            self._early = (self._early + data)[-EARLY_BYTES:]
            return
        told, self._output_left = data[: self._output_left], self._output_left - min(len(data), self._output_left)
        if told:
            last = self._events[-1] if self._events else None
            if isinstance(last, Data) and last.stream == stream and len(last.data) < CHUNK_BYTES:
                self._events[-1] = Data(stream, last.data + told)
                self._changed.set()
            else:
                self._tell(Data(stream, told))
        if len(told) < len(data):
            self.kill("output_limit")

    def _drain(self) -> None:
        """Read what is there now: all that may be told, and whether there is more."""
        for stream in STREAMS:
            while stream in self._channels.outputs and (self._output_left or self._reason is None):
                if not (data := read_some(self._channels.outputs[stream], CHUNK_BYTES)):
                    break
                self._take(stream, data)

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        self._changed.set()

    # ---- what it may use

    def _clock(self) -> None:
        compiling = self._stage_name == "compile"
        self._later("wall", self._limits.compile_wall_seconds if compiling else self._limits.wall_seconds, lambda: self.kill("wall_time"))

    def _watch(self) -> None:
        usage, limits = self._sandbox.usage(), self._limits
        most = limits.compile_cpu_seconds if self._stage_name == "compile" else limits.cpu_seconds
        if usage.out_of_memory:
            self.kill("memory_limit")
        elif usage.cpu_seconds - self._cpu_before > most:
            self.kill("cpu_time")
        elif (self._job.open_input or self._channels.terminal) and time.monotonic() - self._active_at > limits.idle_seconds:
            self.kill("wall_time")
        else:
            self._later("watch", WATCH_SECONDS, self._watch)

    def _later(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, work)

    def _silence(self) -> None:
        self._shown.stop()
        loop = asyncio.get_running_loop()
        for descriptor in {self._channels.marker, *self._channels.outputs.values()} - {-1}:
            loop.remove_reader(descriptor)

    def _close_stdin(self) -> None:
        self._channels.close_stdin()
