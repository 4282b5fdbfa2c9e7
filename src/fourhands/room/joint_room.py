"""A live room that people are in by way of several instances: what is done here is said to the others, what they say is done here.

Made by `registry.py` where there are other instances; `sharing.py` hands in what the bus brings, one message after the other. Nothing that others
say may fail half-way: what cannot be taken is logged, and the room closed and loaded again if its document is not to be trusted any more.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import msgspec
import structlog

from fourhands.bus.messages import Answer, Ask, Claims, Durable, Edit, Message, People, Said, Shows, Shut
from fourhands.errors import FourhandsError, InvalidRequest
from fourhands.model.clock import Clock
from fourhands.model.limits import Limits
from fourhands.model.room import Member, MemberState, Room
from fourhands.protocol import awareness, events, sync
from fourhands.protocol.close import CloseCode
from fourhands.protocol.websocket import frame
from fourhands.room.document import MAIN, PLAIN, Applied, Document, DocumentBroken
from fourhands.room.journal import Journal
from fourhands.room.live import LiveRoom
from fourhands.room.outstanding import Kept
from fourhands.room.peer import Peer
from fourhands.room.share import Share

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.sharing")

NOT_REACHED = "People who are connected by way of other servers are not reached at the moment. Here everything goes on; you will be together again by itself."
REACHED = "Everybody is reached again."
AGAIN = "Something was erased from this room; you will be connected again in a moment."
MOST_STATES = 4096

_read_message = msgspec.json.Decoder(events.ChatMessage).decode


class JointRoom(LiveRoom):
    """See above.

    Invariant: an edit of another instance is in `_share.outstanding` from when it was applied until it is durable or in the journal's queue here.
    """

    __slots__ = ("_share",)

    def __init__(self, room: Room, document: Document, journal: Journal, clock: Clock, limits: Limits, *, share: Share) -> None:
        super().__init__(room, document, journal, clock, limits)
        self.shared = self._share = share
        self.presence.elsewhere = share.elsewhere

    # ---- said to the others ----------------------------------------------------------------------------------------

    def update(self, peer: Peer, update: bytes, message: bytes) -> bool:
        if not super().update(peer, update, message):
            return False
        self._tell_edit(peer.author, update)
        return True

    def keep(self, peer: Peer, update: bytes) -> None:
        super().keep(peer, update)
        self._tell_edit(peer.author, update)

    def _tell_edit(self, author: str, update: bytes) -> None:
        queue = self.queue
        queue.awaited = True  # others are told when it is durable
        self._share.edit(Edit(queue.ticket, author, queue.at_ms, update))

    def count_message(self, peer: Peer, *, whole: bool = False) -> None:
        if whole:
            self.adopt()  # what is said to be saved with it may have been shown to its sender by another instance, which is gone by now
        super().count_message(peer)

    def committed(self, ticket: int) -> None:
        super().committed(ticket)
        self._share.durable(ticket)
        self.queue.awaited |= self._share.told > ticket

    def relay_presence(self, sender: Peer | None, entries: Iterable[awareness.Entry]) -> None:
        if relayed := list(entries):
            super().relay_presence(sender, relayed)
            self._share.show(awareness.encode(relayed))

    # ---- people ----------------------------------------------------------------------------------------------------

    @property
    def connections(self) -> int:
        return len(self.peers) + self._share.elsewhere.connections

    @property
    def settled(self) -> bool:
        return self.queue.settled and not self._share.outstanding

    def join(self, peer: Peer) -> None:
        was_here = super()._is_here(peer.member)
        super().join(peer)
        self._share.people(len(self.peers), member=None if was_here else peer.member)
        if not self._share.bus.reached and peer.events:
            self.tell(peer, events.RoomReach(False, NOT_REACHED))

    def leave(self, peer: Peer) -> None:
        if peer in self.peers:
            super().leave(peer)
            self._share.people(len(self.peers), left=None if super()._is_here(peer.member) else peer.member.id)

    def people(self) -> list[Member]:
        here = {member.id: member for member in (*self._share.elsewhere.people(), *super().people())}
        return sorted(here.values(), key=lambda member: (member.joined_at_ms, member.id))

    def member_changed(self, member: Member, by: str | None = None) -> None:
        elsewhere = self._share.elsewhere
        if member.state is MemberState.IN and elsewhere.has(member.id) and not super()._is_here(member):
            self.announce(events.MemberChanged(events.MemberView.of(member), by))
        elsewhere.renew(member)
        super().member_changed(member, by)
        if member.state is MemberState.IN and super()._is_here(member):
            self._share.people(len(self.peers), member=member)  # behind what we said of them before, which others may hear after the change

    def _is_here(self, member: Member) -> bool:
        return super()._is_here(member) or self._share.elsewhere.has(member.id)

    # ---- what the others say ---------------------------------------------------------------------------------------

    def hear(self, origin: str, message: Message) -> None:  # noqa: PLR0912 - one kind a branch
        """Do what another instance has done."""
        if self.closed:
            return
        try:
            match message:
                case Edit():
                    self._edited(origin, message)
                case Durable():
                    self._share.outstanding.durable(origin, message.ticket)
                case Shows():
                    self._shown(self.presence.hear(origin, awareness.decode(message.update, MOST_STATES)))
                case Claims():
                    self._claimed(message)
                case People():
                    self._came_or_left(origin, message)
                case Ask():
                    self._answer(origin, message)
                case Answer():
                    self._answered(origin, message)
                case Said():
                    self.hear_chat([_read_message(message.message)])
                case Shut():
                    self._shut(message)
                case _:  # words: `sharing.py` knows who hears them
                    pass
        except DocumentBroken:
            log.exception("room.broken", room=self.room.id, origin=origin)
            self.close(CloseCode.UNAVAILABLE, "The room is loaded again; you will be back in a moment.")
        except (FourhandsError, msgspec.DecodeError) as error:
            log.warning("sharing.not_taken", room=self.room.id, origin=origin, kind=type(message).__name__, reason=str(error))

    def lost(self, origin: str) -> None:
        """That instance is gone: so are its people, and what it has not committed is ours to journal."""
        self._share.unanswered.discard(origin)
        self.adopt(origin=origin)
        self._know_people(origin, [])
        self._shown(self.presence.lose(origin))

    def adopt(self, *, before: float | None = None, origin: str | None = None) -> None:
        """Journal what others have not said to be durable: what came before that time, what is of that instance, or all."""
        if self._share.outstanding:
            for kept in self._share.outstanding.take(before=before, origin=origin):
                self._journal.put_edit(self.queue, kept.author, kept.at_ms, kept.update)

    def load_more(self, update: bytes) -> None:
        """What the journal has, of which some may not be here yet. Raises `DocumentBroken` and `InvalidRequest`."""
        self._relay(self.document.admit(update, whole=True), update, "", whole=True)

    def ask_others(self, *, rest: bool) -> None:
        """Have those who hold it say what they have."""
        self._share.bus.publish(self.room.id, Ask(self.document.state_vector(), rest))

    def tell_state(self, to: str, vector: bytes, *, rest: bool = False) -> None:
        """Say what they lack who have that state vector, and who is here."""
        self.adopt()
        queue, share = self.queue, self._share
        ticket = 0 if queue.settled else queue.ticket
        if ticket:
            share.told, queue.awaited = ticket, True
        update, own = self.document.state(vector), self.document.state_vector() if rest else b""
        here = list({peer.member.id: peer.member for peer in self.peers}.values())
        share.bus.publish(self.room.id, Answer(to, update, ticket, len(self.peers), here, awareness.encode(self.presence.own()), own))

    async def durable(self) -> None:
        """Wait until all that it has put is durable."""
        await self._journal.durable(self.queue)

    def close(self, code: CloseCode, reason: str, *, ended_by: str | None = None, rewritten: bool = False) -> None:
        self.adopt()
        super().close(code, reason, ended_by=ended_by, rewritten=rewritten)

    def reach(self, ok: bool) -> None:
        """Whether the others are reached, now that this has changed."""
        self.announce(events.RoomReach(ok, REACHED if ok else NOT_REACHED))

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _edited(self, origin: str, edit: Edit, *, whole: bool = False) -> None:
        """Raises `InvalidRequest` and `DocumentBroken`."""
        applied = self.document.admit(edit.update, whole=whole)
        if edit.ticket:
            kept = edit.update if not whole else applied.changed
            if kept != sync.EMPTY_UPDATE:
                self._share.outstanding.keep(origin, Kept(edit.ticket, edit.author, edit.at_ms, kept, self.clock.monotonic()))
            if whole and applied.waiting != sync.EMPTY_UPDATE:
                self._share.outstanding.keep(origin, Kept(edit.ticket, edit.author, edit.at_ms, applied.waiting, self.clock.monotonic()))
            if self._share.outstanding.size_bytes > self.limits.outstanding_bytes:
                self.adopt()
        self._relay(applied, edit.update, edit.author, whole=whole)

    def _relay(self, applied: Applied, update: bytes, author: str, *, whole: bool) -> None:
        self.edits += 1 + (len(update) >> 6)
        changed = update if applied is PLAIN and not whole else applied.changed
        for one in (changed, *applied.woken):
            if one != sync.EMPTY_UPDATE:
                self.send_others(None, frame(sync.update(one)))
        for file, language in applied.languages:
            if file == MAIN:
                self.room: Room = replace(self.room, language=language)
            self.announce(events.RoomLanguage(file, language, author))

    def _shown(self, entries: Iterable[awareness.Entry]) -> None:
        super().relay_presence(None, entries)

    def _claimed(self, claims: Claims) -> None:
        for older in self.presence.yield_to(claims.clients, claims.member, claims.since_ms):
            if not older.clients:
                older.outbox.close(CloseCode.CONFLICT, "You are here with a newer connection.")

    def _came_or_left(self, origin: str, people: People) -> None:
        elsewhere = self._share.elsewhere
        elsewhere.count(origin, people.connections)
        if (member := people.member) is not None:
            self._told_once(lambda: elsewhere.put(origin, member), member)
        if people.left is not None and (gone := next((one for one in elsewhere.there(origin) if one.id == people.left), None)):
            self._told_once(lambda: elsewhere.remove(origin, gone.id), gone)

    def _told_once(self, change: Callable[[], None], member: Member) -> None:
        """Change who is elsewhere, and say so if the room has one more, or one less, for it."""
        before, known = self._is_here(member), self._share.elsewhere.known(member.id)
        change()
        if before and known is not None and self._share.elsewhere.known(member.id) not in {known, None}:
            self.announce(events.MemberChanged(events.MemberView.of(member), None))
        if (after := self._is_here(member)) != before:
            self.announce(events.MemberJoined(events.MemberView.of(member)) if after else events.MemberLeft(member.id))

    def _know_people(self, origin: str, members: Iterable[Member]) -> None:
        """Who is at that instance, whole."""
        elsewhere, there = self._share.elsewhere, {member.id: member for member in members}
        for gone in elsewhere.there(origin):
            if gone.id not in there:
                self._told_once(lambda gone=gone: elsewhere.remove(origin, gone.id), gone)
        for member in there.values():
            self._told_once(lambda member=member: elsewhere.put(origin, member), member)
        if not there:
            elsewhere.count(origin, 0)

    def _answer(self, origin: str, ask: Ask) -> None:
        try:
            self.tell_state(origin, ask.vector, rest=ask.rest)
        except InvalidRequest:  # a vector of too many strangers: all of it
            self.tell_state(origin, b"\x00", rest=ask.rest)

    def _answered(self, origin: str, answer: Answer) -> None:
        if answer.to not in {self._share.bus.instance, ""}:
            return
        self._share.unanswered.discard(origin)
        self._know_people(origin, answer.members)
        self._share.elsewhere.count(origin, answer.connections)
        self._shown(self.presence.hear(origin, awareness.decode(answer.shows, MOST_STATES)))
        if answer.update != sync.EMPTY_UPDATE:
            self._edited(origin, Edit(answer.ticket, "", self.clock.now_ms(), answer.update), whole=True)
        if answer.vector:
            self.tell_state(origin, answer.vector)

    def hear_chat(self, messages: Iterable[events.ChatMessage]) -> None:
        """Messages that are durable, of which people here have not heard all."""
        known = {message.id for message in self.chat}
        new = [message for message in messages if message.id not in known]
        self.chat = sorted([*self.chat, *new], key=lambda message: message.id)[-self.limits.chat_kept :]
        for message in new:
            self.announce(events.ChatSaid(message))

    def _shut(self, shut: Shut) -> None:
        """Its past is rewritten, or it is deleted."""
        if shut.by is not None:
            self.announce(events.RoomErased(shut.by))
        self.close(CloseCode.RESTART, AGAIN, rewritten=True)
