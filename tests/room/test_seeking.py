"""Who may rebuild a room's past, and when."""

import asyncio
import contextlib

import pytest

from fourhands.errors import LimitExceeded
from fourhands.room.seeking import OF_A_MEMBER, SEARCHES, Seeks


async def test_one_is_under_way_at_a_time_and_a_member_waits_with_no_more_than_two() -> None:
    seeks, inside, go_on, order = Seeks(), asyncio.Event(), asyncio.Event(), list[str]()

    async def seek(member: str) -> None:
        async with seeks.turn("room", member):
            order.append(member)
            inside.set()
            await go_on.wait()

    ada = [asyncio.create_task(seek("ada")) for _ in range(OF_A_MEMBER)]
    lin = asyncio.create_task(seek("lin"))
    await inside.wait()
    with pytest.raises(LimitExceeded):
        await seek("ada")
    assert order == ["ada"]
    go_on.set()
    await asyncio.gather(*ada, lin)
    assert order == ["ada", "ada", "lin"]
    await seek("ada")  # nobody is counted for good


async def test_whoever_goes_away_while_waiting_gives_up_the_place() -> None:
    seeks, inside, go_on = Seeks(), asyncio.Event(), asyncio.Event()

    async def seek() -> None:
        async with seeks.turn("room", "ada"):
            inside.set()
            await go_on.wait()

    first, second = asyncio.create_task(seek()), asyncio.create_task(seek())
    await inside.wait()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    third = asyncio.create_task(seek())
    go_on.set()
    await asyncio.gather(first, third)


async def test_a_search_takes_turns_with_those_who_look_back() -> None:
    seeks, order = Seeks(), list[str]()

    async def seek() -> None:
        async with seeks.turn("room", "lin"):
            order.append("seek")

    async with seeks.search("room", "ada") as turns:
        async with turns:
            looking = asyncio.create_task(seek())
            await asyncio.sleep(0)
            order.append("search")
        await looking
        async with turns:
            order.append("search")
    assert order == ["search", "seek", "search"]


async def test_a_member_searches_once_at_a_time_and_not_too_many_do() -> None:
    seeks = Seeks()
    async with contextlib.AsyncExitStack() as searching:
        for number in range(SEARCHES - 1):
            await searching.enter_async_context(seeks.search("room", f"m{number}"))
        with pytest.raises(LimitExceeded, match="already"):
            await searching.enter_async_context(seeks.search("room", "m0"))
        await searching.enter_async_context(seeks.search("another", "m0"))
        with pytest.raises(LimitExceeded, match="Others"):
            await searching.enter_async_context(seeks.search("room", "more"))
    async with seeks.search("room", "m0"):
        pass
