"""How long an edit takes from being read to being written to everybody, of a sample: all other frames pass without a clock.

A few connections at a time carry a stopwatch: their class is `Timed` until their next edit, which is measured, or until others are chosen. Nothing is
asked of a frame on any other connection, so that measuring costs by the sample and not by what people type.
"""

import random
import time
from collections.abc import Callable, Sequence

from picows import WSFrame, WSTransport

from fourhands.edge.ws.connection import Connection
from fourhands.edge.ws.heartbeat import Beating
from fourhands.edge.ws.hub import Hub

CHOSEN = 16
"""Connections that carry a stopwatch at once."""
KNOWN_SECONDS = 2.0
"""How long the list of connections to choose from is kept."""


class Timed(Connection):
    """A connection whose next edit is measured. Invariant: it adds nothing to what `Connection` holds, so that either can become the other."""

    __slots__ = ()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        peer = self._peer
        before = 0 if peer is None else peer.received
        began = time.perf_counter()
        super().on_ws_frame(transport, frame)
        if peer is not None and peer.received == before + 1:
            self.__class__ = Connection  # pyright: ignore[reportAttributeAccessIssue] - of the same shape: see above
            # uvloop writes what was queued at the end of this turn of the loop: the next one begins behind it
            self._hub.loop.call_soon(_measured, self._hub, began)


def _measured(hub: Hub, began: float) -> None:
    hub.relayed(time.perf_counter() - began)


class Sampler:
    """`choose` is called now and then, as by a probe; the hub's `relayed` hears the seconds that each sampled edit took."""

    def __init__(self, hub: Hub, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._hub = hub
        self._monotonic = monotonic
        self._known: Sequence[Beating] = ()
        self._known_until = 0.0
        self._chosen: Sequence[Beating] = ()

    def choose(self) -> None:
        """Take the stopwatches away from those who were chosen before, and give them to others."""
        for one in self._chosen:
            if type(one) is Timed:
                one.__class__ = Connection
        if self._monotonic() >= self._known_until:
            self._known, self._known_until = self._hub.connections(), self._monotonic() + KNOWN_SECONDS
        self._chosen = random.sample(self._known, min(CHOSEN, len(self._known)))
        for one in self._chosen:
            if type(one) is Connection:
                one.__class__ = Timed
