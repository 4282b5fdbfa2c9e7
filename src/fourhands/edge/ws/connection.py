"""A connection's whole life on one screen: upgrade, admit, talk, leave.

upgraded ──admit (task)──> joined ──frames──> room ──close from either side──> gone
    └─ frames that come early wait ┘└─ refused: close code
"""

import asyncio

import structlog
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from fourhands.edge.ws.door import Asked, admit, is_own_page
from fourhands.edge.ws.hearing import hear
from fourhands.edge.ws.hub import Hub
from fourhands.edge.ws.inbox import Inbox, WireError, check_reserved_bits
from fourhands.edge.ws.outbox import ConnectionOutbox
from fourhands.edge.ws.updates import AT_ONCE_BYTES, in_steps, take_at_once
from fourhands.errors import Forbidden, FourhandsError
from fourhands.guard.bans import IsFor
from fourhands.model.ban import member_subject
from fourhands.model.room import MemberState
from fourhands.protocol import awareness, sync
from fourhands.protocol.close import CloseCode, close_code
from fourhands.protocol.steps import Steps
from fourhands.protocol.varint import read_last_bytes
from fourhands.protocol.websocket import PING_FRAME, PONG, close_answer, frame
from fourhands.room import cursors
from fourhands.room.document import DocumentBroken
from fourhands.room.doors import wait
from fourhands.room.live import LiveRoom
from fourhands.room.pace import Pace
from fourhands.room.peer import Peer

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.ws")

_BINARY = WSMsgType.BINARY

NOBODY_FRAME = frame(sync.awareness(awareness.encode([])))
"""Says nothing. y-websocket gives a connection up on which no message came for 30 seconds, and pings are none."""

EARLY_MESSAGES = 64
"""Messages that may come before the room is loaded; reading stops meanwhile, so these are what was on its way."""
EARLY_BYTES = 256 * 1024
"""... and their size: who waits in a lobby is nobody yet, and says no more than which state they have."""


