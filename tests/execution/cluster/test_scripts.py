"""The shared queue decides as the one in a process does, whatever comes and goes; and for several machines, each by what it has."""

import itertools
import os
from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
import pytest
import redis
import redis.asyncio
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest, LimitExceeded
from fourhands.execution.cluster.keys import Keys
from fourhands.execution.cluster.scripts import TEXT, Scripts
from fourhands.execution.cluster.words import Notice, Registration, Ticket
from fourhands.execution.link import VERSION
from fourhands.execution.queue import Ask, Lane, QueueLimits
from fourhands.execution.turns import Ticket as Place
from fourhands.execution.turns import Turns
from tests.redis_server import RedisServer

LIMITS = QueueLimits(batch=3, interactive=2, waiting=8, running=1, queued=3, memory_bytes=100)
NONSENSE = ("nonsense", "[]", '{"routes": 3, "batch": "x"}', '{"routes": ",python,", "batch": -1, "memory_bytes": 1e300}')
_numbers = itertools.count()

asks = st.builds(
    lambda room, person, memory, lane, limited: Ask(
        room=room if limited else f"machine {room}", person=person if limited else f"machine {room}", memory_bytes=memory, lane=lane, limited=limited
    ),
    st.sampled_from("abcde"),
    st.sampled_from("vwxyz"),
    st.integers(1, 60),
    st.sampled_from(("batch", "interactive")),
    st.booleans(),
)
steps = st.lists(st.one_of(asks, st.integers(0, 30)), max_size=50)


def registered(client: "redis.Redis", keys: Keys, name: str, languages: str = ",python,", limits: QueueLimits = LIMITS, lease_ms: int = 600_000) -> None:
    """A runner that has joined, as one would have written it."""
    said = Registration(
        host=name, version=VERSION, batch=limits.batch, interactive=limits.interactive, memory_bytes=limits.memory_bytes, routes=languages, digest="d"
    )
    client.set(keys.runner(name), msgspec.json.encode(said), px=lease_ms)
    client.sadd(keys.runners, name)


class Shared:
    """The script, called without a loop."""

    def __init__(self, client: "redis.Redis", limits: QueueLimits = LIMITS) -> None:
        self.client = client
        self.keys = Keys(f"m{os.getpid()}.{next(_numbers)}")
        self.limits = msgspec.json.encode({"waiting": limits.waiting, "running": limits.running, "queued": limits.queued})
        self.script = client.register_script(TEXT)

    def do(self, operation: str, *arguments: str | bytes | int) -> Any:
        return self.script([f"{self.keys.root}tickets"], [self.keys.root, operation, self.limits, *arguments])

    def enter(self, name: str, ask: Ask, language: str = "python", server: str = "s") -> str:
        fields = {"room": ask.room, "person": ask.person, "memory": ask.memory_bytes, "lane": ask.lane, "limited": ask.limited}
        return self.do("enter", msgspec.json.encode({"id": name, "language": language, "server": server, **fields}))[0].decode()

    def positions(self) -> dict[str, int]:
        """Of everybody: 0 runs."""
        return {
            name.decode(): msgspec.json.decode(text)["position"]
            for name, text in cast("dict[bytes, bytes]", self.client.hgetall(f"{self.keys.root}tickets")).items()
        }

    def runner_of(self, name: str) -> str:
        return msgspec.json.decode(self.client.hget(f"{self.keys.root}tickets", name) or b"{}").get("runner", "gone")


@pytest.fixture
def client(redis_server: RedisServer) -> "redis.Redis":
    return redis.Redis.from_url(redis_server.url)


@given(steps=steps)
@hypothesis_settings(max_examples=40, deadline=None)
def test_with_one_machine_it_grants_refuses_and_places_as_the_queue_of_a_process_does(redis_server: RedisServer, steps: list[Ask | int]) -> None:
    client = redis.Redis.from_url(redis_server.url)
    shared, turns = Shared(client), Turns(LIMITS)
    registered(client, shared.keys, "r")
    places: dict[str, Place] = {}
    for number, step in enumerate(steps):
        if isinstance(step, Ask):
            try:
                places[str(number)], expected = turns.put(step), "ok"
            except InvalidRequest:
                expected = "large"
            except LimitExceeded as error:
                said = str(error)
                expected = "room" if "of this room" in said else "person" if "of yours" in said else "waiting"
            assert shared.enter(str(number), step) == expected
        elif places:
            name = sorted(places)[step % len(places)]
            places.pop(name).leave()
            shared.do("leave", name)
        assert shared.positions() == {name: place.position for name, place in places.items()}
        assert {name for name in places if shared.runner_of(name)} == {name for name, place in places.items() if place.is_granted}
    client.close()


def ask(room: str, memory: int = 1, lane: Lane = "batch") -> Ask:
    return Ask(room=room, person=room, memory_bytes=memory, lane=lane)


