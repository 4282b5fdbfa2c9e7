"""The runs of a room that other instances carry: they say what becomes of them, people here see them as their own, and what is done with one is sent there.

started there ──what they say──> under way ──RunEnded──> ended
journal of a room that others have, too ──> expected ──an instance has it──> under way
                                               └─CLAIM_SECONDS, or the instance is lost──> lost
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from fourhands.errors import Conflict
from fourhands.model.clock import Clock
from fourhands.protocol import events, runs
from fourhands.room.program import Program
from fourhands.room.runs import RunBook

RUN, ACT, RAN = "run", "run.act", "run.counted"
CLAIM_SECONDS = 10.0
"""How long a run that the journal has begun may be another instance's, until one says so."""
LOST = "The server that ran this ended, so the run is lost. Start it again."

Act = runs.RunStop | runs.RunInput | runs.RunInputEnd | runs.RunResize | runs.RunSignal
Said = runs.RunStarted | runs.RunQueued | runs.RunStage | runs.RunOutput | runs.RunPicture | runs.RunResized | runs.RunEnded


decoder: "msgspec.json.Decoder[Said]" = msgspec.json.Decoder(Said)


class Sent(msgspec.Struct, array_like=True, frozen=True):
    """Something to be done by the instance that carries the run (`to`), as `member` wants it, on a connection of the sender's."""

    to: str
    member: str
    peer: int
    act: "Act"


class Ran(msgspec.Struct, array_like=True, frozen=True):
    """Somebody has started a program, from there."""

    member: str
    client: str


class Carrier:
    """Whose run it is: another instance's, or not known yet (empty)."""

    __slots__ = ("instance",)

    def __init__(self, instance: str) -> None:
        self.instance = instance


class Hall(Protocol):
    """What is needed of the room's runs."""

    def told(self, event: events.ServerEvent) -> None: ...
    def say(self, topic: str, said: msgspec.Struct) -> None: ...
    def keep(self, run: runs.Run) -> None: ...


class RunsElsewhere:
    """Invariant: every run in `_carriers` is under way in the book, and belongs to its carrier there."""

    def __init__(self, hall: Hall, book: RunBook, clock: Clock) -> None:
        self._hall = hall
        self._book = book
        self._clock = clock
        self._carriers: dict[str, Carrier] = {}

    def has(self, run_id: str) -> bool:
        """Whether it is under way, and not carried here."""
        return run_id in self._carriers

    def expect(self, begun: Iterable[runs.Run]) -> None:
        """The journal has no end of these; another instance may have them."""
        for run in begun:
            self._start("", run)
        if self._carriers:
            asyncio.get_running_loop().call_later(CLAIM_SECONDS, self.lost, "")

    def claimed(self, origin: str, known: Sequence[runs.Run]) -> None:
        """That instance carries these, or knows their end, and they are so by now; of all it says after this we hear."""
        for run in known:
            if (carrier := self._carriers.get(run.id)) is not None and carrier.instance in {"", origin}:
                del self._carriers[run.id]
                self._book.drop(carrier, run.id)
            if (there := self._book.get(run.id)) is not None:
                if there.status != "lost" or run.status == "lost":
                    continue
                self._book.forget(run.id)  # its instance was thought to be lost, and was but cut off
            self._hall.told(runs.RunStarted(run))
            if run.status in {"queued", "running"}:
                self._start(origin, run)
            else:
                self._book.add(run)
                self._hall.told(runs.RunEnded.of(run))

    def unknown(self, origin: str, run_ids: Iterable[str]) -> None:
        """That instance was asked for these, and knows nothing of them: nobody carries them."""
        for run_id in run_ids:
            if (carrier := self._carriers.get(run_id)) is not None and carrier.instance == origin:
                self._lose(run_id, carrier)

    def by_carrier(self) -> dict[str, list[str]]:
        """The runs that are under way elsewhere, by the instance that carries them."""
        found: dict[str, list[str]] = {}
        for run_id, carrier in self._carriers.items():
            if carrier.instance:
                found.setdefault(carrier.instance, []).append(run_id)
        return found

    def _start(self, origin: str, run: runs.Run) -> None:
        carrier = Carrier(origin)
        self._book.start(carrier, run)
        self._carriers[run.id] = carrier

    def hear(self, origin: str, said: Said) -> None:
        """What an instance says of a run of its own; of what is not its own nothing is believed."""
        if isinstance(said, runs.RunStarted):
            if self._book.get(said.run.id) is None:
                self._start(origin, said.run)
                self._hall.told(said)
            return
        carrier, run = self._carriers.get(said.run), self._book.get(said.run)
        if carrier is None or run is None or carrier.instance != origin:
            return
        match said:
            case runs.RunOutput():
                if not (text := self._book.output(carrier, said.run, said.stream, said.text)):
                    return
                said = runs.RunOutput(said.run, said.stream, text)
            case runs.RunQueued():
                run.position = said.position
            case runs.RunStage():
                run.status, run.position, run.stage = "running", None, said.stage
            case runs.RunPicture():
                run.pictures.append(runs.Picture(said.media_type, said.data))
            case runs.RunResized():
                run.terminal = runs.Terminal(said.columns, said.rows)
            case runs.RunEnded():
                self._end(carrier, run, said)
        self._hall.told(said)

    def _end(self, carrier: Carrier, run: runs.Run, said: runs.RunEnded) -> None:
        run.status, run.code, run.ms, run.truncated, run.signal = said.status, said.code, said.ms, said.truncated, said.signal
        run.cpu_ms, run.memory_bytes, run.message, run.unkept, run.position = said.cpu_ms, said.memory_bytes, said.message, said.unkept, None
        self._book.finish(carrier, run.id, self._clock.now_ms())
        del self._carriers[run.id]

    def lost(self, origin: str) -> list[runs.Run]:
        """That instance is gone (empty: nobody has claimed them), and its runs with it: these."""
        gone = [(run_id, carrier) for run_id, carrier in self._carriers.items() if carrier.instance == origin]
        return [run for run_id, carrier in gone if (run := self._lose(run_id, carrier)) is not None]

    def _lose(self, run_id: str, carrier: Carrier) -> runs.Run | None:
        if (run := self._book.get(run_id)) is None:
            return None
        run.message = LOST
        ended = runs.RunEnded.of(run)
        self._end(carrier, run, msgspec.structs.replace(ended, status="lost", ms=max(0, self._clock.now_ms() - run.at)))
        self._hall.told(runs.RunEnded.of(run))
        self._hall.keep(run)
        return run

    def send(self, act: Act, *, by: str, peer: int) -> None:
        """To whoever carries the run. Raises `Conflict` for input to a program without a terminal."""
        carrier, run = self._carriers[act.run], self._book.get(act.run)
        if run is not None and run.terminal is None and isinstance(act, runs.RunInput | runs.RunInputEnd | runs.RunResize):
            raise Conflict("This program has no terminal: its input was given when it was started.")
        self._hall.say(ACT, Sent(carrier.instance, by, peer, act))


def tell_program(program: Program, act: Act) -> None:
    """Raises `Conflict`, `InvalidRequest`, `LimitExceeded`."""
    match act:
        case runs.RunStop():
            program.stop()
        case runs.RunInput():
            program.put(act.text)
        case runs.RunInputEnd():
            program.put_end()
        case runs.RunResize():
            program.resize(act.columns, act.rows)
        case runs.RunSignal():
            program.signal(act.signal)
