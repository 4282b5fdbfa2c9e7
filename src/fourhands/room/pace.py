"""How fast messages may come, from one connection and into one room: counted down, and looked at only when used up."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from fourhands.errors import LimitExceeded
from fourhands.model.clock import Clock
from fourhands.model.limits import Limits

MESSAGE_BURST_SECONDS, BYTE_BURST_SECONDS, CURSOR_BURST_SECONDS = 5, 10, 2
ANSWER_BURST_SECONDS, WORK_BURST_SECONDS = 10, 30

_NO_LIMIT = 1e18

_MUCH_WORK = "Your edits take more time than this server has for one connection; connect again in a moment, and what is missing is sent then."


@dataclass(frozen=True, slots=True)
class Rates:
    """What one connection, or one room, may take in: so much a second in the long run, so much at once.

    Cursors are awareness messages: past their rate they are put off and gathered, never refused; they count as bytes,
    not as messages. `answers`: seconds of work, since a small question may have the whole document read; `work`: seconds that
    updates take which are no keystrokes. `refusal` tells whoever passes another limit.
    """

    clock: Clock
    messages: float
    messages_at_once: float
    bytes: float
    bytes_at_once: float
    cursors: float
    cursors_at_once: float
    answers: float
    answers_at_once: float
    work: float
    work_at_once: float
    refusal: str


class Pace:
    """Counters. Each message takes from them; only when one is used up is the clock asked and all are refilled, for
    the time since that was done last. A keystroke costs two subtractions, and after a pause about twice "at once" passes.

    Invariant: none stands above its "at once"; a message that was refused took nothing.
    """

    __slots__ = ("_answers", "_bytes", "_cursors", "_messages", "_rates", "_refilled_at", "_work")

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._messages = rates.messages_at_once
        self._bytes = rates.bytes_at_once
        self._cursors = rates.cursors_at_once
        self._answers = rates.answers_at_once
        self._work = rates.work_at_once
        self._refilled_at = rates.clock.monotonic()

    def take(self, size_bytes: int) -> None:
        """Count a message. Raises `LimitExceeded`: the connection is closed with 4529."""
        self._messages -= 1
        self._bytes -= size_bytes
        if self._messages < 0 or self._bytes < 0:
            self._refill()
            if self._messages < 0 or self._bytes < 0:
                self._messages += 1
                self._refuse(size_bytes)

    def take_both(self, other: "Pace", size_bytes: int) -> None:
        """Count a message here and there: for every keystroke. Raises `LimitExceeded`."""
        if self._messages >= 1 and self._bytes >= size_bytes and other._messages >= 1 and other._bytes >= size_bytes:
            self._messages -= 1
            self._bytes -= size_bytes
            other._messages -= 1
            other._bytes -= size_bytes
        else:
            self.take(size_bytes)
            other.take(size_bytes)

    def take_cursor(self, size_bytes: int) -> bool:
        """Count an awareness message; whether it may be relayed at once. Raises `LimitExceeded` for its bytes alone."""
        self._cursors -= 1
        self._bytes -= size_bytes
        if self._cursors >= 0 and self._bytes >= 0:
            return True
        self._refill()
        if self._bytes < 0:
            self._cursors += 1
            self._refuse(size_bytes)
        if self._cursors >= 0:
            return True
        self._cursors += 1
        return False

    def take_cursor_both(self, other: "Pace", size_bytes: int) -> bool:
        """Count an awareness message here and there; whether both let it be relayed at once. Raises `LimitExceeded` for its bytes alone."""
        if self._cursors >= 1 and self._bytes >= size_bytes and other._cursors >= 1 and other._bytes >= size_bytes:
            self._cursors -= 1
            self._bytes -= size_bytes
            other._cursors -= 1
            other._bytes -= size_bytes
            return True
        return self.take_cursor(size_bytes) and other.take_cursor(size_bytes)

    @contextmanager
    def answering(self) -> Generator[None]:
        """A question is answered inside: a few bytes may have the whole document read, so that what counts is the time. Raises
        `LimitExceeded` when earlier answers took too long together."""
        if self._answers <= 0:
            self._refill()
            if self._answers <= 0:
                raise LimitExceeded("You ask for more than this server can tell; connect again in a moment.", 1.0)
        clock = self._rates.clock
        began = clock.monotonic()
        try:
            yield
        finally:
            self._answers -= clock.monotonic() - began

    def require_work(self) -> None:
        """Asked before an update is taken that is no keystroke. Raises `LimitExceeded` when earlier ones took too long together."""
        if self._work <= 0:
            self._refill()
            if self._work <= 0:
                raise LimitExceeded(_MUCH_WORK, 5.0)

    def require_patience(self) -> None:
        """Asked between the parts of an update. Raises `LimitExceeded` when it alone has taken more than is allowed at once."""
        if self._work <= -self._rates.work_at_once:
            raise LimitExceeded(_MUCH_WORK, 5.0)

    def worked(self, seconds: float) -> None:
        """So long did taking an update, or a part of one, take."""
        self._work -= seconds

    def _refill(self) -> None:
        rates = self._rates
        now = rates.clock.monotonic()
        passed, self._refilled_at = now - self._refilled_at, now
        self._messages = min(rates.messages_at_once, self._messages + passed * rates.messages)
        self._bytes = min(rates.bytes_at_once, self._bytes + passed * rates.bytes)
        self._cursors = min(rates.cursors_at_once, self._cursors + passed * rates.cursors)
        self._answers = min(rates.answers_at_once, self._answers + passed * rates.answers)
        self._work = min(rates.work_at_once, self._work + passed * rates.work)

    def _refuse(self, size_bytes: int) -> None:
        self._bytes += size_bytes
        raise LimitExceeded(self._rates.refusal, 1.0)


@lru_cache(maxsize=2)
def connection_rates(limits: Limits, clock: Clock) -> Rates:
    """One for all connections."""
    per_second = limits.messages_per_second, limits.bytes_per_second, limits.cursors_per_second
    answers = limits.answer_milliseconds_per_second / 1000 if limits.rates else _NO_LIMIT
    work = limits.work_milliseconds_per_second / 1000 if limits.rates else _NO_LIMIT
    return _rates(limits, clock, per_second, (answers, work), "You send more than this server takes; connect again in a moment.")


@lru_cache(maxsize=2)
def room_rates(limits: Limits, clock: Clock) -> Rates:
    """One for all rooms."""
    per_second = limits.room_messages_per_second, limits.room_bytes_per_second, limits.room_cursors_per_second
    return _rates(limits, clock, per_second, (_NO_LIMIT, _NO_LIMIT), "More is sent into this room than this server takes; connect again in a moment.")


def _rates(limits: Limits, clock: Clock, per_second: tuple[float, float, float], seconds: tuple[float, float], refusal: str) -> Rates:
    if not limits.rates:
        return Rates(clock, 0, _NO_LIMIT, 0, _NO_LIMIT, 0, _NO_LIMIT, 0, _NO_LIMIT, 0, _NO_LIMIT, refusal)
    messages, size, cursors = per_second
    answers, work = seconds
    return Rates(
        clock,
        messages,
        messages * MESSAGE_BURST_SECONDS,
        size,
        max(size * BYTE_BURST_SECONDS, 2 * limits.message_bytes),  # a first sync and a large paste fit
        cursors,
        cursors * CURSOR_BURST_SECONDS,
        answers,
        answers * ANSWER_BURST_SECONDS,
        work,
        work * WORK_BURST_SECONDS,
        refusal,
    )
