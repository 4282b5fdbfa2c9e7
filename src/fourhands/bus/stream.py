"""A stream of Redis as one instance reads it, and the commands that name streams."""

from collections.abc import Callable, Sequence
from typing import cast

import hiredis
import structlog

from fourhands.bus.envelope import BadParcel, Inbox
from fourhands.bus.messages import Message
from fourhands.bus.port import Hear

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.bus")

BLOCK_MS = 2000
"""How long a read waits for something to come; then it is asked anew, which shows that the other side is there."""
COUNT = 500
"""Entries of a stream that one read takes. If so many came there may be more, and some may have been trimmed away before they were read."""

_pack = cast("Callable[[tuple[str | bytes | int, ...]], bytes]", getattr(hiredis, "pack_command"))  # noqa: B009 - its stub names one argument


class Stream:
    """A channel that is read: the id of the last entry that was seen, and who hears what comes."""

    __slots__ = ("channel", "hear", "inbox", "key", "last", "place")

    def __init__(self, channel: str, key: bytes, hear: Hear, last: bytes = b"") -> None:
        self.channel, self.key, self.hear = channel, key, hear
        self.inbox = Inbox()
        self.seen(last)

    def seen(self, last: bytes) -> None:
        """`place` is what a read says of it."""
        self.last, self.place = last, b"$%d\r\n%b\r\n" % (len(last), last)

    def take(self, own: bytes, entries: Sequence[tuple[bytes, Sequence[bytes]]]) -> bool:
        """Let whoever hears have what others than `own` said; whether something before it was missed."""
        for _, fields in entries:
            parcel = fields[1]
            if not parcel or parcel.startswith(own, 1):
                continue  # a wake, or our own
            try:
                taken = self.inbox.take(parcel)
            except BadParcel as error:
                log.warning("bus.bad_parcel", channel=self.channel, bytes=len(parcel), reason=str(error))
                continue
            if taken is not None:
                self._let_hear(*taken)
        missed, self.inbox.missed = self.inbox.missed, False
        return missed

    def _let_hear(self, sender: str, messages: Sequence[Message]) -> None:
        try:
            self.hear(sender, messages)
        except Exception:  # a mistake in one room must not end the reading for all
            log.exception("bus.hearing_failed", channel=self.channel)


def pack(*arguments: str | bytes | int) -> bytes:
    """A command as Redis reads it."""
    return _pack(arguments)


def read_command(keys: Sequence[bytes]) -> bytes:
    """XREAD of these streams, but for the ids."""
    words = [b"XREAD", b"BLOCK", b"%d" % BLOCK_MS, b"COUNT", b"%d" % COUNT, b"STREAMS", *keys]
    return b"*%d\r\n" % (len(words) + len(keys)) + b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in words])


def entry_id(text: bytes) -> tuple[int, int]:
    """An entry's id, to be compared."""
    milliseconds, _, number = text.partition(b"-")
    return int(milliseconds), int(number or 0)