class Connection(WSListener):
    """One WebSocket on `/sync/{room}`.

    Invariant: `_room` and `_peer` are set together, by admission; `_asked` matters before it alone. While `_task` admits, or takes
    a large update in steps, all that comes waits in `_waiting`.
    """

    accepts_text = False
    __slots__ = ("_asked", "_goodbye", "_heard", "_hub", "_in_lobby", "_inbox", "_outbox", "_pace", "_peer", "_room", "_task", "_transport", "_waiting")

    def __init__(self, hub: Hub, asked: Asked) -> None:
        self._hub = hub
        self._asked: Asked | None = asked
        self._inbox: Inbox | None = None  # while a message comes in fragments
        self._waiting: list[bytes] | None = None
        self._pace = Pace(hub.rates)
        self._room: LiveRoom | None = None
        self._peer: Peer | None = None
        self._heard = True
        self._in_lobby = False
        self._task: asyncio.Task[None] | None = None
        self._goodbye: bytes | None = None  # the answer to a close frame that came behind a large update
        self._transport: WSTransport
        self._outbox: ConnectionOutbox

    # ---- upgrade and admit -----------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        room_id = self._asked.room_id if self._asked else ""
        self._outbox = ConnectionOutbox(transport.underlying_transport, transport.send_close, self._hub.place.limits.outbox_bytes, self._hub.loop, room_id)
        self._hub.add(self)
        self._task = self._hub.start(self._admit())

    async def _admit(self) -> None:
        asked = self._asked
        if self._transport.is_disconnected or asked is None:
            return
        self._transport.underlying_transport.pause_reading()
        try:
            own_page = is_own_page(asked, self._hub.own_origin, self._hub.allowed_origins)
            room, member = await admit(self._hub.place, asked, own_page=own_page)
            if member.state is MemberState.WAITING:
                self._in_lobby = True  # what comes meanwhile is kept, and a client that is gone is noticed
                self._transport.underlying_transport.resume_reading()
                member = await wait(room, member, self._outbox, speaks_events=asked.events)
                self._in_lobby = False
            if self._outbox.closing:
                return
            self._hub.place.bans.require(address=asked.address, account_id=member.account_id, member=member_subject(member.room_id, member.id))
            since_ms = self._hub.place.clock.now_ms()
            peer = Peer(member, self._outbox, events=asked.events, address=asked.address, since_ms=since_ms)
            room.join(peer)
        except FourhandsError as error:
            self._refuse(error)
            return
        except Exception as error:
            self._fail(error)
            return
        finally:
            if not self._transport.is_disconnected:
                self._transport.underlying_transport.resume_reading()
        self._room, self._peer = room, peer
        self._asked = None
        self._take_waiting()

    # ---- talk ------------------------------------------------------------------------------------------------------

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self._heard = True
        peer, last = self._peer, frame.last_in_buffer
        if not last and peer is not None and peer.held is None:
            peer.held = []  # more of this read follows: what the others are to get goes out together, at its end
        if transport.is_close_frame_sent:  # picows parses one frame ahead, closes for what is wrong there, and parses on
            self._outbox.end()
        try:
            kind = frame.msg_type
            if self._outbox.closing and kind is not WSMsgType.CLOSE:
                pass
            elif kind is _BINARY and frame.fin and self._inbox is None and not (frame.rsv1 or frame.rsv2 or frame.rsv3):
                self._take(frame.get_payload_as_bytes())  # nearly all that comes
            else:
                self._take_frame(frame)
        except WireError as error:
            self._outbox.close(error.close, str(error))
            if frame.msg_type is WSMsgType.CLOSE:
                self._transport.underlying_transport.close()  # no other will come
        except Exception as error:  # picows would close too, but its logger is quiet
            self._fail(error)
        if last and peer is not None and peer.held is not None and self._room is not None:
            self._room.release(peer)

    def _take_frame(self, frame: WSFrame) -> None:
        """Control frames and fragments. Raises `WireError`."""
        check_reserved_bits(frame)
        match frame.msg_type:
            case WSMsgType.PING:
                self._pong(frame)
            case WSMsgType.PONG:
                pass
            case WSMsgType.CLOSE:
                self._closed_by_peer(frame)
            case _:
                limits = self._hub.place.limits
                inbox = self._inbox = self._inbox or Inbox(limits.message_bytes, limits.fragments, text=self.accepts_text)
                message = inbox.take(frame)
                if message is not None:
                    self._take(message)
                    self._inbox = None

    def _take(self, message: bytes) -> None:
        """A whole message. What cannot be read costs its sender the connection, and nobody else notices.

        Every keystroke and cursor comes by here: those that are as usual are read without `sync.decode`.
        """
        room, peer = self._room, self._peer
        if room is None or peer is None or self._waiting is not None:
            self._keep_waiting(message)
            return
        try:
            size = len(message)
            kind = message[:2]
            if kind == sync.UPDATE and size <= AT_ONCE_BYTES and peer.may_edit and (update := read_last_bytes(message, 2)) is not None:
                self._pace.take_both(room.pace, size)
                if not room.update(peer, update, message):
                    self._edit(room, peer, update, whole=False, message=message)
            elif kind[:1] == sync.AWARENESS:
                at_once = self._pace.take_cursor_both(room.pace, size)
                update = read_last_bytes(message, 1)
                cursors.move(room, peer, sync.decode(message).payload if update is None else update, at_once)
                if not at_once:
                    self._hub.put_off(room)
            else:
                self._pace.take_both(room.pace, size)
                self._dispatch(room, peer, sync.decode(message))
        except DocumentBroken as error:
            self._broken(room, peer, error)
        except FourhandsError as error:
            self._refuse(error)

    def _keep_waiting(self, message: bytes) -> None:
        """Behind a large update this is what one read of the socket brought: no more is read meanwhile."""
        waiting = self._waiting = self._waiting or []
        waiting.append(message)
        if self._room is None and (len(waiting) > EARLY_MESSAGES or sum(map(len, waiting)) > EARLY_BYTES):
            self._outbox.close(CloseCode.TOO_FAST, "Wait for the server's first message.")

    def _take_waiting(self) -> None:
        waiting, self._waiting, self._task = self._waiting or (), None, None
        for message in waiting:
            if not self._outbox.closing:
                self._take(message)  # behind one more large update the others wait again

    def _edit(self, room: LiveRoom, peer: Peer, update: bytes, *, whole: bool, message: bytes | None = None) -> None:
        """What is no keystroke: at once, or in steps. Then what its connection sends meanwhile waits behind it; others go on, in the
        same room too."""
        self._pace.require_work()
        if not take_at_once(room, peer, update, self._pace, whole=whole, message=message):
            self._waiting = []
            self._transport.underlying_transport.pause_reading()
            self._task = self._hub.start(self._edit_in_steps(room, peer, update, whole=whole))

    async def _edit_in_steps(self, room: LiveRoom, peer: Peer, update: bytes, *, whole: bool) -> None:
        def steps() -> Steps[None]:
            return in_steps(room, peer, update, whole=whole)

        try:
            await self._hub.work(room, len(update), steps, self._pace, lambda: self._outbox.closing or room.closed)
            if not self._outbox.closing:
                self._take_waiting()
        except DocumentBroken as error:
            self._broken(room, peer, error)
        except FourhandsError as error:
            self._refuse(error)
        except Exception as error:
            self._fail(error)
        if self._waiting is None or self._outbox.closing:
            self._heard = True
            if self._goodbye is not None:
                self._outbox.answer_close(self._goodbye)
            elif not self._transport.is_disconnected:
                self._transport.underlying_transport.resume_reading()

    def _dispatch(self, room: LiveRoom, peer: Peer, message: sync.Message) -> None:
        match message.kind:
            case sync.Kind.UPDATE | sync.Kind.STEP2:
                self._edit(room, peer, message.payload, whole=message.kind is sync.Kind.STEP2)
            case sync.Kind.AWARENESS:
                pass  # taken before
            case sync.Kind.STEP1:
                with self._pace.answering():
                    room.answer_state(peer, message.payload)
            case sync.Kind.QUERY_AWARENESS:
                cursors.answer(room, peer)
            case sync.Kind.EVENT:
                hear(self._hub, room, peer, message.payload)
            case sync.Kind.AUTH:
                pass  # only servers say it

    def _pong(self, received: WSFrame) -> None:
        self._outbox.put(frame(received.get_payload_as_bytes(), PONG))

    @property
    def _room_id(self) -> str | None:
        return self._room.room.id if self._room else self._asked.room_id if self._asked else None

    def resume_writing(self) -> None:
        """The transport has sent nearly all that waited."""
        self._outbox.drained()

    def pause_writing(self) -> None:
        """Much waits in the transport."""
        self._outbox.watch()

    # ---- leave -----------------------------------------------------------------------------------------------------

    def _refuse(self, error: FourhandsError) -> None:
        log.info("connection.refused", room=self._room_id, member=self._peer and self._peer.member.id, code=error.code, reason=str(error))
        self._outbox.close(close_code(error), str(error))

    def _broken(self, room: LiveRoom, peer: Peer, error: DocumentBroken) -> None:
        log.error("room.broken", room=room.room.id, member=peer.member.id, exc_info=error)
        self._outbox.close(CloseCode.INVALID, "This update cannot be applied.")
        room.close(CloseCode.UNAVAILABLE, "The room is loaded again; you will be back in a moment.")

    def _fail(self, error: Exception) -> None:
        """A mistake of ours: logged with its traceback, and the client may come back."""
        log.error("connection.failed", room=self._room_id, exc_info=error)
        self._outbox.close(CloseCode.INTERNAL_ERROR, "Something broke on the server; it was logged.")

    def _closed_by_peer(self, received: WSFrame) -> None:
        if self._transport.close_handshake.recv_then_sent:
            self._outbox.closing = False  # what picows closed for came behind this frame, which is answered all the same
        goodbye = close_answer(received.get_payload_as_bytes())
        if self._task is not None and self._room is not None and not self._outbox.closing:
            self._goodbye = goodbye  # what came before it is taken first
        else:
            self._outbox.answer_close(goodbye)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._outbox.end()  # an answer may still be under way to it, as from the journal
        self._hub.remove(self, transport, self._peer)
        if self._task is not None:
            self._task.cancel()
        if self._room is not None and self._peer is not None:
            self._room.leave(self._peer)

    def beat(self) -> None:
        """Once a heartbeat: ping, or cut a connection from which nothing came since the last one."""
        if not self._heard and (self._task is None or self._in_lobby):
            log.info("connection.silent", room=self._room_id)
            self._outbox.cut()
            return
        self._heard = False
        self._outbox.put(PING_FRAME)
        asked, peer = self._asked, self._peer
        if (peer is not None and not peer.events) or (self._in_lobby and asked is not None and not asked.events):
            self._outbox.put(NOBODY_FRAME)

    def end_if(self, is_for: IsFor) -> None:
        """Somebody was banned: they are told, and gone. Who is on the way in is asked again when they are."""
        asked, peer = self._asked, self._peer
        address, account_id = (peer.address, peer.account_id) if peer is not None else (asked.address if asked else "", None)
        if is_for(address, account_id):
            self._refuse(Forbidden("You were banned from this server."))
        elif peer is not None and is_for("", None, member_subject(peer.member.room_id, peer.member.id)):
            self._refuse(Forbidden("You were banned from this room."))

    def shut_down(self) -> None:
        """The server stops: come back in a moment."""
        self._outbox.close(CloseCode.RESTART, "The server restarts; you will be connected again in a moment.")
