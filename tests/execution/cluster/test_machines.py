"""What a server makes of the runners that say they are there: bounded, checked, and the best of each."""

import msgspec
import pytest
import redis.asyncio

from fourhands.execution.cluster.keys import Keys
from fourhands.execution.cluster.machines import NONE, Machines
from fourhands.execution.cluster.words import Registration, Seen
from fourhands.execution.link import VERSION, State, encode
from fourhands.execution.port import Health, Runtime
from tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis


def seen(name: str, *, version: int = VERSION, memory: int = 100, digest: str = "d") -> Seen:
    said = Registration(host=f"host of {name}", version=version, batch=2, interactive=3, memory_bytes=memory, routes=",python,", digest=digest)
    return Seen(name=name, text=encode(said), batch=1, interactive=0, memory_bytes=7)


def state(version: str, *, ok: bool = True, language: str = "python") -> bytes:
    return encode(State(VERSION, "sandbox", Health(ok, "Fine." if ok else "Broken.", ""), (Runtime(language=language, version=version),)))


async def test_of_a_language_that_several_have_the_newest_version_and_the_largest_machine_count(redis_server: RedisServer) -> None:
    connection, keys = redis.asyncio.Redis.from_url(redis_server.url), Keys("machines")
    for name, said in (("old", state("3.9.2")), ("new", state("3.11.0")), ("ill", state("9.9", ok=False)), ("odd", b"nonsense")):
        await connection.set(keys.state(name), said)
    machines = Machines(connection, keys)
    assert machines.health == NONE
    await machines.learn([seen("ill"), seen("odd"), seen("other", version=VERSION + 1), Seen(name="x", text=b"?", batch=0, interactive=0, memory_bytes=0)])
    assert (machines.health.ok, machines.health.sentence, machines.names) == (False, "Broken.", frozenset({"ill", "odd"}))
    await machines.learn([seen("old", memory=200), seen("new"), seen("ill"), seen("odd")])
    assert machines.health.ok
    assert [runtime.version for runtime in machines.runtimes()] == ["3.11.0"]
    assert machines.memory_of() == {"python": 200}
    assert [(one.host, one.ok, one.batch, one.batch_slots) for one in machines.figures()] == [
        ("host of ill", False, 1, 2),
        ("host of new", True, 1, 2),
        ("host of odd", False, 1, 2),
        ("host of old", True, 1, 2),
    ]
    await connection.aclose()


async def test_a_state_is_asked_for_when_it_has_changed(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    connection, keys = redis.asyncio.Redis.from_url(redis_server.url), Keys("machines2")
    machines, asked = Machines(connection, keys), list[str]()
    ask = machines._state

    async def counted(name: str) -> State | None:
        asked.append(name)
        return await ask(name)

    monkeypatch.setattr(machines, "_state", counted)
    await connection.set(keys.state("a"), state("1.0"))
    await machines.learn([seen("a")])
    await machines.learn([seen("a")])
    await connection.set(keys.state("a"), state("2.0"))
    await machines.learn([seen("a", digest="e")])
    assert (asked, machines.runtimes()[0].version) == (["a", "a"], "2.0")
    assert msgspec.json.decode(seen("a").text, type=Registration).host == "host of a"
    await connection.aclose()
