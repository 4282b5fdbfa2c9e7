"""The doors of a live room: who waits in its lobby, and what hosts say of its people, effective at once on live connections.

Who waits is not in the room: nothing of it is sent to them but that they wait.

    waiting ──let in──> the connection joins the room
       └──refused, room closed, gone──> closed
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec

from fourhands.access.may import Verb, may
from fourhands.errors import Forbidden, FourhandsError, Unavailable
from fourhands.model.clock import Clock
from fourhands.model.limits import Limits
from fourhands.model.room import Member, MemberState, Room
from fourhands.protocol import events, sync
from fourhands.protocol.close import CloseCode
from fourhands.protocol.websocket import frame
from fourhands.room.peer import Outbox, Peer

REMOVED = "A host removed you from this room."
REFUSED = "A host did not let you in."

KNOCK, KNOCK_OVER = "knock", "knock.over"
"""What instances that have the room tell each other of who waits."""

FRESH_SECONDS = 60.0
"""How long a host's word goes before what a connection that is just coming in has read of its member."""


class Waiter:
    """A connection in the lobby. `let_in` becomes the member as a host let them in, or fails with why not."""

    __slots__ = ("let_in", "member", "outbox")

    def __init__(self, member: Member, outbox: Outbox) -> None:
        self.member = member
        self.outbox = outbox
        self.let_in: asyncio.Future[Member] = asyncio.get_running_loop().create_future()

    def refuse(self, error: FourhandsError) -> None:
        if not self.let_in.done():
            self.let_in.set_exception(error)


class Doors:
    """Who waits, and the newest of what hosts said of members, so that nobody comes in by what was read just before."""

    __slots__ = ("_clock", "_elsewhere", "_said", "waiting")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: dict[str, tuple[float, Member]] = {}
        self.waiting: list[Waiter] = []
        self._elsewhere: dict[str, dict[str, Member]] | None = None  # who waits at which other instance, once anybody does

    def note(self, member: Member) -> None:
        """What a member is since this moment."""
        now = self._clock.monotonic()
        self._said = {key: said for key, said in self._said.items() if now - said[0] < FRESH_SECONDS}
        self._said[member.id] = (now, member)

    def newest(self, member: Member) -> Member:
        """What they are by now."""
        said = self._said.get(member.id)
        return member if said is None or self._clock.monotonic() - said[0] >= FRESH_SECONDS else said[1]

    def people(self) -> Sequence[Member]:
        """Who waits, each member once, longest first; then those who do at other instances."""
        others = {member_id: member for waiting in (self._elsewhere or {}).values() for member_id, member in waiting.items()}
        return list((self.here() | {member_id: member for member_id, member in others.items() if member_id not in self.here()}).values())

    def here(self) -> dict[str, Member]:
        """Who waits at this instance, by id."""
        return {waiter.member.id: waiter.member for waiter in self.waiting}

    def put_elsewhere(self, origin: str, member: Member) -> None:
        """Somebody waits there."""
        self._elsewhere = self._elsewhere or {}
        self._elsewhere.setdefault(origin, {})[member.id] = member

    def gone_elsewhere(self, origin: str, member_id: str | None = None) -> Sequence[str]:
        """They wait there no more (None: nobody does); who those were."""
        waiting = (self._elsewhere or {}).get(origin, {})
        gone = [one for one in waiting if member_id is None or one == member_id]
        for one in gone:
            del waiting[one]
        return gone

    def close(self, reason: FourhandsError) -> None:
        """Nobody is let in any more."""
        for waiter in self.waiting:
            waiter.refuse(reason)


class Shared(Protocol):
    """The other instances that have the room."""

    def say(self, topic: str, payload: bytes) -> None: ...


class Hall(Protocol):
    """What is needed of the room."""

    peers: list[Peer]
    empty_since: float | None

    @property
    def shared(self) -> Shared | None: ...
    @property
    def room(self) -> Room: ...
    @property
    def doors(self) -> Doors: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def closed(self) -> bool: ...
    def member_changed(self, member: Member, by: str | None = None) -> None: ...
    def announce(self, event: events.ServerEvent, *, beside: Peer | None = None) -> None: ...
    def tell(self, peer: Peer, event: events.ServerEvent) -> None: ...


async def wait(room: Hall, member: Member, outbox: Outbox, *, speaks_events: bool) -> Member:
    """Wait in the lobby; the member once a host let them in. Raises `Forbidden` when refused, `Unavailable` when the room closes or too many wait."""
    doors = room.doors
    if doors.newest(member).state is not MemberState.WAITING:
        return doors.newest(member)
    if room.closed or len(doors.waiting) >= room.limits.people_per_room:
        raise Unavailable("Too many people wait to be let into this room. Try again later.", "room")
    waiter = Waiter(member, outbox)
    newcomer, newly = member.id not in {one.id for one in doors.people()}, member.id not in doors.here()
    doors.waiting.append(waiter)
    if speaks_events:
        outbox.put(frame(sync.event(events.encode(events.LobbyWait(room.room.title, events.MemberView.of(member))))))
    if newly and room.shared is not None:
        room.shared.say(KNOCK, msgspec.json.encode(member))
    if newcomer:
        _tell_hosts(room, events.LobbyKnock(events.MemberView.of(member)))
    try:
        return await waiter.let_in
    finally:
        doors.waiting.remove(waiter)
        if member.id not in doors.here() and room.shared is not None:
            room.shared.say(KNOCK_OVER, msgspec.json.encode(member.id))
        _tell_gone(room, [member.id])
        if not room.peers and not doors.waiting:
            room.empty_since = room.clock.monotonic()


def member_moved(room: Hall, member: Member, by: str | None) -> None:
    """A host (or the server, without `by`) has said what a member is now: let in, of another role, refused or removed."""
    was_here = any(peer.member.id == member.id for peer in room.peers)
    waiters = [waiter for waiter in room.doors.waiting if waiter.member.id == member.id]
    room.member_changed(member, by)
    for waiter in waiters:
        if member.state is MemberState.REMOVED:
            waiter.refuse(Forbidden(REFUSED))
        elif member.state is MemberState.IN and not waiter.let_in.done():
            waiter.let_in.set_result(member)
    if member.state is MemberState.IN or not was_here:
        return
    for peer in [peer for peer in room.peers if peer.member.id == member.id]:
        peer.outbox.close(CloseCode.FORBIDDEN, REMOVED)
    room.announce(events.MemberRemoved(member.id, by))


def knocked_elsewhere(room: Hall, origin: str, member: Member) -> None:
    """Somebody waits at another instance: hosts here may let them in as well."""
    newcomer = member.id not in {one.id for one in room.doors.people()}
    room.doors.put_elsewhere(origin, member)
    if newcomer:
        _tell_hosts(room, events.LobbyKnock(events.MemberView.of(member)))


def gone_elsewhere(room: Hall, origin: str, member_id: str | None = None) -> None:
    """They wait there no more; without an id nobody does, since that instance is gone."""
    _tell_gone(room, room.doors.gone_elsewhere(origin, member_id))


def _tell_gone(room: Hall, member_ids: Sequence[str]) -> None:
    waiting = {one.id for one in room.doors.people()}
    for member_id in member_ids:
        if member_id not in waiting:
            _tell_hosts(room, events.LobbyLeft(member_id))


def _tell_hosts(room: Hall, event: events.ServerEvent) -> None:
    for peer in room.peers:
        if peer.events and may(peer.member, Verb.ADMIT):
            room.tell(peer, event)
