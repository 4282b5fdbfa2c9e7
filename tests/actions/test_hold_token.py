"""Whom a room's token stands for: its member, unless their account was banned or deleted since."""

import pytest

from fourhands.access.tokens import Claims
from fourhands.actions.change_account import delete_account
from fourhands.actions.hold_token import holder, send_away
from fourhands.actions.join_room import Wish, join_room
from fourhands.errors import Forbidden, Unauthenticated
from fourhands.room.programs import Starter
from tests.actions.accounts import PASSWORD, somebody
from tests.house import House
from tests.room.programs import Script, a_run


async def test_a_token_stands_for_its_member_and_for_nobody_once_that_is_gone(house: House) -> None:
    opened = await house.open()
    assert await holder(house.place, Claims(opened.room.id, opened.host.id, 0)) == opened.host
    assert await holder(house.place, Claims(opened.room.id, "nobody", 0)) is None


async def test_a_banned_accounts_token_is_refused_until_the_ban_is_lifted(house: House) -> None:
    ada = await somebody(house)
    opened = await house.open(who=ada)
    held = Claims(opened.room.id, opened.host.id, 0, ada.account_id)
    ban = await house.place.bans.add("account", ada.account_id or "")
    for claims in (held, Claims(opened.room.id, opened.host.id, 0), Claims(opened.room.id, "nobody", 0, ada.account_id)):
        with pytest.raises(Forbidden, match="banned"):
            await holder(house.place, claims)
    await house.place.bans.remove(ban.id)
    assert await holder(house.place, held) == opened.host


async def test_a_token_of_before_somebody_logged_in_does_not_stand_for_their_account(house: House) -> None:
    ada = await somebody(house)
    opened = await house.open()
    guest = (await join_room(house.place, opened.room.id, Wish("Guest")))[1]
    planted = Claims(opened.room.id, guest.id, 0)
    assert await holder(house.place, planted) == guest
    joined = (await join_room(house.place, opened.room.id, Wish("Ada", member_id=guest.id, account_id=ada.account_id)))[1]
    assert joined.id == guest.id
    with pytest.raises(Unauthenticated, match="logged in since"):
        await holder(house.place, planted)
    assert await holder(house.place, Claims(opened.room.id, guest.id, 0, ada.account_id)) == joined


async def test_a_deleted_accounts_token_is_nobodys_and_guests_tokens_stay(house: House) -> None:
    ada = await somebody(house)
    opened = await house.open(who=ada)
    held = Claims(opened.room.id, opened.host.id, 0, ada.account_id)
    assert await holder(house.place, held) == opened.host
    await delete_account(house.place, ada, password=PASSWORD)
    with pytest.raises(Unauthenticated, match="deleted"):
        await holder(house.place, held)
    assert (await holder(house.place, Claims(opened.room.id, opened.host.id, 0))) is not None


async def test_a_deleted_accounts_programs_are_stopped(house: House) -> None:
    ada = await somebody(house)
    opened = await house.open(who=ada)
    room, script = await house.place.registry.get(opened.room.id), Script()
    room.runs.start_program(a_run(), script, by=Starter(opened.host), input_bytes=10)
    send_away(house.place, "another")
    assert not script.stopped.is_set()
    await delete_account(house.place, ada, password=PASSWORD)
    assert script.stopped.is_set()
    await script.end()
