"""What every bus must do, as `bus/port.py` says it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from fourhands.bus.envelope import EVERYBODY, PIECE_BYTES, inbox_of
from fourhands.bus.memory import Exchange, MemoryBus
from fourhands.bus.messages import Durable, Edit, Message, Word
from fourhands.bus.port import Bus
from fourhands.bus.redis import RedisBus
from tests.redis_server import PROGRAM, RedisServer

ROOM = "k7f3-9q2m-x4tz"
OpenBus = Callable[..., Awaitable["Ear"]]


class Ear:
    """A bus, and all that it heard."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.heard: list[tuple[str, Message]] = []
        self.everywhere: list[tuple[str, Message]] = []
        self.lost: list[str] = []
        bus.on_lost = self.lost.append

    def hear(self, sender: str, messages: Sequence[Message]) -> None:
        self.heard += [(sender, message) for message in messages]

    def hear_all(self, sender: str, messages: Sequence[Message]) -> None:
        self.everywhere += [(sender, message) for message in messages]

    def said(self, sender: "Ear") -> list[Any]:
        return [message for origin, message in self.heard if origin == sender.bus.instance]


async def until(holds: Callable[[], object]) -> None:
    """Wait for it; a bus tells nobody that it has nothing more."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.fixture(params=["memory", "redis", "redis-4-shards"])
async def open_bus(request: pytest.FixtureRequest) -> AsyncIterator[OpenBus]:
    """Opens one more instance, which is reached."""
    exchange, opened = Exchange(), list[Ear]()
    url, prefix = "", secrets.token_hex(8)
    if request.param != "memory":
        if PROGRAM is None:
            pytest.skip("redis-server is not installed here")
        server: RedisServer = request.getfixturevalue("redis_server")
        url = server.url

    async def open_one(name: str) -> Ear:
        instance = name.ljust(16, "0")
        shards = 4 if request.param.endswith("shards") else 1
        ear = Ear(MemoryBus(exchange, instance) if not url else RedisBus(url, instance, prefix=prefix, shards=shards, entries=1000))
        await ear.bus.start(ear.hear_all)
        opened.append(ear)
        await until(lambda: ear.bus.reached)
        return ear

    yield open_one
    for ear in opened:
        await ear.bus.stop()


class TestChannels:
    async def test_who_subscribes_again_misses_nothing_and_hears_nothing_twice(self, open_bus: OpenBus) -> None:
        ada, lin = [await open_bus(name) for name in ("ada", "lin")]
        await lin.bus.subscribe(ROOM, lin.hear)
        for ticket in range(400):
            ada.bus.publish(ROOM, Durable(ticket))
            if ticket % 4 == 0:
                await asyncio.sleep(0)
                await lin.bus.subscribe(ROOM, lin.hear)
        await until(lambda: len(lin.heard) == 400)
        assert lin.said(ada) == [Durable(ticket) for ticket in range(400)]

    async def test_what_one_says_the_others_hear_in_order_and_it_does_not_itself(self, open_bus: OpenBus) -> None:
        ada, lin, kim = [await open_bus(name) for name in ("ada", "lin", "kim")]
        for one in (ada, lin, kim):
            await one.bus.subscribe(ROOM, one.hear)
        for ticket in range(300):
            ada.bus.publish(ROOM, Durable(ticket))
            if ticket % 7 == 0:
                await asyncio.sleep(0)
        lin.bus.publish(ROOM, Word("over", b"1"))
        await until(lambda: len(lin.said(ada)) >= 300 and len(kim.said(ada)) >= 300 and kim.said(lin) and ada.heard)
        assert lin.said(ada) == kim.said(ada) == [Durable(ticket) for ticket in range(300)]
        assert ada.heard == [(lin.bus.instance, Word("over", b"1"))]

    async def test_only_those_hear_it_who_subscribed_and_from_then_on(self, open_bus: OpenBus) -> None:
        ada, lin = await open_bus("ada"), await open_bus("lin")
        await lin.bus.subscribe("another-room", lin.hear)
        ada.bus.publish(ROOM, Durable(1))
        await asyncio.sleep(0)
        await lin.bus.subscribe(ROOM, lin.hear)
        ada.bus.publish(ROOM, Durable(2))
        await until(lambda: Durable(2) in lin.said(ada))
        lin.bus.unsubscribe(ROOM)
        ada.bus.publish(ROOM, Durable(3))
        ada.bus.publish("another-room", Durable(4))
        await until(lambda: Durable(4) in lin.said(ada))
        assert [message.ticket for message in lin.said(ada)][-2:] == [2, 4]

    async def test_what_is_for_everybody_everybody_hears_and_what_is_for_one_that_one(self, open_bus: OpenBus) -> None:
        ada, lin, kim = [await open_bus(name) for name in ("ada", "lin", "kim")]
        ada.bus.publish(inbox_of(lin.bus.instance), Word("for lin", b""))
        ada.bus.publish(EVERYBODY, Word("for all", b""))
        await until(lambda: len(lin.everywhere) == 2 and len(kim.everywhere) == 1)
        assert {message.topic for _, message in lin.everywhere if isinstance(message, Word)} == {"for lin", "for all"}
        assert kim.everywhere == [(ada.bus.instance, Word("for all", b""))]
        assert ada.everywhere == []

    async def test_what_is_larger_than_a_piece_comes_whole(self, open_bus: OpenBus) -> None:
        ada, lin = await open_bus("ada"), await open_bus("lin")
        await lin.bus.subscribe(ROOM, lin.hear)
        large = Edit(1, "ada", 5, bytes(range(256)) * (PIECE_BYTES // 64))
        for message in (Durable(1), large, Durable(2)):
            ada.bus.publish(ROOM, message)
            await asyncio.sleep(0)
        await until(lambda: len(lin.heard) >= 3)
        assert lin.said(ada) == [Durable(1), large, Durable(2)]


class TestRooms:
    async def test_those_who_hold_a_room_know_of_each_other(self, open_bus: OpenBus) -> None:
        ada, lin = await open_bus("ada"), await open_bus("lin")
        assert await ada.bus.hold(ROOM) == []
        assert await lin.bus.hold(ROOM) == [ada.bus.instance]
        assert await ada.bus.holders(ROOM) == sorted([ada.bus.instance, lin.bus.instance])
        assert not await ada.bus.let_go(ROOM)
        assert await lin.bus.let_go(ROOM)
        assert await ada.bus.holders(ROOM) == []

    async def test_a_gate_keeps_others_out_until_it_opens(self, open_bus: OpenBus) -> None:
        ada, lin = await open_bus("ada"), await open_bus("lin")
        assert await ada.bus.shut(ROOM)
        assert not await lin.bus.shut(ROOM)
        assert await lin.bus.hold(ROOM) is None
        await ada.bus.open(ROOM)
        assert await lin.bus.hold(ROOM) == []

    async def test_the_last_one_to_go_shuts_the_gate_in_the_same_moment(self, open_bus: OpenBus) -> None:
        ada, lin = await open_bus("ada"), await open_bus("lin")
        await ada.bus.hold(ROOM)
        await lin.bus.hold(ROOM)
        assert not await ada.bus.let_go(ROOM, shut=True)
        assert await ada.bus.hold(ROOM) == [lin.bus.instance]
        await ada.bus.let_go(ROOM)
        assert await lin.bus.let_go(ROOM, shut=True)
        assert await ada.bus.hold(ROOM) is None
        await lin.bus.open(ROOM)

    async def test_one_that_stops_lives_no_more_and_holds_nothing(self, open_bus: OpenBus) -> None:
        ada, lin = await open_bus("ada"), await open_bus("lin")
        await lin.bus.hold(ROOM)
        assert await ada.bus.living() == {ada.bus.instance, lin.bus.instance}
        await lin.bus.stop()
        assert await ada.bus.living() == {ada.bus.instance}
        assert lin.bus.instance in ada.lost
        assert await ada.bus.hold(ROOM) == [] or await ada.bus.holders(ROOM) == [ada.bus.instance]
        assert await ada.bus.let_go(ROOM)
