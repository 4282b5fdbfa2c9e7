"""The port to durable storage. Adapters pass `tests/contracts/test_store.py`.

Every method may raise `errors.Unavailable(dependency="database")` when the database cannot be reached, is locked for
longer than its time-out, or is full; nothing was then written, and the same call may be tried again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypedDict, Unpack, cast, overload

from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.execution import Execution
from fourhands.model.role import GuestRole, Role, RunRole
from fourhands.model.room import Invite, Member, MemberState, Room, RunWhere
from fourhands.store.accounts import AccountStore
from fourhands.store.protection import AuditStore, BanStore
from fourhands.store.snapshots import Snapshot, SnapshotStore


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit did: each room's new head (its last position), and rooms that are gone or ended (not written)."""

    heads: Mapping[str, int]
    missing: frozenset[str]


class Edits(Sequence[StoredEntry]):
    """Edits in order of position, made into entries only if somebody asks: a document needs their `updates` alone."""

    def __init__(self, updates: Sequence[bytes], entries: Callable[[], Sequence[StoredEntry]]) -> None:
        self.updates = updates
        self._make = entries
        self._made: Sequence[StoredEntry] | None = None

    def _entries(self) -> Sequence[StoredEntry]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __len__(self) -> int:
        return len(self.updates)

    @overload
    def __getitem__(self, index: int) -> StoredEntry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[StoredEntry]: ...
    def __getitem__(self, index: int | slice) -> StoredEntry | Sequence[StoredEntry]:
        return self._entries()[index]

    def __iter__(self) -> Iterator[StoredEntry]:
        return iter(self._entries())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(cast("Sequence[object]", other))

    __hash__ = None  # pyright: ignore[reportAssignmentType] - compared by what it holds


@dataclass(frozen=True, slots=True)
class Stored:
    """All that is needed to open a room, or to see it as it was: a snapshot and the edits after it, in order of position.

    `head`: the last position that this holds.
    """

    room: Room
    head: int
    snapshot: Snapshot | None
    edits: Sequence[StoredEntry]

    @property
    def updates(self) -> Sequence[bytes]:
        """The edits' updates."""
        return self.edits.updates if isinstance(self.edits, Edits) else [edit.payload for edit in self.edits]


class RoomChanges(TypedDict, total=False):
    """What may be changed of a room. `run_where` "any": where it can be had; `password_hash` "": no password; `expires_at_ms` 0: never."""

    title: str | None
    guest_role: GuestRole | None
    language: str | None
    run_where: RunWhere | Literal["any"] | None
    password_hash: str | None
    lobby: bool | None
    locked: bool | None
    read_only: bool | None
    run_role: RunRole | None
    expires_at_ms: int | None


class MemberChanges(TypedDict, total=False):
    """What may be changed of a member."""

    name: str | None
    color: str | None
    role: Role | None
    state: MemberState | None
    role_fixed: bool | None


