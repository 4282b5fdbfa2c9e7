"""Rates: each at its edge, who is told to wait how long, and secrets that are guessed."""

import asyncio
import contextlib

import pytest

from fourhands.errors import Forbidden, LimitExceeded
from fourhands.guard.rates import GUESSES_WAITING, Rates, rates_of
from fourhands.model.limits import Limits
from fourhands.model.rate import Rate, Standing
from tests.house import HandClock

LIMITS = Limits(
    api_requests_per_15_minutes=7, joins_per_15_minutes=11, rooms_per_15_minutes=3, logins_per_minute=2, password_guesses_per_15_minutes=4, rate_keys=50
)


def a_clock() -> HandClock:
    clock = HandClock()
    clock.pass_seconds(900 - clock.monotonic() % 900)  # where windows begin
    return clock


@pytest.mark.parametrize("rate", rates_of(LIMITS), ids=lambda rate: rate.name)
async def test_each_rate_is_kept_at_its_edge(rate: Rate) -> None:
    clock = a_clock()
    rates = Rates.by(LIMITS, clock)
    stands = [await rates.require(rate.name, "a") for _ in range(rate.most)]
    assert [one.remaining for one in stands if one] == list(range(rate.most))[::-1]
    with pytest.raises(LimitExceeded, match=f"^{rate.most} {rate.what} in ") as refused:
        await rates.require(rate.name, "a")
    assert await rates.require(rate.name, "b"), "others are not counted with them"
    wait = refused.value.retry_after_seconds
    clock.pass_seconds(wait - 1)
    with pytest.raises(LimitExceeded):
        await rates.require(rate.name, "a")
    clock.pass_seconds(1)
    assert await rates.require(rate.name, "a"), "it said how long to wait"


async def test_a_refusal_says_how_it_stands() -> None:
    clock = a_clock()
    rates = Rates.by(LIMITS, clock)
    for _ in range(2):
        await rates.require("login", "a")
    clock.pass_seconds(20)
    with pytest.raises(LimitExceeded, match=r"^2 attempts to log in in a minute are the limit\. Wait 41 seconds\.$") as refused:
        await rates.require("login", "a")
    assert isinstance(refused.value.standing, Standing)
    assert (refused.value.standing.remaining, refused.value.standing.reset_seconds) == (0, 40)


async def test_long_waits_are_told_in_minutes() -> None:
    rates = Rates.by(LIMITS, a_clock())
    for _ in range(7):
        await rates.require("api", "a")
    with pytest.raises(LimitExceeded, match="Wait 16 minutes"):
        await rates.require("api", "a")


async def test_who_waits_between_two_windows_is_told_when_the_old_one_weighs_little_enough() -> None:
    clock = a_clock()
    rates = Rates.by(LIMITS, clock)
    for _ in range(4):
        await rates.require("password", "a")
    clock.pass_seconds(900 + 1)
    await rates.require("password", "a")
    with pytest.raises(LimitExceeded) as refused:
        await rates.require("password", "a")
    assert refused.value.retry_after_seconds == 225, "a quarter of four, and one more"
    clock.pass_seconds(224)
    with pytest.raises(LimitExceeded):
        await rates.require("password", "a")
    clock.pass_seconds(1)
    await rates.require("password", "a")


async def test_a_flood_of_one_kind_makes_no_room_in_another() -> None:
    rates = Rates.by(LIMITS, a_clock())
    for _ in range(2):
        await rates.require("login", "a")
    for number in range(500):
        await rates.require("api", f"address {number}")
    with pytest.raises(LimitExceeded):
        await rates.require("login", "a")


async def test_switched_off_nothing_is_counted() -> None:
    rates = Rates.by(Limits(rates=False, logins_per_minute=1, password_guesses_per_15_minutes=1), a_clock())
    assert [await rates.require("login", "a") for _ in range(5)] == [None] * 5
    for _ in range(5):
        with pytest.raises(Forbidden):
            async with rates.guessing("password", "a"):
                raise Forbidden("wrong")


class TestGuessing:
    async def test_wrong_guesses_count_and_right_ones_do_not(self) -> None:
        rates = Rates.by(LIMITS, a_clock())
        for _ in range(20):
            async with rates.guessing("password", "a"):
                pass
        for _ in range(LIMITS.password_guesses_per_15_minutes):
            with pytest.raises(Forbidden):
                async with rates.guessing("password", "a"):
                    raise Forbidden("wrong")
        with pytest.raises(LimitExceeded, match="4 wrong passwords in 15 minutes"):
            async with rates.guessing("password", "a"):
                raise AssertionError("the secret must not even be looked at")
        async with rates.guessing("password", "b"):
            pass

    async def test_guesses_at_once_are_no_way_around(self) -> None:
        rates, tried = Rates.by(LIMITS, a_clock()), 0

        async def guess() -> None:
            nonlocal tried
            with contextlib.suppress(Forbidden, LimitExceeded):
                async with rates.guessing("password", "a"):
                    tried += 1
                    await asyncio.sleep(0)  # as a slow hash lets others go on
                    raise Forbidden("wrong")

        await asyncio.gather(*[guess() for _ in range(50)])
        assert tried == LIMITS.password_guesses_per_15_minutes

    async def test_only_so_many_wait_for_their_turn(self) -> None:
        rates, opened = Rates.by(LIMITS, a_clock()), asyncio.Event()

        async def guess() -> str:
            try:
                async with rates.guessing("password", "a"):
                    await opened.wait()
                return "in"
            except LimitExceeded:
                return "refused"

        tasks = [asyncio.create_task(guess()) for _ in range(GUESSES_WAITING + 5)]
        await asyncio.sleep(0)
        opened.set()
        ends = await asyncio.gather(*tasks)
        assert (ends.count("in"), ends.count("refused")) == (GUESSES_WAITING, 5)
