"""Who is where: awareness states that cannot be forged.

A client id belongs to the connection that announced it first; what others say about it is dropped silently, since
y-websocket re-sends everybody's states. `user` in a state is replaced by what the server knows. Clocks are kept per id
past departure, and a returning client's clock is raised above them, or peers would ignore it (y-protocols
`awareness.js`: a state counts only with a newer clock).
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from fourhands.errors import InvalidRequest
from fourhands.model.limits import Limits
from fourhands.model.room import Member
from fourhands.protocol.awareness import GONE, Entry, decode
from fourhands.protocol.varint import read_last_bytes, read_varuint, write_varuint
from fourhands.room.peer import Cursor, Peer

KEPT_CLOCKS = 4096
"""Departed ids whose clocks are remembered; the longest gone are forgotten first (they are random, and rarely return)."""


ANNOUNCED_MOST = 64
"""Ids that a connection may claim over its life; each leaves a clock here and a row in the journal."""

_read_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_write_object = msgspec.json.Encoder().encode


class Announced(NamedTuple):
    """What to relay; who announced a client id for the first time; connections that a newer one has replaced."""

    entries: list[Entry]
    new_clients: list[int]
    replaced: list[Peer]


class Presence:
    """A room's awareness.

    Invariant: `_cursors` are those that somebody here owns, `_departed` the last clocks of others, in the order of their
    going; no id is in both.
    """

    __slots__ = ("_cursors", "_departed", "_limits")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cursors: dict[int, Cursor] = {}
        self._departed: dict[int, int] = {}

    def move(self, peer: Peer, update: bytes) -> bytes | None:
        """The fast way for what nearly every awareness message is: the cursor that this connection moved last, moved on.

        The awareness update to relay; None for anything else, which `take` reads. Raises `InvalidRequest` as `take` does.
        """
        cursor = peer.latest
        if cursor is None or not update.startswith(cursor.start):
            return None
        clock, position = read_varuint(update, len(cursor.start))
        state = read_last_bytes(update, position)
        clock += cursor.lift
        if state is None or state == GONE or clock <= cursor.clock:
            return None
        cursor.state = state = self._with_user(state, peer)
        cursor.clock = clock
        return b"".join((cursor.start, write_varuint(clock), write_varuint(len(state)), state))

    def take(self, peer: Peer, update: bytes) -> Announced:
        """What a peer says. Raises `InvalidRequest` if it cannot be read or a state is too large."""
        announced = Announced([], [], [])
        for client, clock, state in decode(update, self._limits.awareness_states):
            cursor = peer.clients.get(client)
            if cursor is None:
                if state != GONE and self._may_own(peer, client):
                    announced.entries.append(self._claim(peer, client, clock, self._with_user(state, peer), announced.replaced))
                    announced.new_clients.append(client)
                continue
            lifted = clock + cursor.lift
            if state == GONE:
                if lifted >= cursor.clock:
                    announced.entries.append(self._remove(cursor, lifted))  # a page that replaced its document goes on under another id
            elif lifted > cursor.clock:
                announced.entries.append(self._change(cursor, lifted, self._with_user(state, peer)))
        return announced

    def rename(self, peer: Peer) -> Sequence[Entry]:
        """The peer's states anew after its member changed; their clocks go up by one."""
        entries: list[Entry] = []
        for cursor in peer.clients.values():
            cursor.lift += 1
            entries.append(self._change(cursor, cursor.clock + 1, self._with_user(cursor.state, peer)))
        return entries

    def leave(self, peer: Peer) -> Sequence[Entry]:
        """Forget the peer's states; what says so to the others."""
        return [self._remove(cursor, cursor.clock + 1) for cursor in list(peer.clients.values())]

    def everyone(self) -> Sequence[Entry]:
        """All states, as somebody who joins or asks is told."""
        return [Entry(cursor.client, cursor.clock, cursor.state) for cursor in self._cursors.values()]

    def of(self, peer: Peer) -> Sequence[Entry]:
        """The states of one connection."""
        return [Entry(cursor.client, cursor.clock, cursor.state) for cursor in peer.clients.values()]

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _may_own(self, peer: Peer, client: int) -> bool:
        """Whether the peer may claim this id.

        Ids never seen are for whoever announces them first. Known ones only for a connection's first word, which is
        about itself: a client that returns, and takes over from its own older connection. Later words about them are
        y-websocket's echoes of others, perhaps of somebody who has just left.
        """
        cursor = self._cursors.get(client)
        if cursor is None and client not in self._departed:
            return len(peer.clients) < self._limits.clients_per_connection and peer.announced < ANNOUNCED_MOST
        return not peer.clients and (cursor is None or (cursor.owner.member.id == peer.member.id and cursor.owner.number < peer.number))

    def _claim(self, peer: Peer, client: int, clock: int, state: bytes, replaced: list[Peer]) -> Entry:
        before = self._cursors.get(client)
        if before is None:
            known = self._departed.pop(client, -1)
        else:
            known = before.clock
            self._take_away(before)
            replaced.append(before.owner)
        lift = max(0, known + 1 - clock)
        cursor = Cursor(peer, client, clock + lift, lift, state)
        self._cursors[client] = peer.clients[client] = peer.latest = cursor
        peer.announced += 1
        return Entry(client, cursor.clock, state)

    def _change(self, cursor: Cursor, clock: int, state: bytes) -> Entry:
        cursor.clock, cursor.state = clock, state
        cursor.owner.latest = cursor
        return Entry(cursor.client, clock, state)

    def _remove(self, cursor: Cursor, clock: int) -> Entry:
        client = cursor.client
        self._take_away(cursor)
        self._departed[client] = clock
        if len(self._departed) > KEPT_CLOCKS:
            del self._departed[next(iter(self._departed))]
        return Entry(client, clock, GONE)

    def _take_away(self, cursor: Cursor) -> None:
        del self._cursors[cursor.client], cursor.owner.clients[cursor.client]
        if cursor.owner.latest is cursor:
            cursor.owner.latest = None

    def _with_user(self, state: bytes, peer: Peer) -> bytes:
        if len(state) > self._limits.awareness_bytes:
            raise InvalidRequest(f"An awareness state may have {self._limits.awareness_bytes} bytes.")
        try:
            fields = _read_object(state if state.isascii() else state.decode())  # lib0 refuses what is not UTF-8; `Raw` would not
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidRequest("An awareness state is not a JSON object.") from error
        fields["user"] = peer.user = peer.user or msgspec.Raw(_user(peer.member))
        return _write_object(fields)


def _user(member: Member) -> bytes:
    return msgspec.json.encode({"id": member.id, "name": member.name, "color": member.color, "colorLight": member.color + "33", "role": member.role.value})
