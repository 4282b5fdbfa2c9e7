"""Whom a room's token stands for: its member, unless their account was banned or deleted since."""

import pytest

from fourhands.access.tokens import Claims
from fourhands.actions.change_account import delete_account
from fourhands.actions.hold_token import holder
from fourhands.errors import Forbidden, Unauthenticated
from tests.actions.accounts import PASSWORD, somebody
from tests.house import House


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


async def test_a_deleted_accounts_token_is_nobodys_and_guests_tokens_stay(house: House) -> None:
    ada = await somebody(house)
    opened = await house.open(who=ada)
    held = Claims(opened.room.id, opened.host.id, 0, ada.account_id)
    assert await holder(house.place, held) == opened.host
    await delete_account(house.place, ada, password=PASSWORD)
    with pytest.raises(Unauthenticated, match="deleted"):
        await holder(house.place, held)
    assert (await holder(house.place, Claims(opened.room.id, opened.host.id, 0))) is not None
