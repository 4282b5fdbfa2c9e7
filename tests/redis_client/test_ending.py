"""What talks to Redis for ever ends when it is told to."""

import asyncio

from fourhands.redis_client.ending import require_wanted


async def test_who_was_told_to_end_ends_even_if_the_client_swallowed_it() -> None:
    async def swallows() -> None:
        while True:
            require_wanted()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(swallows())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=20)
    assert task.cancelled()
