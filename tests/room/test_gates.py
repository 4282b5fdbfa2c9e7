"""Rooms that nobody may load for a while."""

import asyncio

import pytest

from fourhands.errors import Conflict
from fourhands.room.gates import Gates


async def test_whoever_comes_waits_until_it_opens_also_after_a_failure() -> None:
    gates = Gates()
    waiting = asyncio.create_task(gates.passed("a"))
    assert not await waiting
    with pytest.raises(ValueError, match="failed"), gates.shut("a"):
        waiting = asyncio.create_task(gates.passed("a"))
        await asyncio.wait([waiting], timeout=0.01)
        assert not waiting.done()
        assert not await gates.passed("b")
        raise ValueError("failed")
    assert await asyncio.wait_for(waiting, 20)
    assert not await gates.passed("a")


def test_one_that_is_shut_is_not_shut_again() -> None:
    gates = Gates()
    with gates.shut("a"):
        with pytest.raises(Conflict, match="already"), gates.shut("a"):
            pass
        with gates.shut("b"):
            pass
    with gates.shut("a"):
        pass
