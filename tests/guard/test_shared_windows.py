"""Rates of several instances: counted together, by keys that name nobody, and each for itself while Redis is away."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from fourhands.errors import Forbidden, LimitExceeded, Unavailable
from fourhands.guard.rates import Rates
from fourhands.guard.shared_windows import SharedWindows
from fourhands.model.limits import Limits
from fourhands.model.rate import Rate
from fourhands.shared_state.port import Counts, SharedState
from tests.house import since_windows_began
from tests.redis_server import RedisServer, needs_redis

MOST = 5
RATES = (Rate("login", MOST, 900, "attempts"), Rate("register", 2, 900, "attempts"))


def rates_of_instances(states: Sequence[SharedState]) -> list[Rates]:
    return [Rates(RATES, since_windows_began(), keys=100, shared=state, secret="one for all") for state in states]


async def taken(rates: Rates, key: str) -> bool:
    try:
        await rates.require("login", key)
    except LimitExceeded:
        return False
    return True


@needs_redis
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), max_size=40))
async def test_whichever_instances_are_asked_as_many_are_let_through_as_one_would(redis_server: RedisServer, asked: list[tuple[int, str]]) -> None:
    prefix = redis_server.prefix()
    states = [redis_server.state(prefix) for _ in range(3)]
    try:
        instances = rates_of_instances(states)
        let_through = Counter([key for number, key in asked if await taken(instances[number], key)])
        assert let_through == {key: min(MOST, count) for key, count in Counter(key for _, key in asked).items()}
    finally:
        for state in states:
            await state.close()


@needs_redis
async def test_wrong_secrets_are_counted_together_and_right_ones_are_not(redis_server: RedisServer) -> None:
    prefix = redis_server.prefix()
    states = [redis_server.state(prefix) for _ in range(2)]
    try:
        one, other = rates_of_instances(states)
        for rates in (one, other, one, other, one):
            async with rates.guessing("login", "room 192.0.2.1"):
                pass  # right
            with pytest.raises(Forbidden):
                async with rates.guessing("login", "room 192.0.2.1"):
                    raise Forbidden("wrong")
        for rates in (one, other):
            with pytest.raises(LimitExceeded) as refused:
                async with rates.guessing("login", "room 192.0.2.1"):
                    raise AssertionError("it was not to be tried")
            assert 800 < refused.value.retry_after_seconds <= 1800
    finally:
        for state in states:
            await state.close()


@needs_redis
async def test_redis_is_told_neither_addresses_nor_names(redis_server: RedisServer) -> None:
    prefix = redis_server.prefix()
    state = redis_server.state(prefix)
    client: Any = Redis.from_url(redis_server.url)
    try:
        await rates_of_instances([state])[0].require("login", "ada 192.0.2.77")
        keys = [key.decode() async for key in client.scan_iter(match=f"{prefix}*")]
        assert len(keys) == 1
        assert "login:" in keys[0]
        assert "ada" not in keys[0]
        assert "192" not in keys[0].removeprefix(prefix).replace(keys[0].rpartition(":")[2], "")
    finally:
        await state.close()
        await client.aclose()


class Moody:
    """A common state that may be away; else it counts as one instance would."""

    def __init__(self) -> None:
        self.is_away = False
        self._counted: Counter[str] = Counter()

    async def hit(self, key: str, most: int, seconds: int, amount: int = 1) -> bool:
        self._require()
        if self._counted[key] + amount > most:
            return False
        self._counted[key] += amount
        return True

    async def counts(self, key: str, seconds: int) -> Counts:
        self._require()
        return Counts(0, 0.0, self._counted[key], 2.0 * seconds)

    async def words(self) -> dict[str, bytes]:
        return {}

    async def say(self, word: str, value: bytes) -> None: ...

    async def first(self, name: str, value: bytes, seconds: int) -> bytes:
        return value

    async def hold(self, name: str, seconds: int) -> None: ...

    async def close(self) -> None: ...

    def _require(self) -> None:
        if self.is_away:
            raise Unavailable("Redis is away.", "redis")


async def test_when_redis_goes_away_what_was_counted_here_counts_on() -> None:
    moody = Moody()
    [rates] = rates_of_instances([moody])
    for _ in range(MOST - 1):
        assert await taken(rates, "a")
    moody.is_away = True
    assert await taken(rates, "a")
    assert not await taken(rates, "a"), "never open"
    with pytest.raises(LimitExceeded):
        async with rates.guessing("login", "a"):
            raise AssertionError("it was not to be tried")
    assert await taken(rates, "b")
    moody.is_away = False
    assert await taken(rates, "a"), "Redis did not hear of the last one"
    assert not await taken(rates, "a")


async def test_what_redis_refuses_is_not_counted_here_either() -> None:
    moody = Moody()
    windows = SharedWindows(since_windows_began(), 10, moody, "secret")
    assert await windows.acquire_sliding_window_entry("login/a", 1, 900)
    for _ in range(20):
        assert not await windows.acquire_sliding_window_entry("login/a", 1, 900)
    moody.is_away = True
    assert (await windows.get_sliding_window("login/a", 900))[2] == 1


async def test_without_redis_rates_are_counted_here_alone() -> None:
    rates = Rates.by(Limits(logins_per_minute=1), since_windows_began())
    await rates.require("login", "a")
    with pytest.raises(LimitExceeded):
        await rates.require("login", "a")
