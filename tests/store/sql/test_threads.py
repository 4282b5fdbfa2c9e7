"""Jobs in turn: what begins ends, what does not begin in time never does."""

import asyncio
import gc
import threading
import weakref

import pytest

from fourhands.errors import Unavailable
from fourhands.store.sql.threads import Threads


async def test_jobs_of_one_thread_take_turns_and_give_back_what_came_of_them() -> None:
    threads, order = Threads("test", 1, 10), list[int]()

    def job(number: int) -> int:
        order.append(number)
        return number

    assert await asyncio.gather(*(threads.do(lambda number=number: job(number)) for number in range(20))) == list(range(20))
    assert order == list(range(20))
    with pytest.raises(ZeroDivisionError):
        await threads.do(lambda: 1 // 0)
    await threads.close()


async def test_one_who_is_cancelled_waits_for_a_job_that_has_begun_and_takes_back_one_that_has_not() -> None:
    threads, begun, go, done = Threads("test", 1, 10), threading.Event(), threading.Event(), list[str]()

    def slow() -> None:
        begun.set()
        assert go.wait(20)
        done.append("slow")

    first = asyncio.create_task(threads.do(slow))
    second = asyncio.create_task(threads.do(lambda: done.append("never")))
    assert await asyncio.to_thread(begun.wait, 10)
    first.cancel()
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert not first.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await first
    await threads.close()
    assert done == ["slow"]


async def test_a_turn_that_does_not_come_is_unavailable_and_the_job_is_never_done() -> None:
    threads, go, done = Threads("test", 1, 0.01), threading.Event(), list[str]()
    first = asyncio.create_task(threads.do(lambda: go.wait(20)))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="too busy"):
        await threads.do(lambda: done.append("late"))
    go.set()
    assert await first
    await threads.close()
    assert done == []


class Large:
    """What a job holds."""


async def test_what_a_failed_job_held_goes_with_its_error_and_waits_for_no_collection() -> None:
    threads, held = Threads("test", 1, 10), list[weakref.ref[Large]]()

    def fail() -> None:
        large = Large()
        held.append(weakref.ref(large))
        raise ZeroDivisionError

    gc.disable()
    try:
        with pytest.raises(ZeroDivisionError):
            await threads.do(fail)
        await threads.close()
        assert held[0]() is None
    finally:
        gc.enable()
