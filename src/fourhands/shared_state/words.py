"""What is said to all instances and holds until something else is said: whom they take in, what they log, that bans have changed.

Each instance asks for them several times a second, and what was said last wins, wherever it was said: a Redis that comes back empty is told again.
Without Redis there is but one that hears them, whoever says them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog

from fourhands.errors import Unavailable
from fourhands.model.clock import Clock
from fourhands.shared_state.port import SharedState

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.shared_state")

EVERY_SECONDS = 0.4

Hears = Callable[[bytes], Awaitable[None]]
"""Is told what another instance says from now on; nothing: it was taken back."""


class Said(NamedTuple):
    """`at_ms`: when, by the clock of whoever said it, and later than all that they had heard of it."""

    at_ms: int
    value: bytes

    def encode(self) -> bytes:
        return b"%d %b" % self

    @classmethod
    def decode(cls, data: bytes) -> "Said":
        at_ms, _, value = data.partition(b" ")
        return cls(int(at_ms), value)


NOTHING = Said(0, b"")


class Words:
    """Invariant: `_known` is the latest of what this instance has said and heard."""

    def __init__(self, clock: Clock, shared: SharedState | None = None) -> None:
        self._clock = clock
        self._shared = shared
        self._known: dict[str, Said] = {}
        self._hearers: dict[str, Hears] = {}
        self._turn = asyncio.Lock()
        self._hearing: set[asyncio.Task[None]] = set()
        self._is_away = False
        self.while_away: list[Callable[[], None]] = []  # called each time that they cannot be asked for, and once more when they can again

    def hear(self, word: str, hears: Hears) -> None:
        """Have somebody hear what others say of it."""
        self._hearers[word] = hears

    def known(self, word: str) -> bytes:
        """What was said last, here or elsewhere."""
        return self._known.get(word, NOTHING).value

    async def say(self, word: str, value: bytes) -> None:
        """Say it to the others, now or as soon as Redis can be told; nothing: take back what was said."""
        async with self._turn:
            said = self._known[word] = Said(max(self._clock.now_ms(), self._known.get(word, NOTHING).at_ms + 1), value)
            if self._shared is not None:
                try:
                    await self._shared.say(word, said.encode())
                except Unavailable as error:
                    log.warning("word.later", word=word, reason=str(error))  # `listen` says it

    async def run(self) -> None:
        """Listen for ever; without Redis there is nothing to hear."""
        while self._shared is not None:
            await self.listen()
            await asyncio.sleep(EVERY_SECONDS)

    async def listen(self) -> bool:
        """Ask once for what is said; whether it could be asked for. Those who hear of it do so in tasks of their own, which begin in its order."""
        if self._shared is None:
            return True
        try:
            async with self._turn:
                heard = await self._compare(self._shared)
        except Unavailable:
            self._is_away = True
            self._tell_away()
            return False
        if self._is_away:
            self._is_away = False
            self._tell_away()
        for word in heard:
            if hears := self._hearers.get(word):
                task = asyncio.create_task(self._heard(hears, word, self.known(word)))
                self._hearing.add(task)
                task.add_done_callback(self._hearing.discard)
        return True

    async def _compare(self, shared: SharedState) -> list[str]:
        """What others have said that is newer than what we know. What we know and Redis does not (any more), it is told. Raises `Unavailable`."""
        found = {word: Said.decode(value) for word, value in (await shared.words()).items()}
        for word, said in self._known.items():
            if found.get(word, NOTHING).at_ms < said.at_ms:
                await shared.say(word, said.encode())
        newer = [word for word, said in found.items() if said.at_ms > self._known.get(word, NOTHING).at_ms]
        before = {word: self.known(word) for word in newer}
        self._known |= {word: found[word] for word in newer}
        return [word for word in newer if before[word] != self.known(word)]

    def _tell_away(self) -> None:
        for told in self.while_away:
            told()

    async def _heard(self, hears: Hears, word: str, value: bytes) -> None:
        try:
            await hears(value)
        except Exception:  # what another instance says must not end our listening
            log.exception("word.failed", word=word)
