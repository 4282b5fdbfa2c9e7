"""The thread with a loop of its own: what has begun ends, whoever waits for it."""

import asyncio
import threading

import pytest

from fourhands.errors import Unavailable
from fourhands.store.sql.loops import LoopThread


async def test_work_is_done_elsewhere_and_its_result_and_failure_come_back() -> None:
    loops = LoopThread("elsewhere")

    async def name() -> str:
        await asyncio.sleep(0)
        return threading.current_thread().name

    async def fail() -> None:
        raise ValueError("no")

    assert await loops.do(name) == "elsewhere"
    with pytest.raises(ValueError, match="no"):
        await loops.do(fail)
    await loops.close()
    with pytest.raises(Unavailable, match="not open"):
        await loops.do(name)


async def test_a_caller_who_is_cancelled_waits_until_what_it_began_has_ended() -> None:
    loops = LoopThread("elsewhere")
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    async def work() -> None:
        began.set()
        await asyncio.to_thread(go_on.wait)
        ended.set()

    caller = asyncio.create_task(loops.do(work))
    await asyncio.to_thread(began.wait)
    for _ in range(2):
        caller.cancel()
        await asyncio.sleep(0)
    assert not caller.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended.is_set()
    await loops.close()