def test_a_program_goes_to_a_machine_that_has_its_language_and_waits_for_nobody_elses(client: "redis.Redis") -> None:
    shared, one = Shared(client), QueueLimits(batch=1, interactive=1, memory_bytes=100)
    registered(client, shared.keys, "snake", ",python,c,", one)
    registered(client, shared.keys, "crab", ",rust,c,", one)
    for name, language in (("first", "python"), ("second", "python"), ("third", "rust"), ("fourth", "c"), ("fifth", "rust")):
        assert shared.enter(name, ask(name), language) == "ok"
    assert [shared.runner_of(name) for name in ("first", "second", "third", "fourth", "fifth")] == ["snake", "", "crab", "", ""]
    assert shared.positions() == {"first": 0, "second": 1, "third": 0, "fourth": 2, "fifth": 2}  # c waits for both machines; nobody waits with both others
    shared.do("leave", "third")
    assert shared.runner_of("fourth") == "crab"
    assert shared.positions() == {"first": 0, "second": 1, "fourth": 0, "fifth": 1}
    assert shared.enter("sixth", ask("sixth"), "cobol") == "none"


def test_what_waits_for_memory_is_not_passed_for_ever_on_its_machine_but_others_go_on(client: "redis.Redis") -> None:
    shared = Shared(client)
    registered(client, shared.keys, "large", ",java,python,", QueueLimits(batch=3, memory_bytes=100))
    registered(client, shared.keys, "small", ",python,", QueueLimits(batch=1, memory_bytes=30))
    assert shared.enter("a", ask("a", 60), "java") == "ok"
    assert shared.enter("b", ask("b", 60), "java") == "ok"  # waits for the memory of the large one
    assert shared.enter("c", ask("c", 20), "python") == "ok"
    assert shared.enter("d", ask("d", 20), "python") == "ok"
    assert [shared.runner_of(name) for name in "abcd"] == ["large", "", "small", ""]
    assert shared.enter("e", ask("e", 101), "java") == "large"


def test_what_a_dead_server_left_goes_at_anothers_beat(client: "redis.Redis") -> None:
    shared = Shared(client)
    registered(client, shared.keys, "r", limits=QueueLimits(batch=1, memory_bytes=100))
    shared.do("beat", "dead", 600_000)
    shared.do("beat", "alive", 600_000)
    shared.enter("theirs", ask("a"), server="dead")
    shared.enter("mine", ask("b"), server="alive")
    assert shared.positions() == {"theirs": 0, "mine": 1}
    client.delete(shared.keys.server("dead"))
    held = shared.do("beat", "alive", 600_000)[0]
    assert (held, shared.positions()) == (1, {"mine": 0})
    notices = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(shared.keys.notices("alive")))
    last = msgspec.json.decode(notices[-1][1][b"said"], type=Notice)
    assert last.moves == (("mine", 0, "r"),)
    assert client.exists(shared.keys.notices("dead")) == 0


def test_a_runner_that_writes_nonsense_gets_nothing_and_harms_nobody(client: "redis.Redis") -> None:
    shared = Shared(client)
    for name, text in zip("abcd", NONSENSE, strict=True):
        client.set(shared.keys.runner(name), text)
        client.sadd(shared.keys.runners, name)
    assert shared.enter("x", ask("x"), "cobol") == "none"
    registered(client, shared.keys, "good")
    assert shared.enter("x", ask("x")) == "ok"
    assert shared.runner_of("x") == "good"


@pytest.fixture
async def scripts(redis_server: RedisServer) -> AsyncIterator[Scripts]:
    connection = redis.asyncio.Redis.from_url(redis_server.url)
    yield Scripts(connection, Keys(f"s{os.getpid()}.{next(_numbers)}"), LIMITS)
    await connection.aclose()


async def test_what_was_not_taken_waits_again_before_all_others_and_what_came_back_where_it_was(scripts: Scripts, client: "redis.Redis") -> None:
    registered(client, scripts._keys, "r", limits=QueueLimits(batch=1, memory_bytes=100))
    tickets = [Ticket(id=name, room=name, person=name, memory=1, lane="batch", limited=True, language="python", server="s") for name in "abc"]
    await scripts.beat("s", 600_000)
    entered = [await scripts.enter(ticket) for ticket in tickets]
    assert [one.position for one in entered] == [0, 1, 2]
    assert [one.version for one in entered] == sorted({one.version for one in entered})
    client.delete(scripts._keys.runner("r"))
    await scripts.again(tickets[0])
    assert (await scripts.beat("s", 600_000)).waiting == {"batch": 3, "interactive": 0}
    await scripts.restore(tickets)  # they are all there
    registered(client, scripts._keys, "other", limits=QueueLimits(batch=1, memory_bytes=100))
    beat = await scripts.beat("s", 600_000)
    assert ([(one.name, one.batch) for one in beat.runners], beat.waiting["batch"]) == ([("other", 1)], 2)
    notices = [
        msgspec.json.decode(fields[b"said"], type=Notice)
        for _, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(scripts._keys.notices("s")))
    ]
    assert ("a", 0, "other") in notices[-1].moves
