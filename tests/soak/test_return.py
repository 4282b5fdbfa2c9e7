"""After a restart everybody comes back, in the worst case all in the same instant, and the server takes it."""

import asyncio
import random
import time

import httpx
import pytest

from tests.server import ServerProcess
from tests.soak.conftest import Share, StartServer
from tests.soak.herd import Herd, processor_seconds, resident_bytes

MiB = 1024 * 1024
RESTART = 1012
JITTER_SECONDS = 2.4  # web/src/sync/back-off.ts
EACH_SECONDS, FIRST_SECONDS = 0.004, 5.0
"""Of the processor, for each who comes, and for starting; a busy machine needs somewhat more of it, and much more of the clock."""
STOP_SECONDS = 5.0 + 15.0
"""What is promised, and what a machine that is busy with other things adds."""
BYTES_EACH = 40_000


@pytest.mark.parametrize("jitter_seconds", [0.0, JITTER_SECONDS])
async def test_five_thousand_come_back(start_server: StartServer, share: Share, jitter_seconds: float) -> None:
    count = share(5_000)
    server = start_server(adhoc_rooms=1)
    host, port = server.url.removeprefix("http://").split(":")
    herd = Herd(host, int(port), [f"room{number // 2}" for number in range(count)])
    pauses = [random.Random(number).random() * jitter_seconds for number in range(count)]
    await herd.come(pauses)
    began = time.monotonic()
    assert await asyncio.to_thread(server.stop) == 0
    assert time.monotonic() - began < STOP_SECONDS
    assert await herd.gone() == [RESTART] * count
    server.start()
    empty = resident_bytes(server.pid)
    slowest = asyncio.create_task(asks(server))
    took = await herd.come(pauses)
    slowest.cancel()
    assert len(took) == count
    assert processor_seconds(server.pid) < FIRST_SECONDS + count * EACH_SECONDS
    assert herd.refused == 0
    assert resident_bytes(server.pid) - empty < count * BYTES_EACH + 20 * MiB
    await asyncio.to_thread(server.stop)
    await herd.gone()
    assert "Traceback" not in server.log


async def asks(server: ServerProcess) -> None:
    """Somebody else uses the server meanwhile, and is answered."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        while True:
            assert (await client.get("/healthz")).status_code == 200
            await asyncio.sleep(0.1)