class Store(SnapshotStore, Protocol):
    @property
    def accounts(self) -> AccountStore:
        """What is kept of accounts and teams."""
        ...

    @property
    def audit(self) -> AuditStore:
        """The log of who did what."""
        ...

    @property
    def bans(self) -> BanStore:
        """Who is refused everywhere."""
        ...

    async def start(self) -> None:
        """Connect and bring the schema to the newest version. Raises `Unavailable` with how to mend it."""
        ...

    async def stop(self) -> None: ...

    async def create_room(self, room: Room, host: Member | None, invites: Sequence[Invite], first: Sequence[Entry]) -> None:
        """Write a new room with its host, keys and first entries in one transaction. Raises `Conflict` if the id exists."""
        ...

    async def room(self, room_id: str) -> Room | None:
        """The room, ended ones too; None if there is none."""
        ...

    async def change_room(self, room_id: str, **changes: Unpack[RoomChanges]) -> Room:
        """Change what is given, and is not None. Raises `NotFound`, also for a room that has ended."""
        ...

    async def touch_rooms(self, used_at_ms: Mapping[str, int]) -> None:
        """Note when rooms were last used; ids that are gone are passed over, and no time goes back."""
        ...

    async def end_room(self, room_id: str, at_ms: int) -> None:
        """Erase the room's journal, snapshots, members and invites, and mark it ended; the first time counts. Raises `NotFound`."""
        ...

    async def close_room(self, room_id: str, at_ms: int) -> None:
        """Mark the room closed, and keep what it holds; the first time counts. Raises `NotFound`, also for a room that has ended."""
        ...

    async def delete_room(self, room_id: str) -> None:
        """Remove every trace of the room; its id becomes unknown. Nothing happens if it is not there.

        Seconds later no byte of what it held is in any of the store's files.
        """
        ...

    async def unused_rooms(self, before_ms: int, limit: int) -> Sequence[str]:
        """Ids of at most `limit` rooms last used before that time, oldest first, ended ones too."""
        ...

    async def expired_rooms(self, now_ms: int, limit: int) -> Sequence[str]:
        """Ids of at most `limit` rooms whose `expires_at_ms` has come and that have not ended, those first that were due first."""
        ...

    async def left_rooms(self, after: str, limit: int) -> Sequence[str]:
        """Ids above `after`, rising, of at most `limit` ephemeral rooms that have been used and not ended. Those that nobody is in were left by a crash."""
        ...

    async def add_member(self, member: Member, invite_id: str | None = None) -> None:
        """Raises `NotFound` without such a room, or if it has ended, and `Conflict` if the member exists.

        `invite_id`: the invitation by which they come, noted as used in the same transaction. Raises `Conflict`, and adds nobody, if it is not good
        (any more): of many who come at once by one for a single use, one gets in.
        """
        ...

    async def member(self, room_id: str, member_id: str) -> Member | None: ...

    async def members(self, room_id: str, state: MemberState | None = None, limit: int | None = None) -> Sequence[Member]:
        """Everybody who ever joined, in the order of joining; of that state alone, and the `limit` newest."""
        ...

    async def change_member(self, room_id: str, member_id: str, *, used: tuple[str, int] | None = None, **changes: Unpack[MemberChanges]) -> Member:
        """Change what is given. Raises `NotFound`, and `Conflict` where the room would have no host any more.

        `used`: an invitation's id and the time in ms; as with `add_member`, and raises `Conflict` as that does.
        """
        ...

    async def count_members(self, room_id: str) -> int: ...

    async def invites(self, room_id: str) -> Sequence[Invite]:
        """All of them, revoked and used ones too: viewers' first, the standing one before others, then by age."""
        ...

    async def put_invite(self, invite: Invite) -> None:
        """Add it, in place of one with its id. Raises `NotFound` without such a room, or if it has ended."""
        ...

    async def revoke_invite(self, room_id: str, invite_id: str, at_ms: int) -> Invite:
        """Let nobody else in by it; a second time changes nothing. Raises `NotFound`."""
        ...

    async def load(self, room_id: str) -> Stored | None:
        """Everything needed to open the room, read in one transaction; None if there is none or it has ended."""
        ...

    async def seek(self, room_id: str, *, position: int | None = None, at_ms: int | None = None) -> Stored | None:
        """The room as it stood at that position, or before the first entry later than that time; as `load` without either.

        Costs by the size of the text, never by the length of its past. Positions past the head mean the head.
        """
        ...

    async def entries(self, room_id: str, after: int, limit: int) -> Sequence[StoredEntry]:
        """The next `limit` entries of all kinds after a position, in order; none of a room that is not there or has ended."""
        ...

    async def tail(self, room_id: str, kind: EntryKind, limit: int) -> Sequence[StoredEntry]:
        """The newest `limit` entries of one kind, oldest first."""
        ...

    async def commit(self, batches: Mapping[str, Sequence[Entry]]) -> Committed:
        """Append entries of many rooms in one transaction; all durable when this returns, or none.

        Positions are handed out by each room's row, rooms in sorted order, so that a room has one order whichever
        instances write to it. A room was last used when its newest entry was made.
        """
        ...

    async def compact(self, room_id: str) -> bool:
        """One small step of making the room's journal smaller; whether there may be more to do. Nothing of it is lost."""
        ...

    def rest(self, room_id: str) -> None:
        """The room was left: `compact` it when there is time."""
        ...

    async def add_executions(self, ended: Sequence[Execution]) -> None:
        """Count runs that ended; one that was counted already is passed over. Those of rooms that are gone or have ended say nothing of room and member."""
        ...

    async def forget_executions(self, before_ms: int, limit: int) -> int:
        """Delete at most `limit` of those that began before that time; how many were deleted."""
        ...

    async def room_ids(self, after: str, limit: int) -> Sequence[str]:
        """Ids of at most `limit` rooms that come after that id in their order, ended ones too."""
        ...

    async def faults(self, room_id: str) -> Sequence[str]:
        """What is wrong with what is stored of the room, a sentence each: positions that are missing, rows that cannot be read."""
        ...
