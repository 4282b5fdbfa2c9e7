"""The streams of one run, as the link is used: what is said goes onto one, what the other end says is read from the other.

Every message has a number. One that comes twice is left out; one that is missing means that the stream was cut (Redis lost
what it had, or trimmed it), and a run whose stream was cut is lost: it is never gone on with.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from fourhands.errors import ProtocolViolation
from fourhands.execution.cluster.reader import Fields
from fourhands.execution.cluster.sender import Sender
from fourhands.execution.link import encode

KEPT = 5000
"""Messages that a stream holds at most; the other end takes them away long before."""
TRIM_BYTES, TRIM_MESSAGES = 64 * 1024, 64
"""So much that was read is taken away together."""

Incoming = TypeVar("Incoming", bound=Struct)


class Channel:
    """What is said to the other end. `ttl_ms`: the stream is gone after this time, whatever happens. `cut` hears that it is gone already."""

    def __init__(self, sender: Sender, key: str, ttl_ms: int, cut: Callable[[], None]) -> None:
        self._sender = sender
        self._key = key
        self._ttl_ms = ttl_ms
        self._cut = cut
        self._said = 0
        self._muted = False

    def send(self, message: Struct, body: bytes = b"") -> None:
        """Say it, at once; see `Link.send`."""
        if self._muted:
            return
        self._said += 1
        made = () if self._said == 1 else ("NOMKSTREAM",)
        fields = ("n", self._said, "h", encode(message), "b", body)
        self._sender.put("XADD", self._key, *made, "MAXLEN", "~", KEPT, "*", *fields, missing=self._be_cut)
        if self._said == 1:
            self._sender.put("PEXPIRE", self._key, self._ttl_ms)

    @property
    def is_full(self) -> bool:
        return self._sender.is_full

    async def drain(self) -> None:
        await self._sender.drain()

    def mute(self) -> None:
        """Say nothing any more."""
        self._muted = True

    def _be_cut(self) -> None:
        if not self._muted:
            self._muted = True
            self._cut()


class Inflow(Generic[Incoming]):
    """What the other end says, checked."""

    def __init__(self, sender: Sender, key: str, decoder: "msgspec.json.Decoder[Incoming]") -> None:
        self._sender = sender
        self._key = key
        self._decoder = decoder
        self._heard = 0
        self._bytes = self._messages = 0

    def take(self, entry: bytes, fields: Fields) -> tuple[Incoming, bytes] | None:
        """The message of an entry; None for one that was heard before. Raises `ProtocolViolation` for a gap and for what makes no sense."""
        try:
            number, body = int(fields[b"n"]), fields[b"b"]
            if number <= self._heard:
                return None
            if number != self._heard + 1:
                raise ProtocolViolation("Something of what was said by way of Redis is missing.")
            message = self._decoder.decode(fields[b"h"])
        except (KeyError, ValueError) as error:
            raise ProtocolViolation(f"The other end said by way of Redis what makes no sense: {error}.") from error
        self._heard = number
        self._trim(entry, len(body))
        return message, body

    def _trim(self, entry: bytes, size: int) -> None:
        self._bytes += size
        self._messages += 1
        if self._bytes >= TRIM_BYTES or self._messages >= TRIM_MESSAGES:
            self._bytes = self._messages = 0
            time_ms, number = entry.split(b"-")
            self._sender.put("XTRIM", self._key, "MINID", b"%b-%d" % (time_ms, int(number) + 1))
