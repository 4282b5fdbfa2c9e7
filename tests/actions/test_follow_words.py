"""What an administrator says at one instance holds at the others, and for those that start later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from fourhands.actions.admin_set_log_level import set_log_level
from fourhands.actions.admin_set_mode import DRAIN, ENDS, STARTS, set_mode
from fourhands.actions.follow_words import follow_words
from fourhands.desk.desk import Desk
from fourhands.errors import InvalidRequest, NotFound
from fourhands.protocol.close import CloseCode
from tests.actions.desks import ROOT, desk_of
from tests.house import House, open_house, until
from tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis


@asynccontextmanager
async def instance(server: RedisServer, prefix: str, folder: Path, levels: list[str] | None = None) -> AsyncIterator[tuple[House, Desk]]:
    """One that listens."""
    state = server.state(prefix)
    folder.mkdir()
    async with open_house(folder, shared=state) as house:
        desk = desk_of(house, levels=levels)
        follow_words(house.place, desk)
        listening = asyncio.create_task(house.place.words.run())
        try:
            yield house, desk
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await state.close()


async def test_maintenance_and_the_level_of_logs_reach_all_and_those_who_start_later(redis_server: RedisServer, quick_dir: Path) -> None:
    prefix, levels = redis_server.prefix(), list[str]()
    async with AsyncExitStack() as stack:
        one, desk = await stack.enter_async_context(instance(redis_server, prefix, quick_dir / "a"))
        other, elsewhere = await stack.enter_async_context(instance(redis_server, prefix, quick_dir / "b", levels))
        _, _, screen = await other.enter((await other.open()).room.id)
        await set_log_level(one.place, desk, ROOT, "debug")
        await set_mode(one.place, desk, ROOT, "maintenance")
        await until(lambda: elsewhere.mode.name == "maintenance" and levels == ["debug"])
        late, newest = await stack.enter_async_context(instance(redis_server, prefix, quick_dir / "c"))
        await until(lambda: newest.mode.name == "maintenance")
        await set_mode(late.place, newest, ROOT, "open")
        await until(lambda: desk.mode.name == elsewhere.mode.name == "open")
        await until(lambda: [event["text"] for event in screen.events("notice")] == [STARTS, ENDS])
        assert screen.closed is None


async def test_a_drain_reaches_rooms_elsewhere(redis_server: RedisServer, quick_dir: Path) -> None:
    prefix = redis_server.prefix()
    async with AsyncExitStack() as stack:
        one, desk = await stack.enter_async_context(instance(redis_server, prefix, quick_dir / "a"))
        other, elsewhere = await stack.enter_async_context(instance(redis_server, prefix, quick_dir / "b"))
        _, _, screen = await other.enter((await other.open()).room.id)
        await set_mode(one.place, desk, ROOT, "drain")
        await until(lambda: screen.closed is not None)
        assert screen.closed is not None
        assert screen.closed[0] is CloseCode.RESTART
        await set_mode(one.place, desk, ROOT, "open")
        await until(lambda: elsewhere.mode.name == "open")
        assert one.place.words.known(DRAIN + desk.instance) == b""


async def test_one_instance_alone_is_drained_by_its_name(redis_server: RedisServer, quick_dir: Path) -> None:
    async with instance(redis_server, redis_server.prefix(), quick_dir / "a") as (house, desk):
        with pytest.raises(NotFound):
            await set_mode(house.place, desk, ROOT, "drain", instance="nobody")
        with pytest.raises(InvalidRequest):
            await set_mode(house.place, desk, ROOT, "maintenance", instance=desk.instance)
        await set_mode(house.place, desk, ROOT, "drain", instance=desk.instance)
        assert desk.mode.name == "drain"
        await set_mode(house.place, desk, ROOT, "open", instance=desk.instance)
        assert desk.mode.name == "open"
