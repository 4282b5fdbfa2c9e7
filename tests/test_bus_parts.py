"""An instance is one of several where Redis is set, and takes nothing for it where it is not."""

import asyncio
import subprocess
import sys
from pathlib import Path

from fourhands.bus_parts import keep_joined, make_sharing
from fourhands.model.clock import SystemClock
from fourhands.settings import Settings
from fourhands.storage import make_store
from tests.redis_server import RedisServer
from tests.several import until


async def test_without_redis_there_is_nothing_to_share(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert make_sharing(settings, make_store(settings), SystemClock()) is None
    await keep_joined(None)


def test_and_nothing_of_it_is_imported() -> None:
    code = "import sys, fourhands.app; print({'redis', 'hiredis', 'fourhands.bus.redis', 'fourhands.bus.lane'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "set()"


async def test_it_joins_the_others_and_says_when_it_goes(tmp_path: Path, redis_server: RedisServer) -> None:
    settings = Settings(data_dir=tmp_path, redis_url=redis_server.url, redis_prefix="joined")
    store = make_store(settings)
    made = [make_sharing(settings, store, SystemClock()) for _ in range(2)]
    ada, lin = [one for one in made if one is not None]
    tasks = [asyncio.create_task(keep_joined(one)) for one in (ada, lin)]
    await until(lambda: ada.bus.reached and lin.bus.reached)
    assert await ada.living() == sorted([ada.instance, lin.instance])
    tasks[1].cancel()
    await asyncio.gather(tasks[1], return_exceptions=True)
    assert await ada.living() == [ada.instance]
    tasks[0].cancel()
    await asyncio.gather(tasks[0], return_exceptions=True)
