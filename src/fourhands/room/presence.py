"""Who is where: awareness states that cannot be forged.

A client id belongs to the connection that announced it first; what others say about it is dropped silently, since
y-websocket re-sends everybody's states. `user` in a state is replaced by what the server knows. Clocks are kept per id
past departure, and a returning client's clock is raised above them, or peers would ignore it (y-protocols
`awareness.js`: a state counts only with a newer clock).
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from fourhands.errors import InvalidRequest
from fourhands.model.limits import Limits
from fourhands.model.room import Member
from fourhands.protocol.awareness import GONE, Entry, decode, encode_entry, join
from fourhands.protocol.varint import read_last_bytes, read_varuint, write_varuint
from fourhands.room.elsewhere import Elsewhere
from fourhands.room.peer import Cursor, Peer

KEPT_CLOCKS = 4096
"""Departed ids whose clocks are remembered; the longest gone are forgotten first (they are random, and rarely return)."""


ANNOUNCED_MOST = 64
"""Ids that a connection may claim over its life; each leaves a clock here and a row in the journal."""

MOST_CLOCK = 2**48
"""No client counts that far. What is added to a clock here must never make it more than a JavaScript number holds: everybody would
send it on, and be sent away for it."""

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

    __slots__ = ("_cursors", "_departed", "_limits", "_unheard", "elsewhere")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.elsewhere: Elsewhere | None = None  # what other instances show
        self._cursors: dict[int, Cursor] = {}
        self._departed: dict[int, int] = {}
        self._unheard: dict[Peer, None] | None = None  # whose moves were put off

    def move(self, peer: Peer, update: bytes) -> bytes | None:
        """The fast way for what nearly every awareness message is: the cursor that this connection moved last, moved on.

        The awareness update to relay; None for anything else, which `take` reads. Raises `InvalidRequest` as `take` does.
        """
        cursor = peer.latest
        if cursor is None or not update.startswith(cursor.start):
            return None
        clock, position = read_varuint(update, len(cursor.start))
        state = read_last_bytes(update, position)
        if state is None or state == GONE or clock > MOST_CLOCK:
            return None
        clock += cursor.lift
        if clock <= cursor.clock:
            return None
        cursor.state = state = self._with_user(state, peer)
        cursor.clock = clock
        return b"".join((cursor.start, write_varuint(clock), write_varuint(len(state)), state))

    def take(self, peer: Peer, update: bytes) -> Announced:
        """What a peer says. Raises `InvalidRequest` if it cannot be read or a state is too large."""
        announced = Announced([], [], [])
        first, peer.spoke = not peer.spoke, True
        for client, clock, state in decode(update, self._limits.awareness_states):
            if clock > MOST_CLOCK:
                continue
            cursor = peer.clients.get(client)
            if cursor is None:
                if state != GONE and self._may_own(peer, Entry(client, clock, state), first):
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
        if self._unheard:
            self._unheard.pop(peer, None)
        return [self._remove(cursor, cursor.clock + 1) for cursor in list(peer.clients.values())]

    def everyone(self) -> Sequence[Entry]:
        """All states, as somebody who joins or asks is told."""
        return self.own() if self.elsewhere is None else [*self.own(), *self.elsewhere.entries()]

    def own(self) -> Sequence[Entry]:
        """What is shown by those who are connected here."""
        return [cursor.entry for cursor in self._cursors.values()]

    def hear(self, origin: str, entries: Iterable[Entry]) -> Sequence[Entry]:
        """What another instance says of its cursors; what of it those here are to be told."""
        if self.elsewhere is None:
            return ()
        heard = self.elsewhere.show(origin, [entry for entry in entries if entry.client not in self._cursors])
        for client, clock, state in heard:
            if state == GONE:
                self._depart(client, clock)
            else:
                self._departed.pop(client, None)
        return heard

    def lose(self, origin: str) -> Sequence[Entry]:
        """That instance is gone: what says so of its cursors."""
        gone = () if self.elsewhere is None else self.elsewhere.forget(origin)
        for client, clock, _ in gone:
            self._depart(client, clock)
        return gone

    def yield_to(self, clients: Iterable[int], member_id: str, since_ms: int) -> Sequence[Peer]:
        """A newer connection of a member, at another instance, shows what these clients show: who showed it here, and shows it no more."""
        older: list[Peer] = []
        for client in clients:
            cursor = self._cursors.get(client)
            if cursor is not None and cursor.owner.member.id == member_id and cursor.owner.since_ms < since_ms:
                self._take_away(cursor)
                self._depart(client, cursor.clock)
                older.append(cursor.owner)
        return older

    def put_off(self, peer: Peer) -> None:
        """It has moved, and nobody heard of it yet."""
        if self._unheard is None:
            self._unheard = {}
        self._unheard[peer] = None

    def newest_for(self, peers: Sequence[Peer]) -> Iterable[tuple[bytes, Sequence[Peer]]]:
        """Awareness updates, and who is to hear each: where those are now who were put off, all together, but nobody's own."""
        unheard, self._unheard = self._unheard or {}, None
        parts = {peer: [encode_entry(cursor.entry) for cursor in peer.clients.values()] for peer in unheard if peer.clients}
        if parts:
            yield join(chain(*parts.values())), [peer for peer in peers if peer not in parts]
        if len(parts) > 1:
            for peer in parts:
                yield join(chain.from_iterable(part for other, part in parts.items() if other is not peer)), [peer]

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _may_own(self, peer: Peer, said: Entry, first: bool) -> bool:
        """Whether the peer may claim an id that it has not.

        Ids never seen are for whoever announces them first, departed ones for a connection that has none. A connection
        takes over from its member's older one by its `first` word alone, which is about itself. All else are
        y-websocket's echoes of others, perhaps of somebody who has just left; it may begin with them when it shows nothing.
        """
        cursor = self._cursors.get(said.client)
        if cursor is not None:
            older = cursor.owner
            newer = older.member.id == peer.member.id and older.number < peer.number and said.clock + cursor.lift >= cursor.clock
            return first and newer and not _is_echo(said, cursor)
        if self.elsewhere is not None and said.client in self.elsewhere.cursors:
            return first and self.elsewhere.is_theirs(said.client, peer.member.id)
        if said.client in self._departed:
            return not peer.clients
        return len(peer.clients) < self._limits.clients_per_connection and peer.announced < ANNOUNCED_MOST

    def _claim(self, peer: Peer, client: int, clock: int, state: bytes, replaced: list[Peer]) -> Entry:
        before = self._cursors.get(client)
        if before is None:
            known = self._departed.pop(client, -1)
            if self.elsewhere is not None and (remote := self.elsewhere.cursors.pop(client, None)):
                known = max(known, remote.clock)
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
        self._depart(client, clock)
        return Entry(client, clock, GONE)

    def _depart(self, client: int, clock: int) -> None:
        self._departed[client] = clock
        if len(self._departed) > KEPT_CLOCKS:
            del self._departed[next(iter(self._departed))]

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


def _is_echo(said: Entry, cursor: Cursor) -> bool:
    """Whether it is what everybody was told; of itself a client does not say `user` as the server does."""
    try:
        return said.clock == cursor.clock and msgspec.json.decode(said.state) == msgspec.json.decode(cursor.state)
    except (msgspec.DecodeError, RecursionError):
        return False


def _user(member: Member) -> bytes:
    return msgspec.json.encode({"id": member.id, "name": member.name, "color": member.color, "colorLight": member.color + "33", "role": member.role.value})
