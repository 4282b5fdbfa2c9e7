"""What one instance says to all, and asks of another: answers, refusals, silence."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from fourhands.bus.memory import Exchange, MemoryBus
from fourhands.errors import Conflict, Unavailable
from fourhands.room.asking import Asking
from tests.several import until


@pytest.fixture
async def both() -> AsyncIterator[tuple[Asking, Asking]]:
    exchange = Exchange()
    made = Asking(MemoryBus(exchange, "ada".ljust(16, "0"))), Asking(MemoryBus(exchange, "lin".ljust(16, "0")))
    for one in made:
        await one.bus.start(one.hear_all)
    yield made
    for one in made:
        await one.end_tasks()
        await one.bus.stop()


async def test_what_is_said_to_all_others_hear_and_a_mistake_of_one_topic_is_its_own(both: tuple[Asking, Asking]) -> None:
    ada, lin = both
    heard: list[tuple[str, bytes]] = []

    def broken(_: str, __: bytes) -> None:
        raise RuntimeError("a mistake")

    lin.hears_all["broken"] = broken
    lin.hears_all["topic"] = lambda origin, payload: heard.append((origin, payload))
    ada.say_all("broken", b"")
    ada.say_all("unknown", b"")
    ada.say_all("topic", b"1")
    await until(lambda: heard)
    assert heard == [(ada.bus.instance, b"1")]


async def test_a_question_is_answered_or_refused_as_there(both: tuple[Asking, Asking]) -> None:
    ada, lin = both

    async def double(_: str, payload: bytes) -> bytes:
        return payload * 2

    async def refuse(_: str, payload: bytes) -> bytes:
        raise Conflict(payload.decode())

    async def broken(_: str, __: bytes) -> bytes:
        raise RuntimeError("a mistake")

    lin.answers.update(double=double, refuse=refuse, broken=broken)
    assert await ada.ask(lin.bus.instance, "double", b"ab") == b"abab"
    with pytest.raises(Conflict, match="not now"):
        await ada.ask(lin.bus.instance, "refuse", b"not now")
    for topic in ("broken", "unknown"):
        with pytest.raises(Unavailable):
            await ada.ask(lin.bus.instance, topic, b"")


async def test_whoever_asks_nobody_is_told_so(both: tuple[Asking, Asking]) -> None:
    ada, lin = both
    with pytest.raises(Unavailable, match="does not answer"):
        await ada.ask("nobody".ljust(16, "0"), "topic", b"", seconds=0.01)
    bus = ada.bus
    assert isinstance(bus, MemoryBus)
    bus.cut()
    with pytest.raises(Unavailable, match="not reached"):
        await asyncio.wait_for(ada.ask(lin.bus.instance, "topic", b""), 20)
