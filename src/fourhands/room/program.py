"""A program that runs on the server for a room: what it says is gathered, made harmless, told and kept; `programs` starts it.

It must never keep edits waiting: output is told in bounded pieces, and a program that writes faster waits.

    queued ──its turn──> running ──Exit, Error──> ended
       └── stopped, or the runner gone ────────────┘
"""

import asyncio
import codecs
from collections import deque
from typing import Protocol

from fourhands.errors import Conflict, LimitExceeded
from fourhands.execution import port
from fourhands.protocol import events, runs
from fourhands.protocol.escapes import Harmless
from fourhands.room.runs import RunBook

GATHER_SECONDS = 0.03
"""Output is told at once after a pause, else so often."""
TOLD_CHARACTERS = 64 * 1024
"""Most of one telling; a program that writes faster than that in `GATHER_SECONDS` waits."""

LOST = "The runner ended while this ran, so the run is lost. Start it again."


class Told(Protocol):
    """Who hears of a program: the room's runs."""

    def announce(self, event: events.ServerEvent) -> None: ...

    def begun(self, run: runs.Run) -> None:
        """It was taken: it waits for its turn, or runs."""
        ...

    def over(self, run: runs.Run) -> None:
        """It has ended; all of its output was told."""
        ...


class Program:
    """One program, and what it said that the room has not been told yet.

    Invariant: `_untold` holds at most `TOLD_CHARACTERS` and one event's text; while it is full the program is not listened to.
    """

    def __init__(self, run: runs.Run, program: port.Run, told: Told, book: RunBook, *, input_bytes: int, picture_bytes: int) -> None:
        self.run = run
        self._program = program
        self._hearers = told
        self._book = book
        self._texts: dict[runs.OutputStream, Text] = {"stdout": Text(), "stderr": Text()}
        self._untold: deque[tuple[runs.OutputStream, str]] = deque()
        self._untold_characters = 0
        self._told = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._picture_bytes = picture_bytes
        self._input_bytes = input_bytes
        self._typed: deque[str | None] = deque()  # None: Ctrl-D
        self._typed_bytes = 0
        self._more_typed = asyncio.Event()
        self._ended = False

    # ---- what it says ----

    async def carry(self) -> None:
        """Listen to its end."""
        final: port.Exit | port.Error | None = None
        async for event in self._program:
            match event:
                case port.Data():
                    self._take(event.stream, self._texts[event.stream].take(event.data))
                    while self._untold_characters >= TOLD_CHARACTERS:
                        self._told.clear()
                        await self._told.wait()
                case port.Queued():
                    self.run.position = event.position
                    self._hearers.announce(runs.RunQueued(self.run.id, event.position))
                case port.Stage():
                    self.run.status, self.run.position, self.run.stage = "running", None, event.stage
                    self._hearers.announce(runs.RunStage(self.run.id, event.stage))
                case port.Picture():
                    self._show(event)
                case port.Exit() | port.Error():
                    final = event
        self._end(final)

    def _take(self, stream: runs.OutputStream, text: str) -> None:
        if not text:
            return
        self._untold.append((stream, text))
        self._untold_characters += len(text)
        if self._timer is None:
            self._tell_some()

    def _tell_some(self) -> None:
        """Tell what may be told now, and look again after `GATHER_SECONDS`; a program that writes no more is left in peace."""
        self._timer = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._tell_some) if self._untold else None
        self._tell(TOLD_CHARACTERS)

    def _tell(self, most: int) -> None:
        while self._untold and most > 0:
            stream, pieces = self._untold[0][0], list[str]()
            while self._untold and self._untold[0][0] == stream and most > 0:
                text = self._untold.popleft()[1]
                if len(text) > most:
                    self._untold.appendleft((stream, text[most:]))
                    text = text[:most]
                most -= len(text)
                self._untold_characters -= len(text)
                pieces.append(text)
            if kept := self._book.output(self, self.run.id, stream, "".join(pieces)):
                self._hearers.announce(runs.RunOutput(self.run.id, stream, kept))
        self._told.set()

    def _show(self, picture: port.Picture) -> None:
        self._picture_bytes -= len(picture.data)
        if self._picture_bytes < 0:
            self.run.truncated = True
            return
        self._tell_all()  # what was written before is seen before
        self.run.pictures.append(runs.Picture(picture.media_type, picture.data))
        self._hearers.announce(runs.RunPicture(self.run.id, picture.media_type, picture.data))

    def _tell_all(self) -> None:
        while self._untold:
            self._tell(TOLD_CHARACTERS)

    def _end(self, final: port.Exit | port.Error | None) -> None:
        run = self.run
        match final:
            case port.Exit():
                run.status, run.code, run.signal = final.status, final.code, final.signal
                run.ms, run.cpu_ms, run.memory_bytes = final.wall_ms, final.cpu_ms, final.memory_bytes
            case port.Error():
                gone = final.status == "unavailable" and run.stage is not None
                self.end_as("lost" if gone else final.status, final.message)
            case None:
                self.end_as("lost", LOST)

    def end_as(self, status: runs.RunStatus, message: str) -> None:
        """It ended for a reason that is not its own."""
        self.run.status, self.run.message = status, message

    def close(self) -> None:
        """Tell what is left of its output; nothing more is typed into it."""
        for stream, text in self._texts.items():
            self._take(stream, text.end())
        self._tell_all()
        if self._timer is not None:
            self._timer.cancel()
        self.run.position = None
        self._ended = True
        self._more_typed.set()

    # ---- what is said to it ----

    @property
    def takes_input(self) -> bool:
        return self.run.terminal is not None

    def put(self, text: str) -> None:
        """Somebody types. Raises `Conflict` if it has no terminal, `LimitExceeded` if it reads too slowly."""
        self._require_terminal()
        if not text:
            return
        size = len(text.encode(errors="replace"))
        if self._typed_bytes + size > self._input_bytes:
            raise LimitExceeded("This program has not read what was typed before; type on when it has.", 1.0)
        self._typed_bytes += size
        self._typed.append(text)
        self._more_typed.set()

    def put_end(self) -> None:
        """Ctrl-D. Raises `Conflict` if it has no terminal."""
        self._require_terminal()
        if not self._typed or self._typed[-1] is not None:
            self._typed.append(None)
            self._more_typed.set()

    async def type(self) -> None:
        """Give it what was typed, as fast as it takes it."""
        while not self._ended:
            while self._typed and not self._ended:
                if (text := self._typed.popleft()) is None:
                    await self._program.close_input()
                else:
                    typed = text.encode(errors="replace")
                    await self._program.write(typed)
                    self._typed_bytes -= len(typed)
            self._more_typed.clear()
            if not self._ended:
                await self._more_typed.wait()

    def resize(self, columns: int, rows: int) -> None:
        """Everybody's terminal follows. Raises `Conflict` if it has none."""
        self._require_terminal()
        if self.run.terminal != (size := runs.Terminal(columns, rows)):
            self.run.terminal = size
            self._program.resize(columns, rows)
            self._hearers.announce(runs.RunResized(self.run.id, columns, rows))

    def signal(self, name: str) -> None:
        """Raises `InvalidRequest` for what is no signal that may be sent."""
        self._program.signal(name)

    def stop(self) -> None:
        """Kill it."""
        self._program.stop()

    def _require_terminal(self) -> None:
        if self.run.terminal is None:
            raise Conflict("This program has no terminal: its input was given when it was started.")


class Text:
    """Text of a stream of bytes: characters that come in two pieces are put together, and nothing in it harms."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._harmless = Harmless()

    def take(self, data: bytes) -> str:
        return self._harmless.take(self._decoder.decode(data))

    def end(self) -> str:
        """What is left of a character that never came whole."""
        return self._harmless.take(self._decoder.decode(b"", final=True))
