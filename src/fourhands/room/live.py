"""The live room: one document, the people connected to it, and what they are owed.

`edge/ws` hands in what came over a connection (after `access.may`), `actions` what came another way: keystrokes here, other
edits by `edits.py`, cursors by `cursors.py`, chat by `chat.py`. Everything here is synchronous: an update is applied, checked, journaled
(queued) and relayed in the tick in which it came.

    loaded (registry) ──join──> people ──last leaves──> empty since T ──idle_seconds, settled──> unloaded (registry)
                                   └──ended / broken──> closed: everybody is sent away, nothing more is taken
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from fourhands.access.may import Verb, require
from fourhands.errors import Gone, Unavailable
from fourhands.model.clock import Clock
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.execution import Execution
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.model.room import Member, MemberState, Room
from fourhands.protocol import awareness, events, sync
from fourhands.protocol.close import CloseCode
from fourhands.protocol.websocket import frame
from fourhands.room.answers import Answers
from fourhands.room.document import Document
from fourhands.room.doors import Doors
from fourhands.room.executions import uncounted
from fourhands.room.journal import NOT_SAVED, Journal, OnPosition, Queue
from fourhands.room.kept import MayKeep, anything
from fourhands.room.pace import Pace, room_rates
from fourhands.room.peer import Outbox, Peer
from fourhands.room.presence import Presence
from fourhands.room.receipts import Receipts
from fourhands.room.room_runs import RoomRuns
from fourhands.room.share import Share
from fourhands.room.welcome import welcome
from fourhands.room.window import Windows, windows_of


class LiveRoom:
    """A room in memory.

    Invariant: what was relayed to anybody was put into the journal's queue before, in the same order.
    """

    __slots__ = (
        "__weakref__", "_doors", "_journal", "_outboxes", "_receipts", "_runs", "answers", "chat", "clock", "closed",
        "document", "edits", "empty_since", "ending", "executed", "guests", "keeps", "limits", "loaded_at", "pace", "peers", "presence", "queue",
        "room", "shared", "snapshot_edits", "stored_language", "windows",
    )  # fmt: skip

    def __init__(self, room: Room, document: Document, journal: Journal, clock: Clock, limits: Limits) -> None:
        self.room = room
        self.shared: Share | None = None  # with other instances, where there are any: `joint_room.py`
        self.stored_language = room.language
        self.document = document
        self.peers: list[Peer] = []
        self._outboxes: list[Outbox] = []  # theirs, in their order: what is relayed touches nothing else of a receiver
        self.chat: Sequence[events.ChatMessage] = ()
        self.pace = Pace(room_rates(limits, clock))
        self.queue = Queue(room.id, self)
        self.empty_since: float | None = clock.monotonic()
        self.edits = 0  # what replaying all of them costs: large ones count for many; it only rises
        self.snapshot_edits = 0  # of them, those that the newest snapshot has
        self.closed, self.guests = False, 0
        self.loaded_at = clock.monotonic()
        self.clock = clock
        self.limits = limits
        self.answers = Answers()
        self.presence = Presence(limits)
        self._journal = journal
        self._receipts = Receipts(self.queue)
        # made when there is a first one: most rooms have none
        self.windows: Windows | None = None
        self._runs: RoomRuns | None = None
        self._doors: Doors | None = None
        self.keeps: MayKeep = anything  # whether so many bytes of a run's output may be kept
        self.executed: Callable[[Execution], None] = uncounted  # hears of every run that ended
        self.ending: events.RoomEnding | None = None  # it will be ended, unless that is called off

    @property
    def runs(self) -> RoomRuns:
        if self._runs is None:
            self._runs = RoomRuns(self, self.clock, self.limits)
        return self._runs

    @property
    def has_runs(self) -> bool:
        """Whether there are or were any."""
        return self._runs is not None

    @property
    def edits_since_snapshot(self) -> int:
        return self.edits - self.snapshot_edits

    @property
    def doors(self) -> Doors:
        if self._doors is None:
            self._doors = Doors(self.clock)
        return self._doors

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits in its lobby."""
        return self._doors is not None and bool(self._doors.waiting)

    @property
    def has_programs(self) -> bool:
        """Whether a program runs on the server for it, or waits to."""
        return self._runs is not None and self._runs.has_programs

    # ---- people ----------------------------------------------------------------------------------------------------

    def join(self, peer: Peer) -> None:
        """Take somebody in and tell them all there is. Raises `Unavailable` when the room is full or closed, `Forbidden` if they were just removed."""
        if self.closed:
            raise Unavailable("This room is being loaded again.", "room")
        if self.connections >= self.limits.people_per_room:
            raise Unavailable(f"This room is full: {self.limits.people_per_room} people are in it.", "room")
        member = self.newest(peer.member)
        require(member, Verb.READ)
        peer.stand(member, self.room)
        newcomer = not self._is_here(peer.member)
        self.peers.append(peer)
        self._outboxes.append(peer.outbox)
        self.empty_since = None
        if peer.events:
            self.tell(peer, welcome(self, peer.member))
            if self._journal.is_failing(self.queue):
                self.tell(peer, events.RoomStorage(False, NOT_SAVED))
            if self.ending is not None:
                left_ms = max(0, self.ending.at - self.clock.now_ms())
                self.tell(peer, replace(self.ending, seconds=left_ms / 1000))
        self.ask_state(peer)
        if everyone := self.presence.everyone():
            peer.outbox.put(frame(sync.awareness(awareness.encode(everyone))))
        if newcomer:
            self.announce(events.MemberJoined(events.MemberView.of(peer.member)), beside=peer)

    def leave(self, peer: Peer) -> None:
        """Somebody's connection is gone."""
        if peer not in self.peers:
            return
        self.release(peer)
        place = self.peers.index(peer)
        del self.peers[place], self._outboxes[place]
        peer.owed.clear()
        self.relay_presence(peer, self.presence.leave(peer))
        if self._runs is not None:
            self._runs.leave(peer)
        if not self._is_here(peer.member):
            self.announce(events.MemberLeft(peer.member.id))
        if not self.peers:
            self.empty_since = self.clock.monotonic()

    @property
    def connections(self) -> int:
        """Of everybody, wherever they are connected."""
        return len(self.peers)

    @property
    def settled(self) -> bool:
        """Whether all that it holds is durable, or another's to make so."""
        return self.queue.settled

    def people(self) -> Sequence[Member]:
        """Who is connected now, each member once, longest here first."""
        return sorted({peer.member.id: peer.member for peer in self.peers}.values(), key=lambda member: (member.joined_at_ms, member.id))

    def newest(self, member: Member) -> Member:
        """What they are by now, as far as anybody said so in the last minute."""
        return member if self._doors is None else self._doors.newest(member)

    def member_changed(self, member: Member, by: str | None = None) -> None:
        """A member's name, colour, role or state is another now (`by` a host's word): their live connections follow at once."""
        self.doors.note(member)
        theirs = [peer for peer in self.peers if peer.member.id == member.id]
        for peer in theirs:
            becomes_host = member.role is Role.HOST and peer.member.role is not Role.HOST
            promoted = peer.stand(member, self.room)
            self.relay_presence(None, self.presence.rename(peer))
            if promoted:
                self.ask_state(peer)  # its clock may have gaps: what was refused is asked for again
            if becomes_host and peer.events:
                for one in self.doors.people():
                    self.tell(peer, events.LobbyKnock(events.MemberView.of(one)))
        if theirs and member.state is MemberState.IN:
            self.announce(events.MemberChanged(events.MemberView.of(member), by))
        if self._runs is not None:
            self._runs.rights_changed(member)

    def _is_here(self, member: Member) -> bool:
        return any(peer.member.id == member.id for peer in self.peers)

    # ---- the document ----------------------------------------------------------------------------------------------

    def ask_state(self, peer: Peer) -> None:
        """Sync step 1: here is what we have, send what we lack."""
        peer.outbox.put(frame(sync.step1(self.document.state_vector())))

    def answer_state(self, peer: Peer, vector: bytes) -> None:
        """Sync step 2: what somebody lacks; many who come at once are answered with the same bytes. Raises `InvalidRequest` or `TooLarge`."""
        peer.outbox.put_answer(self.answers.frame(self.document, self.edits, vector))

    def update(self, peer: Peer, update: bytes, message: bytes) -> bool:
        """A sync message of kind update, as it came (`message`), from somebody who may edit. Nearly all are keystrokes: for these
        little code is run and little memory touched, since both have left the processor's caches since the one before. False: it is none,
        `edits.edit` takes it. Raises as that does.
        """
        journal, size = self._journal, len(update)
        if size > journal.left_bytes:
            journal.require_space(size)
        if not self.document.take(update):
            return False
        peer.received += 1
        journal.put_edit(self.queue, peer.author, self.clock.now_ms(), update)
        self.edits += 1 + (size >> 6)
        self.send_others(peer, frame(message))
        if peer.events:
            self._receipts.owe(peer)
        return True

    def require_space(self, size_bytes: int) -> None:
        """Raises `Unavailable` when too much waits for the journal already."""
        self._journal.require_space(size_bytes)

    def keep(self, peer: Peer, update: bytes) -> None:
        """Let the journal have what somebody has changed; before anybody is told of it."""
        self._journal.put_edit(self.queue, peer.author, self.clock.now_ms(), update)
        self.edits += 1 + (len(update) >> 6)

    def count_message(self, peer: Peer, *, whole: bool = False) -> None:
        """One more sync message of that connection was taken, or refused: they hear when it is durable. `whole`: a step 2."""
        del whole
        peer.received += 1
        if peer.events:
            self._receipts.owe(peer)

    # ---- what people are told -----------------------------------------------------------------------------------------

    def send_others(self, sender: Peer | None, message: bytes) -> None:
        """Owe everybody but its sender this frame."""
        if sender is not None and sender.held is not None:
            sender.held.append(message)
            return
        own = None if sender is None else sender.outbox
        for outbox in self._outboxes:
            if outbox is not own:
                outbox.put(message)

    def release(self, peer: Peer) -> None:
        """Relay what was held: an edit and its cursor, say, that came together, by one write to each receiver."""
        held, peer.held = peer.held, None
        if held:
            self.send_others(peer, b"".join(held))

    def relay_presence(self, sender: Peer | None, entries: Iterable[awareness.Entry]) -> None:
        """Tell everybody but its sender who shows what now."""
        if relayed := list(entries):
            self.send_others(sender, frame(sync.awareness(awareness.encode(relayed))))

    def announce(self, event: events.ServerEvent, *, beside: Peer | None = None) -> None:
        """Tell everyone who speaks `fourhands.v1`; `beside`: but that one."""
        hearers = [peer for peer in self.peers if peer.events and peer is not beside]
        if hearers:
            message = frame(sync.event(events.encode(event)))
            for peer in hearers:
                peer.outbox.put(message)

    def tell(self, peer: Peer, event: events.ServerEvent) -> None:
        peer.outbox.put(frame(sync.event(events.encode(event))))

    # ---- the room itself -------------------------------------------------------------------------------------------

    def room_changed(self, room: Room, by: str | None) -> None:
        self.room = room
        for peer in self.peers:
            if peer.stand(peer.member, room):
                self.ask_state(peer)
        self.announce(events.RoomChanged(events.RoomView.of(room), by))
        if self._runs is not None:
            self._runs.rights_changed()

    def close(self, code: CloseCode, reason: str, *, ended_by: str | None = None, rewritten: bool = False) -> None:
        """Send everybody away and take nothing more. `rewritten`: nor is anything more of it kept, what runs say as they end either."""
        self.closed = True
        if code is CloseCode.ROOM_ENDED:
            self.announce(events.RoomEnded(ended_by))
        if self._runs is not None:
            self._runs.close(erased=rewritten or code is CloseCode.ROOM_ENDED)
        if self._doors is not None:
            self._doors.close(Gone(reason) if code is CloseCode.ROOM_ENDED else Unavailable(reason, "room"))
        for peer in list(self.peers):
            peer.outbox.close(code, reason)

    def within_rate(self, member: Member, what: str, most: int) -> None:
        """Count one `what` of a member in the last minute. Raises `LimitExceeded`."""
        if self.limits.rates:
            windows_of(self).take(member.id, what, most, self.clock.monotonic())
            if self.shared is not None:
                self.shared.count(member.id, what, most)

    def note(self, kind: EntryKind, payload: bytes, member_id: str, on_position: OnPosition | None = None) -> None:
        """Put something that a member did into the journal."""
        self._journal.put_entry(self.queue, Entry(kind, payload, self.clock.now_ms(), member_id), on_position)

    def shown_runs(self) -> list[events.Run]:
        """What somebody who joins sees of its runs."""
        return [] if self._runs is None else self._runs.shown()

    def may_keep(self, size_bytes: int) -> bool:
        """Whether a run's output may be kept; it is counted then."""
        return self.keeps(size_bytes)

    def count(self, execution: Execution) -> None:
        """A run has ended."""
        self.executed(execution)

    # ---- what the journal says (room.journal.Writes) -----------------------------------------------------------------

    def committed(self, ticket: int) -> None:
        self._receipts.committed(ticket)

    def storage(self, ok: bool, message: str) -> None:
        self.announce(events.RoomStorage(ok, message))

    def gone(self) -> None:
        self.close(CloseCode.ROOM_ENDED, "This room has ended.")
