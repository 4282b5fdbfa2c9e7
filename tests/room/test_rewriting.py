"""A room that is closed while its past is rewritten."""

import asyncio

import pytest

from fourhands.errors import Conflict
from fourhands.protocol.close import CloseCode
from fourhands.room.chat import say
from fourhands.room.rewriting import rewriting
from tests.house import House


async def test_all_are_told_and_sent_away_what_they_said_is_durable_and_others_wait(house: House) -> None:
    opened = await house.open()
    room, peer, screen = await house.enter(opened.room.id)
    say(room, peer, "last words", None)
    async with rewriting(house.registry, opened.room.id, "ada") as closed:
        assert closed is room
        assert screen.events()[-1] == {"type": "room.erased", "by": "ada"}
        assert screen.closed is not None
        assert screen.closed[0] is CloseCode.RESTART
        assert room.queue.settled
        coming = asyncio.create_task(house.registry.get(opened.room.id))
        await asyncio.wait([coming], timeout=0.01)
        assert not coming.done()
    again = await asyncio.wait_for(coming, 20)
    assert again is not room
    assert [message.text for message in again.chat] == ["last words"]


async def test_nobody_rewrites_a_room_that_is_rewritten(house: House) -> None:
    opened = await house.open()
    room = await house.registry.get(opened.room.id)
    with house.registry.gates.shut(opened.room.id), pytest.raises(Conflict):
        async with rewriting(house.registry, opened.room.id, "ada"):
            pass
    assert not room.closed
