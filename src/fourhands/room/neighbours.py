"""What instances that have the same room tell each other of its runs and of its lobby; edits and people are `sharing`'s. `app` begins it.

Who comes to have a room says so ("hello"); the others answer by what of it is theirs alone: runs under way, and who waits for a host.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec.json import Decoder

from fourhands.errors import FourhandsError, LimitExceeded
from fourhands.model.room import Member
from fourhands.protocol import events, runs
from fourhands.room import doors, runs_elsewhere, share
from fourhands.room.live import LiveRoom
from fourhands.room.others import Others
from fourhands.room.registry import Registry
from fourhands.room.window import windows_of

HELLO, RUNS, AGAIN, REFUSED = "hello", "runs", "runs.again", "run.refused"

Told = TypeVar("Told")


class Known(msgspec.Struct, array_like=True, frozen=True):
    """To the instance that came or asked (empty: to all): the sender's runs in this room, and what ended a moment ago. `gone`: of what it asked for, what the
    sender knows nothing of."""

    to: str
    runs: list[runs.Run]
    gone: list[str] = []


class Wanted(msgspec.Struct, array_like=True, frozen=True):
    """By an instance that may have missed something: how does it stand with these runs of yours, and are there others?"""

    by: str
    of: str
    open: list[str]


class Refused(msgspec.Struct, array_like=True, frozen=True):
    """To the instance that sent something to be done: it could not be, and whoever wanted it on that connection is told why."""

    to: str
    peer: int
    error: events.ErrorSaid


class Neighbours:
    """Listens for as long as the server runs."""

    def __init__(self, registry: Registry, sharing: Others) -> None:
        self._registry = registry
        self._sharing = sharing
        self._own = sharing.instance
        self._on(runs_elsewhere.RUN, runs_elsewhere.decoder, lambda room, origin, said: room.runs.elsewhere.hear(origin, said))
        self._on(runs_elsewhere.RAN, Decoder(runs_elsewhere.Ran), lambda room, origin, ran: room.runs.rate.take(ran.member, ran.client))
        self._on(runs_elsewhere.ACT, Decoder(runs_elsewhere.Sent), self._act)
        self._on(RUNS, Decoder(Known), self._runs)
        self._on(share.RATE, Decoder(share.Counted), self._counted)
        self._on(AGAIN, Decoder(Wanted), self._again)
        self._on(REFUSED, Decoder(Refused), self._refused)
        self._on(HELLO, Decoder(str), lambda room, origin, _: self._answer(room, origin))
        self._on(doors.KNOCK, Decoder(Member), doors.knocked_elsewhere)
        self._on(doors.KNOCK_OVER, Decoder(str), doors.gone_elsewhere)
        sharing.on_lost.append(self.lost)
        sharing.on_loaded.append(self.loaded)
        sharing.on_mended.append(self.mended)

    def _on(self, topic: str, decoder: "Decoder[Told]", hear: Callable[[LiveRoom, str, Told], None]) -> None:
        self._sharing.hears[topic] = lambda room, origin, payload: hear(room, origin, decoder.decode(payload))

    def loaded(self, room: LiveRoom, shared: bool) -> None:
        """We have a room, and hear from now on what others say in it."""
        if shared:
            _say(room, HELLO, self._own)

    def _answer(self, room: LiveRoom, origin: str) -> None:
        known = room.runs.for_newcomers() if room.has_runs else ()
        if known:
            _say(room, RUNS, Known(origin, list(known)))
        if room.is_awaited:
            for member in room.doors.here().values():
                _say(room, doors.KNOCK, member)

    def _counted(self, room: LiveRoom, origin: str, counted: share.Counted) -> None:
        del origin
        if room.limits.rates:
            windows_of(room).note(counted.member, counted.what, counted.most, room.clock.monotonic())

    def mended(self, room: LiveRoom) -> None:
        """Words of others may have been lost: whoever carries a run here says once more how it stands."""
        carried = room.runs.elsewhere.by_carrier() if room.has_runs else {}
        _say(room, HELLO, self._own)
        for instance, open_ended in carried.items():
            _say(room, AGAIN, Wanted(self._own, instance, open_ended))

    def _again(self, room: LiveRoom, origin: str, wanted: Wanted) -> None:
        if wanted.of != self._own:
            return
        there = [run for run_id in wanted.open if room.has_runs and (run := room.runs.run(run_id)) is not None]
        _say(room, RUNS, Known(origin, there, sorted(set(wanted.open) - {run.id for run in there})))

    def _runs(self, room: LiveRoom, origin: str, told: Known) -> None:
        if told.to in {"", self._own}:
            room.runs.elsewhere.claimed(origin, told.runs)
            room.runs.elsewhere.unknown(origin, told.gone)

    def _act(self, room: LiveRoom, origin: str, sent: runs_elsewhere.Sent) -> None:
        if sent.to != self._own:
            return
        try:
            room.runs.act(sent.act, by=sent.member, peer=0)
        except FourhandsError as error:
            wait = error.retry_after_seconds if isinstance(error, LimitExceeded) else None
            _say(room, REFUSED, Refused(origin, sent.peer, events.ErrorSaid(error.code, str(error), ref=sent.act.run, retry_after=wait)))

    def _refused(self, room: LiveRoom, origin: str, refused: Refused) -> None:
        del origin
        for peer in room.peers:
            if refused.to == self._own and peer.number == refused.peer and peer.events:
                room.tell(peer, refused.error)

    def lost(self, origin: str) -> None:
        """That instance is gone: what was its own has ended."""
        for room in self._registry.rooms():
            if room.closed:
                continue
            if room.has_runs and (lost := room.runs.elsewhere.lost(origin)):
                _say(room, RUNS, Known("", lost))  # to whom the room came after its words, and before its lease was over
            doors.gone_elsewhere(room, origin)


def _say(room: LiveRoom, topic: str, said: object) -> None:
    if (shared := room.shared) is not None:
        shared.say(topic, msgspec.json.encode(said))
