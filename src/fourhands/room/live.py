"""The live room: one document, the people connected to it, and what they are owed.

`edge/ws` hands in what came over a connection (after `access.may`), `actions` what came another way. Everything here is
synchronous: an update is applied, checked, journaled (queued) and relayed in the tick in which it came.

    loaded (registry) ──join──> people ──last leaves──> empty since T ──idle_seconds, settled──> unloaded (registry)
                                   └──ended / broken──> closed: everybody is sent away, nothing more is taken
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import msgspec
import structlog

from fourhands import __version__
from fourhands.errors import Unavailable
from fourhands.model.clock import Clock
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.execution import Execution
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.model.room import Member, Room
from fourhands.protocol import awareness, events, sync
from fourhands.protocol.close import CloseCode
from fourhands.protocol.websocket import frame
from fourhands.room.answers import Answers
from fourhands.room.document import MAIN, PLAIN, Applied, Document
from fourhands.room.executions import uncounted
from fourhands.room.journal import NOT_SAVED, Journal, OnPosition, Queue
from fourhands.room.pace import Pace, room_rates
from fourhands.room.peer import Outbox, Peer
from fourhands.room.presence import Presence
from fourhands.room.receipts import Receipts
from fourhands.room.room_runs import RoomRuns
from fourhands.room.window import SlidingWindow

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.room")


class LiveRoom:
    """A room in memory.

    Invariant: what was relayed to anybody was put into the journal's queue before, in the same order.
    """

    __slots__ = (
        "_clock", "_journal", "_limits", "_outboxes", "_presence", "_receipts", "_runs", "_windows", "answers", "chat", "closed",
        "document", "edits_since_snapshot", "empty_since", "executed", "guests", "pace", "peers", "queue", "room", "stored_language",
    )  # fmt: skip

    def __init__(self, room: Room, document: Document, journal: Journal, clock: Clock, limits: Limits) -> None:
        self.room = room
        self.stored_language = room.language
        self.document = document
        self.peers: list[Peer] = []
        self._outboxes: list[Outbox] = []  # theirs, in their order: what is relayed touches nothing else of a receiver
        self.chat: Sequence[events.ChatMessage] = ()
        self.pace = Pace(room_rates(limits, clock))
        self.queue = Queue(room.id, self)
        self.closed = False
        self.empty_since: float | None = clock.monotonic()
        self.edits_since_snapshot = 0
        self.guests = 0
        self._journal = journal
        self._clock = clock
        self._limits = limits
        self.answers = Answers()
        self._presence = Presence(limits)
        self._receipts = Receipts(self.queue)
        # made when there is a first one: most rooms have none
        self._windows: dict[tuple[str, str], SlidingWindow] | None = None
        self._runs: RoomRuns | None = None
        self.executed: Callable[[Execution], None] = uncounted  # hears of every run that ended

    @property
    def runs(self) -> RoomRuns:
        if self._runs is None:
            self._runs = RoomRuns(self, self._clock, self._limits)
        return self._runs

    @property
    def has_programs(self) -> bool:
        """Whether a program runs on the server for it, or waits to."""
        return self._runs is not None and self._runs.has_programs

    # ---- people ----------------------------------------------------------------------------------------------------

    def join(self, peer: Peer) -> None:
        """Take somebody in and tell them all there is. Raises `Unavailable` when the room is full or closed."""
        if self.closed:
            raise Unavailable("This room is being loaded again.", "room")
        if len(self.peers) >= self._limits.people_per_room:
            raise Unavailable(f"This room is full: {self._limits.people_per_room} people are in it.", "room")
        newcomer = not self._is_here(peer.member)
        self.peers.append(peer)
        self._outboxes.append(peer.outbox)
        self.empty_since = None
        if peer.events:
            self.tell(peer, self._welcome(peer))
            if self._journal.is_failing(self.queue):
                self.tell(peer, events.RoomStorage(False, NOT_SAVED))
        self.ask_state(peer)
        if everyone := self._presence.everyone():
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
        self._relay_presence(peer, self._presence.leave(peer))
        if self._runs is not None:
            self._runs.leave(peer)
        if not self._is_here(peer.member):
            self.announce(events.MemberLeft(peer.member.id))
        if not self.peers:
            self.empty_since = self._clock.monotonic()

    def people(self) -> Sequence[Member]:
        """Who is connected now, each member once, longest here first."""
        return sorted({peer.member.id: peer.member for peer in self.peers}.values(), key=lambda member: (member.joined_at_ms, member.id))

    def member_changed(self, member: Member) -> None:
        """A member's name, colour or role is another now: their live connections follow at once."""
        theirs = [peer for peer in self.peers if peer.member.id == member.id]
        for peer in theirs:
            promoted = member.role.rank > peer.member.role.rank and peer.member.role is Role.VIEWER
            peer.member = member
            self._relay_presence(None, self._presence.rename(peer))
            if promoted:
                self.ask_state(peer)  # its clock may have gaps: what was refused is asked for again
        if theirs:
            self.announce(events.MemberChanged(events.MemberView.of(member)))

    # ---- the document ----------------------------------------------------------------------------------------------

    def ask_state(self, peer: Peer) -> None:
        """Sync step 1: here is what we have, send what we lack."""
        peer.outbox.put(frame(sync.step1(self.document.state_vector())))

    def answer_state(self, peer: Peer, vector: bytes) -> None:
        """Sync step 2: what somebody lacks; many who come at once are answered with the same bytes. Raises `InvalidRequest` or `TooLarge`."""
        peer.outbox.put_answer(self.answers.frame(self.document, self.queue.ticket, vector))

    def update(self, peer: Peer, update: bytes, message: bytes) -> bool:
        """A sync message of kind update, as it came (`message`), from somebody who may edit. Nearly all are keystrokes: for these
        little code is run and little memory touched, since both have left the processor's caches since the one before. False: it is none,
        `edit` takes it. Raises as `edit` does.
        """
        self._journal.require_space(len(update))
        if not self.document.take(update):
            return False
        peer.received += 1
        self._keep(peer, update)
        self._send_others(peer, frame(message))
        if peer.events:
            self._receipts.owe(peer)
        return True

    def edit(self, peer: Peer, update: bytes, *, whole: bool, message: bytes | None = None) -> None:
        """A sync message of kind update, or (`whole`) step 2, from somebody who may edit. `message`: the update's, as it came.

        A step 2 is kept and relayed as what it changed, not as its bytes: each carries the whole delete set.
        Raises `InvalidRequest`, `TooLarge`, `Unavailable`, `TakesSteps` or `DocumentBroken`; nobody else notices.
        """
        self._journal.require_space(len(update))
        if update != sync.EMPTY_UPDATE:
            applied = self.document.apply(update, whole=whole, at_once=True)
            if applied is PLAIN:
                self._keep(peer, update)
                self._send_others(peer, frame(message or sync.update(update)))
            else:
                self.take_applied(peer, [applied.changed, applied.waiting] if whole else [update], applied)
        self.count_message(peer)

    def require_space(self, size_bytes: int) -> None:
        """Raises `Unavailable` when too much waits for the journal already."""
        self._journal.require_space(size_bytes)

    def take_applied(self, peer: Peer, kept: Iterable[bytes], applied: Applied) -> None:
        """An update, or a part of one, is in the document: keep it and tell the others."""
        self._keep_and_relay(peer, kept, applied)
        for file, language in applied.languages:
            self._language_chosen(peer, file, language)

    def count_message(self, peer: Peer) -> None:
        """One more sync message of that connection was taken, or refused: they hear when it is durable."""
        peer.received += 1
        if peer.events:
            self._receipts.owe(peer)

    def release(self, peer: Peer) -> None:
        """Relay what was held: an edit and its cursor, say, that came together, by one write to each receiver."""
        held, peer.held = peer.held, None
        if held:
            self._send_others(peer, b"".join(held))

    # ---- presence --------------------------------------------------------------------------------------------------

    def presence(self, peer: Peer, update: bytes, at_once: bool = True) -> None:
        """An awareness message. Raises `InvalidRequest`. Unless `at_once`, the others hear it by the next `tell_put_off`."""
        moved = self._presence.move(peer, update)
        gone: list[awareness.Entry] = []
        if moved is None:
            entries = self._announced(peer, update)
            gone = [entry for entry in entries if entry.state == awareness.GONE]
            if at_once or len(gone) == len(entries):
                self._relay_presence(peer, entries)
                return
        elif at_once:
            self._send_others(peer, frame(sync.awareness(moved)))
            return
        self._relay_presence(peer, gone)
        self._presence.put_off(peer)

    def tell_put_off(self) -> None:
        """Relay where those are now whose moves were put off."""
        for update, hearers in self._presence.newest_for(self.peers):
            message = frame(sync.awareness(update))
            for peer in hearers:
                peer.outbox.put(message)

    def answer_presence(self, peer: Peer) -> None:
        peer.outbox.put(frame(sync.awareness(awareness.encode(self._presence.everyone()))))

    # ---- chat: said by the server, kept in the journal -------------------------------------------------------------

    def within_rate(self, member: Member, what: str, most: int) -> None:
        """Count one `what` of a member in the last minute. Raises `LimitExceeded`."""
        if self._limits.rates:
            if self._windows is None:
                self._windows = {}
            window = self._windows.setdefault((member.id, what), SlidingWindow(most, 60, what))
            window.take(self._clock.monotonic())

    def say(self, peer: Peer, text: str, ref: str | None) -> None:
        """A chat message: everyone hears it once it is durable. Raises `Unavailable` when too much waits already."""
        self._journal.require_space(len(text))
        member, at_ms = peer.member, self._clock.now_ms()
        message = events.ChatMessage(0, member.id, member.name, member.color, text, at_ms)

        def heard(position: int) -> None:
            said = msgspec.structs.replace(message, id=position)
            self.chat = [*self.chat, said][-self._limits.chat_kept :]
            self.announce(events.ChatSaid(said), beside=peer)
            self.tell(peer, events.ChatSaid(said, ref))

        self.note(EntryKind.CHAT, msgspec.json.encode(message), member.id, heard)

    # ---- the room itself -------------------------------------------------------------------------------------------

    def room_changed(self, room: Room, by: str | None) -> None:
        self.room = room
        self.announce(events.RoomChanged(events.RoomView.of(room), by))

    def close(self, code: CloseCode, reason: str, *, ended_by: str | None = None) -> None:
        """Send everybody away and take nothing more."""
        self.closed = True
        if code is CloseCode.ROOM_ENDED:
            self.announce(events.RoomEnded(ended_by))
        if self._runs is not None:
            self._runs.close(erased=code is CloseCode.ROOM_ENDED)
        for peer in list(self.peers):
            peer.outbox.close(code, reason)

    def announce(self, event: events.ServerEvent, *, beside: Peer | None = None) -> None:
        """Tell everyone who speaks `fourhands.v1`; `beside`: but that one."""
        hearers = [peer for peer in self.peers if peer.events and peer is not beside]
        if hearers:
            message = frame(sync.event(events.encode(event)))
            for peer in hearers:
                peer.outbox.put(message)

    def note(self, kind: EntryKind, payload: bytes, member_id: str, on_position: OnPosition | None = None) -> None:
        """Put something that a member did into the journal."""
        self._journal.put_entry(self.queue, Entry(kind, payload, self._clock.now_ms(), member_id), on_position)

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

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _welcome(self, peer: Peer) -> events.Welcome:
        limits = self._limits
        return events.Welcome(
            me=events.MemberView.of(peer.member),
            members=[events.MemberView.of(member) for member in self.people()],
            room=events.RoomView.of(self.room),
            epoch=self.room.epoch,
            chat=list(self.chat),
            runs=self.runs.shown() if self._runs is not None else [],
            limits=events.Limits(limits.chat_characters, limits.text_bytes, limits.message_bytes, limits.output_bytes, limits.run_seconds),
            version=__version__,
        )

    def _keep(self, peer: Peer, update: bytes) -> None:
        self._journal.put_edit(self.queue, peer.author, self._clock.now_ms(), update)
        self.edits_since_snapshot += 1 + (len(update) >> 6)  # what replaying costs: large ones count for many

    def _keep_and_relay(self, peer: Peer, kept: Iterable[bytes], applied: Applied) -> None:
        """What waits for others is kept, and nobody hears of it before it fits; then the sender, too: it may be another's."""
        for update in kept:
            if update != sync.EMPTY_UPDATE:
                self._keep(peer, update)
        if applied.changed != sync.EMPTY_UPDATE:
            self._send_others(peer, frame(sync.update(applied.changed)))
        for update in applied.woken:
            woken = frame(sync.update(update))
            self._send_others(peer, woken)
            peer.outbox.put(woken)

    def _announced(self, peer: Peer, update: bytes) -> Sequence[awareness.Entry]:
        """What `presence` has to relay, where it cannot take the fast way."""
        announced = self._presence.take(peer, update)
        for client in announced.new_clients:
            self.note(EntryKind.CLIENT, msgspec.json.encode({"client": client, "member": peer.member.id}), peer.member.id)
        for older in announced.replaced:
            if not older.clients:
                older.outbox.close(CloseCode.CONFLICT, "You are here with a newer connection.")
        return announced.entries

    def _is_here(self, member: Member) -> bool:
        return any(peer.member.id == member.id for peer in self.peers)

    def _language_chosen(self, peer: Peer, file: str, language: str) -> None:
        if file == MAIN:
            self.room = replace(self.room, language=language)
        payload = {"change": "language", "file": file, "language": language, "member": peer.member.id}
        self.note(EntryKind.ROOM, msgspec.json.encode(payload), peer.member.id)
        self.announce(events.RoomLanguage(file, language, peer.member.id))

    def _relay_presence(self, sender: Peer | None, entries: Iterable[awareness.Entry]) -> None:
        if relayed := list(entries):
            self._send_others(sender, frame(sync.awareness(awareness.encode(relayed))))

    def _send_others(self, sender: Peer | None, message: bytes) -> None:
        if sender is not None and sender.held is not None:
            sender.held.append(message)
            return
        own = None if sender is None else sender.outbox
        for outbox in self._outboxes:
            if outbox is not own:
                outbox.put(message)

    def tell(self, peer: Peer, event: events.ServerEvent) -> None:
        peer.outbox.put(frame(sync.event(events.encode(event))))
