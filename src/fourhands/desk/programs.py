"""The programs that ran in the last hour, and those that run and wait now: figures, never code or output."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from fourhands.desk.gathered import ask_all
from fourhands.execution.executor import Executor
from fourhands.execution.queue import Lane, MachineFigures
from fourhands.model.clock import Clock
from fourhands.model.execution import Execution
from fourhands.room.others import Others

TOPIC = "desk.programs"
RECENT = 100
MINUTES = 60
MINUTE_MS = 60_000

SUCCEEDED = {"ok", "stopped"}
"""How a program may end that has not failed: by itself, or because somebody stopped it."""


@dataclass(frozen=True, slots=True)
class OfLanguage:
    """Programs of a language in the last hour; `where` they ran."""

    language: str
    ended: int
    failed: int


class Programs:
    """Hears of every run that ended, in a browser or on the server, and asks the executor for those under way."""

    def __init__(self, executor: Executor, clock: Clock) -> None:
        self._executor = executor
        self._clock = clock
        self._recent: deque[Execution] = deque(maxlen=RECENT)
        self._minutes: deque[tuple[int, Counter[tuple[str, bool]]]] = deque(maxlen=MINUTES)
        self._ended = 0
        self._failed = 0
        self._others: Others | None = None
        self._instances: Callable[[], Sequence[str]] = tuple

    def gather(self, others: Others, instances: Callable[[], Sequence[str]]) -> Callable[[], Sequence[str]]:
        """Ask those instances, too, when somebody looks."""
        self._others, self._instances = others, instances
        others.answers[TOPIC] = self._answer
        return instances

    async def everywhere(self) -> "Shown":
        """What there is at all instances."""
        shown = self._shown()
        if self._others is not None:
            for answer in (await ask_all(self._others, self._instances(), TOPIC, lambda instance: b"")).values():
                shown = _joined(shown, msgspec.msgpack.decode(answer, type=Shown))
        return replace(shown, queue=dict(self._executor.waiting_lengths()), machines=[_machine(one) for one in self._executor.machines()])

    async def _answer(self, origin: str, payload: bytes) -> bytes:
        del origin, payload
        return msgspec.msgpack.encode(self._shown())

    def _shown(self) -> "Shown":
        return Shown(self.under_way(), self.recent(), self.by_language())

    def heard(self, execution: Execution) -> None:
        """A run has ended."""
        failed = execution.status not in SUCCEEDED
        self._ended += 1
        self._failed += failed
        self._recent.append(execution)
        minute = self._clock.now_ms() // MINUTE_MS
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append((minute, Counter()))
        self._minutes[-1][1][execution.language, failed] += 1

    def counts(self) -> tuple[int, int]:
        """How many have ended since the start, and how many of them failed."""
        return self._ended, self._failed

    def running(self) -> int:
        return sum(run.is_running for run in self._executor.under_way())

    def waiting(self) -> int:
        return sum(not run.is_running for run in self._executor.under_way())

    def under_way(self) -> Sequence["UnderWay"]:
        """Those that run, and then those that wait, in the order in which they were asked for."""
        found = [UnderWay(run.job.id, run.job.language, run.ask.room, run.ask.person, run.is_running) for run in self._executor.under_way()]
        return sorted(found, key=lambda one: not one.running)

    def recent(self) -> Sequence[Execution]:
        """The newest that ended, newest first."""
        return list(reversed(self._recent))

    def by_language(self) -> Sequence[OfLanguage]:
        """Of the last hour, most used first."""
        since = self._clock.now_ms() // MINUTE_MS - MINUTES
        total: Counter[tuple[str, bool]] = Counter()
        for minute, counted in self._minutes:
            if minute > since:
                total += counted
        return sorted(_of_languages(total), key=lambda one: (-one.ended, one.language))


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A program on the server that runs, or waits for its turn."""

    id: str
    language: str
    room: str
    person: str
    running: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that runs programs for all servers. `id`: another each time that it joins. `sentence`: what its last test said; the others are what
    it does, and of how much."""

    id: str
    host: str
    ok: bool
    sentence: str
    languages: int
    batch: int
    batch_slots: int
    interactive: int
    interactive_slots: int
    memory_bytes: int
    memory_most_bytes: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Programs under way, the newest that ended, newest first, and languages of the last hour. `queue`: how many wait, of all servers that share one,
    by lane; `machines`: what runs them, where that is shared."""

    under_way: Sequence[UnderWay]
    recent: Sequence[Execution]
    languages: Sequence[OfLanguage]
    queue: Mapping[Lane, int] = field(default_factory=dict[Lane, int])
    machines: Sequence[Machine] = ()


def _machine(figures: MachineFigures) -> Machine:
    """Whoever knows a runner's whole name could offer it programs."""
    return Machine(
        id=figures.name[:8],
        host=figures.host,
        ok=figures.ok,
        sentence=figures.sentence,
        languages=len(figures.languages),
        batch=figures.batch,
        batch_slots=figures.batch_slots,
        interactive=figures.interactive,
        interactive_slots=figures.interactive_slots,
        memory_bytes=figures.memory_bytes,
        memory_most_bytes=figures.memory_most_bytes,
    )


def _joined(one: Shown, other: Shown) -> Shown:
    total: Counter[tuple[str, bool]] = Counter()
    for language in (*one.languages, *other.languages):
        total[language.language, False] += language.ended - language.failed
        total[language.language, True] += language.failed
    return Shown(
        sorted([*one.under_way, *other.under_way], key=lambda run: not run.running),
        sorted([*one.recent, *other.recent], key=lambda execution: -(execution.at_ms + execution.duration_ms))[:RECENT],
        sorted(_of_languages(total), key=lambda of: (-of.ended, of.language)),
    )


def _of_languages(total: Mapping[tuple[str, bool], int]) -> Sequence[OfLanguage]:
    languages = {language for language, _ in total}
    return [OfLanguage(one, total.get((one, False), 0) + total.get((one, True), 0), total.get((one, True), 0)) for one in languages]
