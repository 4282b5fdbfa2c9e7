"""Bans: for whom they hold, for how long, and who hears of them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourhands.errors import Forbidden, InvalidRequest, NotFound, Unavailable
from fourhands.guard.bans import AWAY_SECONDS, Bans, matcher
from fourhands.model.addresses import UNKNOWN
from fourhands.model.ban import Ban, member_subject
from fourhands.shared_state.words import Words
from tests.house import House, open_house, until
from tests.redis_server import RedisServer, needs_redis


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def bans(house: House) -> Bans:
    return house.place.bans


@pytest.mark.parametrize(
    ("subject", "inside", "outside"),
    [
        ("192.0.2.7", ["192.0.2.7"], ["192.0.2.8", "::ffff:c000:207", UNKNOWN, ""]),
        ("192.0.2.0/24", ["192.0.2.0", "192.0.2.255"], ["192.0.3.0", "192.0.1.255"]),
        ("2001:db8::1", ["2001:db8::1"], ["2001:db8::2"]),
        ("2001:db8:1:2::9/64", ["2001:db8:1:2::", "2001:db8:1:2:ffff::"], ["2001:db8:1:3::", "32.1.13.184"]),
        ("0.0.0.0/0", ["1.2.3.4"], ["2001:db8::1"]),
    ],
)
async def test_an_address_or_a_network_is_refused_and_its_neighbours_are_not(bans: Bans, subject: str, inside: list[str], outside: list[str]) -> None:
    ban = await bans.add("address", subject)
    for address in inside:
        with pytest.raises(Forbidden, match="banned from this server"):
            bans.require(address=address, account_id=None)
    for address in outside:
        bans.require(address=address, account_id=subject)
    asked = matcher(ban)
    assert [asked(address, None) for address in inside + outside] == [True] * len(inside) + [False] * len(outside)


async def test_an_account_is_refused_wherever_it_comes_from(bans: Bans) -> None:
    ban = await bans.add("account", "ada")
    with pytest.raises(Forbidden):
        bans.require(address="192.0.2.7", account_id="ada")
    bans.require(address="192.0.2.7", account_id="lin")
    bans.require(address="192.0.2.7", account_id=None)
    assert [matcher(ban)("", who) for who in ("ada", "lin", None)] == [True, False, False]


async def test_a_member_is_refused_in_their_room_alone(bans: Bans) -> None:
    ban = await bans.add("member", member_subject("aaaa-bbbb-cccc", "eve"))
    with pytest.raises(Forbidden, match="banned from this room"):
        bans.require(member=member_subject("aaaa-bbbb-cccc", "eve"))
    for other in (member_subject("dddd-bbbb-cccc", "eve"), member_subject("aaaa-bbbb-cccc", "lin"), ""):
        bans.require(address="192.0.2.7", account_id="eve", member=other)
        assert not matcher(ban)("192.0.2.7", "eve", other)
    assert matcher(ban)("", None, ban.subject)


async def test_a_ban_ends_and_the_longest_of_several_is_told(house: House, bans: Bans) -> None:
    now_ms = house.clock.now_ms()
    await bans.add("address", "192.0.2.0/24", until_ms=now_ms + 60_000)
    await bans.add("address", "192.0.2.7", until_ms=now_ms + 120_000)
    with pytest.raises(Forbidden, match="until 2023-11-14 22:15 UTC"):
        bans.require(address="192.0.2.7")
    house.clock.pass_seconds(60)
    bans.require(address="192.0.2.8")
    assert [ban.subject for ban in bans.all()] == ["192.0.2.7/32"]
    with pytest.raises(Forbidden):
        bans.require(address="192.0.2.7")
    house.clock.pass_seconds(60)
    bans.require(address="192.0.2.7")
    assert bans.all() == []


async def test_a_ban_that_is_lifted_holds_no_more(bans: Bans) -> None:
    ban = await bans.add("address", "192.0.2.7")
    assert await bans.remove(ban.id) == ban
    bans.require(address="192.0.2.7")
    with pytest.raises(NotFound):
        await bans.remove(ban.id)


async def test_a_start_reads_those_in_force(house: House, bans: Bans) -> None:
    await bans.add("address", "192.0.2.7", reason="floods", by="Root")
    await bans.add("account", "lin", until_ms=house.clock.now_ms() + 1_000)
    house.clock.pass_seconds(1)
    again = Bans(house.store.bans, house.clock)
    again.require(address="192.0.2.7")
    await again.load()
    assert [(ban.subject, ban.reason, ban.by) for ban in again.all()] == [("192.0.2.7/32", "floods", "Root")]
    assert await house.store.bans.all() == again.all()
    with pytest.raises(Forbidden):
        again.require(address="192.0.2.7")


async def test_who_is_connected_is_told_of(bans: Bans) -> None:
    told: list[Ban] = []
    bans.on_added.append(told.append)
    with pytest.raises(InvalidRequest):
        await bans.add("address", "somewhere")
    ban = await bans.add("address", "192.0.2.7")
    assert told == [ban] and bans.all() == [ban]


@needs_redis
async def test_what_one_instance_says_of_bans_another_follows_and_sends_away_who_is_banned(redis_server: RedisServer, quick_dir: Path) -> None:
    prefix = redis_server.prefix()
    states = [redis_server.state(prefix) for _ in range(2)]
    async with open_house(quick_dir, shared=states[0]) as house:
        one, words = house.place.bans, Words(house.clock, states[1])
        other = Bans(house.store.bans, house.clock, words)
        told: list[Ban] = []
        other.on_added.append(told.append)
        working = [asyncio.create_task(other.run()), asyncio.create_task(words.run())]
        try:
            ban = await one.add("address", "192.0.2.7")
            await until(lambda: told)
            assert told == [ban]
            with pytest.raises(Forbidden):
                other.require(address="192.0.2.7")
            await one.remove(ban.id)
            await until(lambda: not other.all())
            other.require(address="192.0.2.7")
            assert told == [ban]
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            for state in states:
                await state.close()


@needs_redis
async def test_while_redis_is_away_the_database_says_who_is_banned(house: House) -> None:
    server = RedisServer()
    server.start()
    state = server.state("test")
    words = Words(house.clock, state)
    bans = Bans(house.store.bans, house.clock, words)
    following = asyncio.create_task(bans.run())
    try:
        assert await words.listen()
        server.kill()
        await house.place.bans.add("account", "ada")
        house.clock.pass_seconds(AWAY_SECONDS)
        assert not await words.listen()
        await until(lambda: bans.of(account_id="ada"))
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        server.stop()
        await state.close()


async def test_bans_that_cannot_be_read_now_are_read_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    words = Words(house.clock)
    bans = Bans(house.store.bans, house.clock, words)
    await house.place.bans.add("account", "ada")
    read, fails = house.store.bans.all, [Unavailable("The database is away.", "database")]

    async def moody() -> object:
        if fails:
            raise fails.pop()
        return await read()

    monkeypatch.setattr(house.store.bans, "all", moody)
    following = asyncio.create_task(bans.run())
    try:
        house.clock.pass_seconds(AWAY_SECONDS)
        for told in words.while_away:
            told()
        await until(lambda: bans.of(account_id="ada"))
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
