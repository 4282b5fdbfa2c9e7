"""Rooms that several instances hold: hands what the bus brings to the rooms, and sees to it that nobody lacks what others have.

    enter: hold, subscribe ──> (registry loads the room) ──> begin: what came meanwhile, then everybody's state ──> leave: held no more
                                                     others not reached ──they are again──> mend: the journal, and everybody's state

Made by `app` where there is a bus; `registry.py` calls it, and whoever has a word for other instances.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence

import structlog

from fourhands.bus.envelope import EVERYBODY
from fourhands.bus.messages import Answer, Message, Shut, Word
from fourhands.bus.port import Bus
from fourhands.errors import Conflict, Unavailable
from fourhands.model.clock import Clock
from fourhands.room.asking import Asking
from fourhands.room.joint_room import JointRoom
from fourhands.room.live import LiveRoom
from fourhands.room.share import Share

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.sharing")

JOURNAL_AFTER_SECONDS = 2.0
"""What another instance said is journaled here when it has not said for so long that it is durable."""
LOOK_SECONDS = 0.5
ANSWERS_SECONDS = 1.0
"""How long a room that is loaded waits for the state of others who hold it; what comes later is taken, too."""
GATE_SECONDS = 30.0
CLOSED_SECONDS = 15.0

HearsRoom = Callable[[LiveRoom, str, bytes], None]


class Sharing(Asking):
    """The rooms of one instance, as others have them, too.

    `hears`: who takes a word of a topic that was said into a room; what is said to all, and asked of one: `asking.py`.
    Invariant: every room that is loaded, and every one that is being loaded, stands in `_shares` until it is left.
    """

    def __init__(self, bus: Bus, clock: Clock, mend: Callable[[JointRoom], Awaitable[None]] | None = None) -> None:
        super().__init__(bus)
        self._clock = clock
        self.mend = mend
        self.hears: dict[str, HearsRoom] = {}
        self.on_reached: list[Callable[[bool], None]] = []
        self.on_lost: list[Callable[[str], None]] = []
        self.on_loaded: list[Callable[[LiveRoom, bool], None]] = []
        self.on_mended: list[Callable[[LiveRoom], None]] = []
        self.on_gap: list[Callable[[], None]] = []
        self._shares: dict[str, Share] = {}
        self._rooms: dict[str, JointRoom] = {}
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._answered = asyncio.Event()
        self._gaps = 0
        bus.on_reached, bus.on_missed, bus.on_lost = self._reached, self._missed, self._lost

    @property
    def instance(self) -> str:
        """Who we are."""
        return self.bus.instance

    async def start(self) -> None:
        """Returns at once, whether or not others are reached."""
        await self.bus.start(self.hear_all)

    async def stop(self) -> None:
        await self.end_tasks()
        await self.bus.stop()

    async def run(self) -> None:
        """Journal what others have not, for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        """Journal what came long ago, and is not said to be durable."""
        before = self._clock.monotonic() - JOURNAL_AFTER_SECONDS
        for room in self._rooms.values():
            room.adopt(before=before)

    # ---- rooms -----------------------------------------------------------------------------------------------------

    async def enter(self, room_id: str) -> tuple[Share, Sequence[str]]:
        """Begin to hold a room, before it is loaded; who else does. Where others are not reached it is ours alone for now.

        Raises `Unavailable` if it is kept shut for long.
        """
        if (leaving := self._leaving.get(room_id)) is not None:
            await asyncio.shield(leaving)
        share = self._shares[room_id] = Share(self.bus, room_id, gaps=self._gaps)
        others: Sequence[str] = ()
        try:
            others = await self._hold(room_id)
            await self._subscribe(share)
        except Unavailable as error:
            if self.bus.reached:
                self._shares.pop(room_id, None)
                raise
            log.warning("sharing.alone", room=room_id, reason=str(error))
        return share, others

    async def _hold(self, room_id: str) -> Sequence[str]:
        """Raises `Unavailable`."""
        try:
            async with asyncio.timeout(GATE_SECONDS):
                while (others := await self.bus.hold(room_id)) is None:  # noqa: ASYNC110 - a gate says nothing when it opens
                    await asyncio.sleep(random.uniform(0.05, 0.2))  # noqa: S311
        except TimeoutError:
            raise Unavailable("Something is being erased from this room; try again in a moment.", "room") from None
        return others

    async def _subscribe(self, share: Share) -> None:
        await self.bus.subscribe(share.room_id, lambda origin, messages: self._hear(share, origin, messages))

    async def begin(self, room: JointRoom, share: Share, others: Sequence[str]) -> None:
        """The room is loaded: take what came meanwhile, then what others have that the journal has not."""
        early, share.early = share.early or [], None
        self._rooms[room.room.id] = room
        for origin, message in early:
            self._do(room, origin, message)
        if others and self.bus.reached:
            share.unanswered = set(others)
            room.ask_others(rest=share.overrun)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWERS_SECONDS):
                    while share.unanswered and not room.closed:
                        await self._answered.wait()
            share.unanswered = set()
        for loaded in self.on_loaded:
            loaded(room, bool(others))
        if share.gaps != self._gaps:
            self.spawn(self._mend_all([room.room.id]))

    def leave(self, share: Share) -> None:
        """The room leaves memory, or could not be loaded; nothing happens if it was loaded again meanwhile."""
        room_id, share.early = share.room_id, None
        if self._shares.get(room_id) is not share:
            return
        del self._shares[room_id]
        self._rooms.pop(room_id, None)
        self.bus.unsubscribe(room_id)
        self._leaving[room_id] = task = self.spawn(self._let_go(room_id))

        def left(done: asyncio.Task[None]) -> None:
            if self._leaving.get(room_id) is done:
                del self._leaving[room_id]

        task.add_done_callback(left)

    async def _leave_durably(self, room: JointRoom) -> None:
        """Whoever had the room closed waits for us."""
        await room.durable()
        if room.shared is not None:
            self.leave(room.shared)

    async def _let_go(self, room_id: str) -> None:
        with contextlib.suppress(Unavailable):  # with our lease it is let go
            await self.bus.let_go(room_id)

    @contextlib.asynccontextmanager
    async def deleting(self, room_id: str) -> AsyncGenerator[bool]:
        """Whether nobody anywhere holds the room besides us; nobody begins to before this ends. False, too, where others are not reached."""
        try:
            alone = await self.bus.let_go(room_id, shut=True)
        except Unavailable:
            alone = False
        try:
            yield alone
        finally:
            if alone:
                with contextlib.suppress(Unavailable):
                    await self.bus.open(room_id)
            elif room_id in self._shares:
                with contextlib.suppress(Unavailable):
                    await self.bus.hold(room_id)

    @contextlib.asynccontextmanager
    async def closed(self, room_id: str, by: str | None) -> AsyncGenerator[None]:
        """The room is closed at all other instances, all that they wrote in it is durable, and nobody loads it before this ends.

        Raises `Conflict` if it is shut already, `Unavailable` if others are not reached, or do not close it in time.
        """
        if not await self.bus.shut(room_id):
            raise Conflict("Something is being erased from this room already. Try again in a moment.")
        try:
            self.bus.publish(room_id, Shut(by))
            until = self._clock.monotonic() + CLOSED_SECONDS
            while set(await self.bus.holders(room_id)) - {self.instance}:
                if self._clock.monotonic() > until:
                    raise Unavailable("Another server does not close this room. Nothing was changed; try again in a moment.", "redis")
                await asyncio.sleep(0.05)
            yield
        finally:
            with contextlib.suppress(Unavailable):  # it opens by itself with our lease
                await self.bus.open(room_id)

    async def living(self) -> Sequence[str]:
        """All instances, ours too. Raises `Unavailable`."""
        return sorted(await self.bus.living())

    async def holders(self, room_id: str) -> Sequence[str]:
        """The instances that hold the room, ours too. Raises `Unavailable`."""
        return await self.bus.holders(room_id)

    # ---- what the bus brings ---------------------------------------------------------------------------------------

    def _hear(self, share: Share, origin: str, messages: Sequence[Message]) -> None:
        self.heard += len(messages)
        room = self._rooms.get(share.room_id)
        if share.early is not None or room is None or room.shared is not share:
            share.keep_early(origin, messages)
            return
        for message in messages:
            self._do(room, origin, message)

    def _do(self, room: JointRoom, origin: str, message: Message) -> None:
        try:
            if isinstance(message, Word):
                if (hears := self.hears.get(message.topic)) is not None and not room.closed:
                    hears(room, origin, message.payload)
                return
            room.hear(origin, message)
        except Exception:  # a mistake in one room must not end the hearing for all
            log.exception("sharing.failed", room=room.room.id, origin=origin, kind=type(message).__name__)
        if isinstance(message, Shut) and room.closed:
            self.spawn(self._leave_durably(room))
        if isinstance(message, Answer):
            self._answered.set()
            self._answered = asyncio.Event()

    # ---- others come and go ----------------------------------------------------------------------------------------

    def _reached(self, ok: bool) -> None:
        for room in self._rooms.values():
            room.reach(ok)
        if ok:
            self._gap()
        for hears in self.on_reached:
            hears(ok)

    def _gap(self) -> None:
        """Something may have been done elsewhere, in any room, of which we were not told."""
        self._gaps += 1  # rooms that are being loaded are mended when they are there
        self.spawn(self._mend_all(list(self._rooms)))
        for hears in self.on_gap:
            hears()

    def _missed(self, channel: str) -> None:
        if channel in self._rooms:
            log.warning("sharing.missed", room=channel)
            self.spawn(self._mend_all([channel]))
        elif (share := self._shares.get(channel)) is not None:
            share.gaps = -1
        elif channel == EVERYBODY:
            log.warning("sharing.missed", room=channel)
            for hears in self.on_gap:
                hears()

    def _lost(self, origin: str) -> None:
        for room in self._rooms.values():
            room.lost(origin)
        self._gap()  # it may have committed what it could tell nobody
        self._answered.set()
        self._answered = asyncio.Event()
        for hears in self.on_lost:
            hears(origin)

    async def _mend_all(self, room_ids: Iterable[str]) -> None:
        for room_id in room_ids:
            room = self._rooms.get(room_id)
            if room is None or room.closed or self.mend is None:
                continue
            try:
                await self._hold(room_id)
                await self._subscribe(self._shares[room_id])
                await self.mend(room)
                room.tell_state("", room.document.state_vector())
                room.ask_others(rest=True)
                for mended in self.on_mended:
                    mended(room)
            except (Unavailable, KeyError) as error:  # away again, or left meanwhile: it is done once more when they are back
                log.info("sharing.not_mended", room=room_id, reason=str(error))
