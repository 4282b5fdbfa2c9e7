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
from fourhands.room.peer import Peer

KEPT_CLOCKS = 4096
"""Departed ids whose clocks are remembered; the longest gone are forgotten first (they are random, and rarely return)."""


ANNOUNCED_MOST = 64
"""Ids that a connection may claim over its life; each leaves a clock here and a row in the journal."""


class Announced(NamedTuple):
    """What to relay; who announced a client id for the first time; connections that a newer one has replaced."""

    entries: Sequence[Entry]
    new_clients: Sequence[int]
    replaced: Sequence[Peer]


class Presence:
    """A room's awareness.

    Invariant: every id in `_states` has an owner; every id ever relayed and not forgotten has its last clock.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._owners: dict[int, Peer] = {}
        self._states: dict[int, bytes] = {}
        self._clocks: dict[int, int] = {}

    def take(self, peer: Peer, update: bytes) -> Announced:
        """What a peer says. Raises `InvalidRequest` if it cannot be read or a state is too large."""
        relayed: list[Entry] = []
        new: list[int] = []
        replaced: list[Peer] = []
        for client, clock, state in decode(update, self._limits.awareness_states):
            if client not in peer.clients:
                owner = self._owners.get(client)
                if state == GONE or not self._may_own(peer, client):
                    continue
                if owner is not None:
                    owner.clients.pop(client, None)
                    replaced.append(owner)
                self._owners[client] = peer
                peer.announced += 1
                peer.clients[client] = max(0, self._clocks.get(client, -1) + 1 - clock)
                new.append(client)
            raised = clock + peer.clients[client]
            known = self._clocks.get(client, -1)
            if raised < known or (raised == known and not (state == GONE and client in self._states)):
                continue
            relayed.append(self._keep(Entry(client, raised, state if state == GONE else self._with_user(state, peer.member))))
            if state == GONE:  # a page that replaced its document goes on under another id
                del self._owners[client], peer.clients[client]
        self._forget_oldest()
        return Announced(relayed, new, replaced)

    def rename(self, peer: Peer) -> Sequence[Entry]:
        """The peer's states anew after its member changed; their clocks go up by one."""
        entries: list[Entry] = []
        for client in peer.clients:
            state = self._states.get(client)
            if state is not None:
                peer.clients[client] += 1
                entries.append(self._keep(Entry(client, self._clocks[client] + 1, self._with_user(state, peer.member))))
        return entries

    def leave(self, peer: Peer) -> Sequence[Entry]:
        """Forget the peer's states; what says so to the others."""
        gone: list[Entry] = []
        for client in peer.clients:
            del self._owners[client]
            if client in self._states:
                gone.append(self._keep(Entry(client, self._clocks[client] + 1, GONE)))
        peer.clients.clear()
        self._forget_oldest()
        return gone

    def everyone(self) -> Sequence[Entry]:
        """All states, as somebody who joins or asks is told."""
        return [Entry(client, self._clocks[client], state) for client, state in self._states.items()]

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _may_own(self, peer: Peer, client: int) -> bool:
        """Whether the peer may claim this id.

        Ids never seen are for whoever announces them first. Known ones only for a connection's first word, which is
        about itself: a client that returns, and takes over from its own older connection. Later words about them are
        y-websocket's echoes of others, perhaps of somebody who has just left.
        """
        if client not in self._clocks:
            return len(peer.clients) < self._limits.clients_per_connection and peer.announced < ANNOUNCED_MOST
        owner = self._owners.get(client)
        return not peer.clients and (owner is None or (owner.member.id == peer.member.id and owner.number < peer.number))

    def _keep(self, entry: Entry) -> Entry:
        self._clocks.pop(entry.client, None)  # to the end: the order is that of last use
        self._clocks[entry.client] = entry.clock
        if entry.state == GONE:
            self._states.pop(entry.client, None)
        else:
            self._states[entry.client] = entry.state
        return entry

    def _with_user(self, state: bytes, member: Member) -> bytes:
        if len(state) > self._limits.awareness_bytes:
            raise InvalidRequest(f"An awareness state may have {self._limits.awareness_bytes} bytes.")
        try:
            fields = msgspec.json.decode(state.decode(), type=dict[str, msgspec.Raw])  # lib0 refuses what is not UTF-8; `Raw` would not
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidRequest("An awareness state is not a JSON object.") from error
        fields["user"] = msgspec.Raw(_user(member))
        return msgspec.json.encode(fields)

    def _forget_oldest(self) -> None:
        if len(self._clocks) > KEPT_CLOCKS + len(self._states):
            departed = (client for client in list(self._clocks) if client not in self._owners)
            for client, _ in zip(departed, range(len(self._clocks) - KEPT_CLOCKS), strict=False):
                del self._clocks[client]


def _user(member: Member) -> bytes:
    return msgspec.json.encode({"id": member.id, "name": member.name, "color": member.color, "colorLight": member.color + "33", "role": member.role.value})
