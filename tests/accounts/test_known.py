"""Who is who, a second stale at most, and at once what this process changes itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourhands.accounts.known import Known
from fourhands.model.account import Account, Login, PersonalToken, Scope
from tests.house import House, open_house

ADA = Account("ada-id", "ada", "Ada", "#c2410c", admin=False, created_at_ms=10)


@pytest.fixture
async def house(quick_dir: Path) -> AsyncIterator[House]:
    async with open_house(quick_dir) as opened:
        await opened.store.accounts.add(ADA, None)
        now_ms = opened.clock.now_ms()
        await opened.store.accounts.add_login(Login("l", ADA.id, 1, now_ms, now_ms, now_ms + 5_000))
        await opened.store.accounts.add_token(PersonalToken("t", ADA.id, "CI", frozenset({Scope.RUNS}), now_ms, now_ms + 90_000), b"digest", most=9)
        yield opened


async def admin(known: Known) -> bool | None:
    found = await known.login("l")
    return None if found is None else found[1].admin


async def test_what_others_change_is_seen_within_a_second(house: House) -> None:
    known = house.place.accounts.known
    assert await admin(known) is False
    await house.store.accounts.change(ADA.id, admin=True)
    assert await admin(known) is False
    house.clock.pass_seconds(1)
    assert await admin(known) is True


async def test_what_this_process_changes_is_seen_at_once(house: House) -> None:
    known = house.place.accounts.known
    assert await admin(known) is False
    await house.store.accounts.end_login("l")
    known.forget(ADA.id)
    assert await admin(known) is None


async def test_an_answer_from_before_a_change_is_not_kept_after_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    known, asked, go = house.place.accounts.known, asyncio.Event(), asyncio.Event()
    ask = type(house.store.accounts).login

    async def slow(self: object, login_id: str) -> object:
        found = await ask(house.store.accounts, login_id)
        asked.set()
        await go.wait()
        return found

    with monkeypatch.context() as patched:
        patched.setattr(type(house.store.accounts), "login", slow)
        asking = asyncio.create_task(admin(known))
        await asyncio.wait_for(asked.wait(), 20)
        await house.store.accounts.change(ADA.id, admin=True)
        known.forget(ADA.id)
        go.set()
        assert await asking is False, "it was so when it was asked"
    assert await admin(known) is True


async def test_a_login_and_a_token_end_while_they_are_remembered(house: House) -> None:
    known = house.place.accounts.known
    assert (await known.login("l") is not None, await known.token(b"digest") is not None) == (True, True)
    house.clock.set_ahead(5)
    assert await known.login("l") is None
    house.clock.set_ahead(90)
    assert await known.token(b"digest") is None
    assert (await known.login("unknown"), await known.token(b"unknown")) == (None, None)


async def test_a_tokens_use_is_written_down_once_a_minute(house: House) -> None:
    async def used() -> int | None:
        await house.place.accounts.known.token(b"digest")
        return (await house.store.accounts.tokens(ADA.id))[0].used_at_ms

    first_ms = house.clock.now_ms()
    assert await used() == first_ms
    house.clock.pass_seconds(59)
    assert await used() == first_ms
    house.clock.pass_seconds(1)
    assert await used() == first_ms + 60_000
