"""What a room says to the same room elsewhere."""

from collections.abc import Sequence

import pytest

from fourhands.bus.memory import Exchange, MemoryBus
from fourhands.bus.messages import Durable, Edit, Message, Word
from fourhands.room.share import EARLY_MESSAGES, Share
from tests.several import until


@pytest.fixture
async def heard() -> tuple[Share, list[Message]]:
    exchange, messages = Exchange(), list[Message]()

    def hear(_: str, some: Sequence[Message]) -> None:
        messages.extend(some)

    ada, lin = MemoryBus(exchange, "ada".ljust(16, "0")), MemoryBus(exchange, "lin".ljust(16, "0"))
    for bus in (ada, lin):
        await bus.start(hear)
    await lin.subscribe("room", hear)
    return Share(ada, "room"), messages


async def test_it_is_said_once_that_edits_are_durable(heard: tuple[Share, list[Message]]) -> None:
    share, messages = heard
    for ticket in (1, 2, 3):
        share.edit(Edit(ticket, "ada", 1, b"x"))
    share.durable(2)
    share.durable(3)
    share.durable(4)  # of something else
    share.say("over", b"")
    await until(lambda: Word("over", b"") in messages)
    assert [message for message in messages if isinstance(message, Durable)] == [Durable(2), Durable(3)]


async def test_what_comes_before_the_room_is_loaded_is_kept_up_to_a_number(heard: tuple[Share, list[Message]]) -> None:
    share, _ = heard
    for _ in range(EARLY_MESSAGES // 1000):
        share.keep_early("lin", [Durable(1)] * 1000)
    assert not share.overrun
    share.keep_early("lin", [Durable(1)])
    assert share.overrun
    assert share.early is not None
    assert len(share.early) == EARLY_MESSAGES
