"""Who is in a room by way of other instances, and what they show. Filled by `joint_room.py` with what the bus brings."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from fourhands.model.room import Member
from fourhands.protocol.awareness import GONE, Entry

MOST_CURSORS = 4096
"""Of one room, that other instances may have; more are not shown here."""

_read_user = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_fields = msgspec.json.Decoder(dict[str, object]).decode


class Remote(NamedTuple):
    """A cursor of another instance."""

    origin: str
    clock: int
    state: bytes


class Elsewhere:
    """By instance.

    Invariant: an instance of which nothing is known stands in neither table.
    """

    __slots__ = ("_connections", "_people", "cursors")

    def __init__(self) -> None:
        self._people: dict[str, dict[str, Member]] = {}
        self._connections: dict[str, int] = {}
        self.cursors: dict[int, Remote] = {}

    @property
    def connections(self) -> int:
        """Of all other instances together."""
        return sum(self._connections.values())

    def people(self) -> Iterable[Member]:
        """Each as often as instances have them."""
        return [member for members in self._people.values() for member in members.values()]

    def ours(self, own: str, member_ids: Iterable[str]) -> int:
        """How many of these, who are at `own`, are counted there: somebody who is at several instances is by the first of them."""
        before = [members for origin, members in self._people.items() if origin < own]
        return sum(not any(member_id in members for members in before) for member_id in member_ids)

    def has(self, member_id: str) -> bool:
        return any(member_id in members for members in self._people.values())

    def known(self, member_id: str) -> Member | None:
        """As some instance has them."""
        return next((members[member_id] for members in self._people.values() if member_id in members), None)

    def count(self, origin: str, connections: int) -> None:
        """It has so many connections now."""
        if connections:
            self._connections[origin] = connections
        else:
            self._connections.pop(origin, None)

    def put(self, origin: str, member: Member) -> None:
        """They are there."""
        self._people.setdefault(origin, {})[member.id] = member
        self.renew(member)

    def remove(self, origin: str, member_id: str) -> None:
        """They are there no more."""
        members = self._people.get(origin)
        if members is not None and members.pop(member_id, None) is not None and not members:
            del self._people[origin]

    def there(self, origin: str) -> Sequence[Member]:
        """Who is at that instance."""
        return list(self._people.get(origin, {}).values())

    def renew(self, member: Member) -> None:
        """They are another now, wherever they are."""
        for members in self._people.values():
            if member.id in members:
                members[member.id] = member

    def show(self, origin: str, entries: Iterable[Entry]) -> Sequence[Entry]:
        """What an instance says of its cursors; what of it is new."""
        told: list[Entry] = []
        for client, clock, state in entries:
            known = self.cursors.get(client)
            if known is not None and clock <= known.clock and not (state == GONE and known.origin == origin):
                continue
            if state == GONE:
                if known is None or known.origin != origin:
                    continue  # another instance has taken it over
                del self.cursors[client]
            elif known is None and len(self.cursors) >= MOST_CURSORS:
                continue
            else:
                self.cursors[client] = Remote(origin, clock, state)
            told.append(Entry(client, clock, state))
        return told

    def forget(self, origin: str) -> Sequence[Entry]:
        """The instance is gone, or says anew who is there; what says so of its cursors."""
        self._people.pop(origin, None)
        self._connections.pop(origin, None)
        gone = [Entry(client, cursor.clock + 1, GONE) for client, cursor in self.cursors.items() if cursor.origin == origin]
        for client, _, _ in gone:
            del self.cursors[client]
        return gone

    def entries(self) -> Sequence[Entry]:
        """All that is shown elsewhere."""
        return [Entry(client, cursor.clock, cursor.state) for client, cursor in self.cursors.items()]

    def is_theirs(self, client: int, member_id: str) -> bool:
        """Whether a cursor elsewhere is that member's."""
        cursor = self.cursors.get(client)
        try:
            return cursor is not None and _read_fields(_read_user(cursor.state)["user"]).get("id") == member_id
        except (msgspec.DecodeError, KeyError):
            return False
