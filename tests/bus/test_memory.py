"""The bus of one process, where it can do what networks do."""

import asyncio
from collections.abc import Sequence

import pytest

from fourhands.bus.memory import Exchange, MemoryBus
from fourhands.bus.messages import Durable, Message
from fourhands.errors import Unavailable

ROOM = "a-room"


async def two() -> tuple[MemoryBus, MemoryBus, list[Message]]:
    exchange, heard = Exchange(), list[Message]()

    def hear(_: str, messages: Sequence[Message]) -> None:
        heard.extend(messages)

    ada, lin = MemoryBus(exchange, "ada".ljust(16, "0")), MemoryBus(exchange, "lin".ljust(16, "0"))
    for bus in (ada, lin):
        await bus.start(hear)
        await bus.subscribe(ROOM, hear)
    return ada, lin, heard


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_said_while_it_is_cut_is_missed_and_the_other_notices() -> None:
    ada, lin, heard = await two()
    missed: list[str] = []
    lin.on_missed = missed.append
    ada.publish(ROOM, Durable(1))
    await turns()
    ada.cut()
    ada.publish(ROOM, Durable(2))
    await turns()
    with pytest.raises(Unavailable):
        await ada.hold(ROOM)
    ada.mend()
    ada.publish(ROOM, Durable(3))
    await turns()
    assert (heard, missed) == ([Durable(1), Durable(3)], [ROOM])


async def test_one_that_is_killed_says_nothing_more_and_others_hear_that_it_is_gone() -> None:
    ada, lin, heard = await two()
    lost: list[str] = []
    lin.on_lost = lost.append
    ada.publish(ROOM, Durable(1))
    ada.kill()
    await turns()
    assert (heard, lost) == ([], [ada.instance])


async def test_a_parcel_that_cannot_be_read_is_passed_over() -> None:
    ada, _, heard = await two()
    ada.send_parcels(ROOM, [b"poison"])
    ada.publish(ROOM, Durable(1))
    await turns()
    assert heard == [Durable(1)]
