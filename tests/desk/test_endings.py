"""Rooms are ended when their time is up, unless that was called off; whoever is in them hears all of it."""

import asyncio

import pytest

from fourhands.desk.endings import Endings
from fourhands.errors import Conflict, Gone, NotFound, Unavailable
from fourhands.protocol.close import CloseCode
from tests.house import House


class Patience:
    """Waits until the test says so; `waits`: for how long was asked."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._turns: asyncio.Queue[None] = asyncio.Queue()

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self._turns.get()

    def pass_on(self) -> None:
        self._turns.put_nowait(None)


class Scene:
    """A room with Ada in it, and the endings of its house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.wait = Patience()
        self.endings = Endings(house.store, house.registry, house.clock, wait=self.wait)
        self.ended: asyncio.Event = asyncio.Event()

    async def enter(self) -> str:
        self.room_id = (await self.house.open()).room.id
        self.room, self.ada, self.screen = await self.house.enter(self.room_id, "Ada")
        return self.room_id

    def start(self, *, erases: bool = True) -> None:
        async def told() -> None:
            self.ended.set()

        self.endings.start(self.room_id, 30, erases=erases, ended=told)

    async def end(self) -> None:
        self.wait.pass_on()
        await asyncio.wait_for(self.ended.wait(), 20)


async def test_everybody_is_warned_and_then_sent_away_and_the_id_stays_refused(house: House) -> None:
    scene = Scene(house)
    room_id = await scene.enter()
    scene.start()
    warned = scene.screen.events("room.ending")
    assert warned == [{"type": "room.ending", "at": house.clock.now_ms() + 30_000, "seconds": 30, "erases": True, "by": None}]
    _, _, lin = await house.enter(room_id, "Lin")
    assert lin.events("room.ending")[0]["at"] == warned[0]["at"], "who comes meanwhile is told as well"
    assert scene.screen.closed is None
    await scene.end()
    assert scene.wait.waits == [30]
    for screen in (scene.screen, lin):
        assert screen.events()[-1] == {"type": "room.ended", "by": None}
        assert screen.closed is not None
        assert screen.closed[0] is CloseCode.ROOM_ENDED
    with pytest.raises(Gone):
        await house.registry.get(room_id)
    assert await house.store.load(room_id) is None
    assert (scene.endings.get(room_id), house.registry.endings) == (None, {})


async def test_what_is_kept_is_refused_as_well_and_stands_in_the_database(house: House) -> None:
    scene = Scene(house)
    room_id = await scene.enter()
    scene.start(erases=False)
    await scene.end()
    assert scene.screen.closed is not None
    with pytest.raises(Gone):
        await house.registry.room_for(room_id)
    with pytest.raises(Gone):
        await house.registry.get(room_id)
    stored = await house.store.load(room_id)
    assert stored is not None
    assert stored.room.closed_at_ms == house.clock.now_ms()


async def test_one_that_is_called_off_goes_on(house: House) -> None:
    scene = Scene(house)
    room_id = await scene.enter()
    scene.start()
    await scene.endings.cancel(room_id)
    scene.wait.pass_on()
    await asyncio.sleep(0)
    assert scene.screen.events()[-1] == {"type": "room.ending_cancelled"}
    assert scene.screen.closed is None
    _, _, lin = await house.enter(room_id, "Lin")
    assert lin.events("room.ending") == []
    with pytest.raises(NotFound):
        await scene.endings.cancel(room_id)
    scene.start()
    await scene.end()
    assert scene.screen.closed is not None, "and may be ended another time"


async def test_a_room_is_ended_once_at_a_time(house: House) -> None:
    scene = Scene(house)
    await scene.enter()
    scene.start()
    with pytest.raises(Conflict):
        scene.start()
    assert len(scene.screen.events("room.ending")) == 1
    await scene.end()


async def test_while_the_database_is_away_it_is_tried_again_and_can_still_be_called_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(house)
    room_id = await scene.enter()
    end_room, tried = house.store.end_room, asyncio.Event()

    async def away(room: str, at_ms: int) -> None:
        tried.set()
        raise Unavailable("The disk is full.", "database")

    monkeypatch.setattr(house.store, "end_room", away)
    scene.start()
    scene.wait.pass_on()
    await asyncio.wait_for(tried.wait(), 20)
    await asyncio.sleep(0)
    ending = scene.endings.get(room_id)
    assert ending is not None
    assert ending.problem == "The disk is full."
    assert scene.screen.closed is None
    scene.endings.require_cancellable(room_id)
    monkeypatch.setattr(house.store, "end_room", end_room)
    await scene.end()
    assert scene.screen.closed is not None


async def test_a_room_that_nobody_is_in_may_be_ended_too(house: House) -> None:
    scene = Scene(house)
    scene.room_id = (await house.open()).room.id
    scene.start()
    await scene.end()
    with pytest.raises(Gone):
        await house.registry.get(scene.room_id)


async def test_a_server_that_stops_ends_nothing_more(house: House) -> None:
    scene = Scene(house)
    await scene.enter()
    scene.start()
    await scene.endings.stop()
    scene.wait.pass_on()
    await asyncio.sleep(0)
    assert scene.screen.closed is None
