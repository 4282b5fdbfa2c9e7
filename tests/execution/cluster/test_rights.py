"""The rights that the documentation gives to runners in Redis are enough for one, and of no use for anything else."""

import asyncio
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis.asyncio
from redis.exceptions import NoPermissionError

from fourhands.execution.cluster.keys import Keys
from fourhands.execution.cluster.runner_end import RunnerEnd
from fourhands.execution.link import VERSION, State
from fourhands.execution.port import Exit, Stage
from tests.execution.cluster.conftest import CAPACITY, Installation
from tests.execution.conftest import until
from tests.execution.scripted import ScriptedBackend
from tests.redis_server import needs_redis

pytestmark = needs_redis
DOCUMENTED = re.search(r"^user runner (.*)$", Path(__file__).parents[3].joinpath("docs/operations.md").read_text("utf-8"), re.MULTILINE)


async def as_runner(installation: Installation) -> str:
    """The address by which a runner of this installation comes, as the documentation says."""
    assert DOCUMENTED is not None
    password, name = secrets.token_hex(8), f"runner-{installation.prefix}"
    rules = DOCUMENTED[1].replace("PASSWORD", password).replace("{fourhands:", f"{{{installation.prefix}:").split()
    await installation.redis.execute_command("ACL", "SETUSER", name, *rules)  # pyright: ignore[reportUnknownMemberType]
    return f"redis://{name}:{password}@127.0.0.1:{urlsplit(installation.url).port}/0"


async def test_a_runner_with_the_documented_rights_can_do_its_work_to_the_end(installation: Installation) -> None:
    backend, url = ScriptedBackend(), await as_runner(installation)
    end = RunnerEnd(url, installation.prefix, backend, CAPACITY, lease_seconds=6, coalesce_seconds=0)
    end.tell(State(VERSION, backend.name, await backend.check(), backend.runtimes()))
    installation.tasks[end] = asyncio.create_task(end.run())
    installation.backends.append(backend)
    server = await installation.server(runners=1)
    assert isinstance((await server.events("c", stdin=b"x"))[-1], Exit)
    run = await server.run("echo", open_input=True)
    events = aiter(run)
    assert await anext(events) == Stage("run")
    for number in range(80):  # enough that what was read is trimmed
        await run.write(b"%d" % number)
    held = end._held_at
    await until(lambda: end._held_at > held)  # it beats, and looks for the server that asked
    await run.close_input()
    assert isinstance([event async for event in events][-1], Exit)
    end.hang_up()
    await installation.tasks.pop(end)
    await until(lambda: not server.executor.machines())


async def test_who_took_a_runners_password_reads_no_queue_lists_no_keys_and_runs_no_script(installation: Installation) -> None:
    keys, url = Keys(installation.prefix), await as_runner(installation)
    await installation.runner()
    server = await installation.server(runners=1)
    waits = await server.run("wait")
    name = server.executor.machines()[0].name
    forbidden = [
        ("KEYS", "*"), ("SCAN", "0"), ("RANDOMKEY",), ("SMEMBERS", keys.runners), ("SREM", keys.runners, name), ("HGETALL", f"{keys.root}tickets"),
        ("SET", f"{keys.root}tickets", "x"), ("DEL", keys.server(server.end.turns.server)), ("SET", keys.server("x"), "1"), ("GET", keys.runner(name)),
        ("XREAD", "STREAMS", keys.notices(server.end.turns.server), "0"), ("XADD", keys.notices(server.end.turns.server), "*", "said", "{}"),
        ("SET", "fourhands:other", "x"), ("GETDEL", "fourhands:bans"), ("EVAL", "return 1", "0"), ("CONFIG", "GET", "*"), ("FLUSHALL",), ("MONITOR",),
        ("ACL", "LIST"), ("CLIENT", "LIST"), ("SUBSCRIBE", "x"), ("SHUTDOWN",), ("REPLICAOF", "127.0.0.1", "1"),
    ]  # fmt: skip
    async with redis.asyncio.Redis.from_url(url) as taken:
        assert await taken.ping()
        for words in forbidden:
            with pytest.raises(NoPermissionError):
                await taken.execute_command(*words)  # pyright: ignore[reportUnknownMemberType]
    waits.stop()
