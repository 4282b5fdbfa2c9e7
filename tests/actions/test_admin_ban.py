"""Who is banned is refused; nobody bans themselves."""

import pytest

from fourhands.actions.admin_ban import ban, unban
from fourhands.errors import Forbidden, InvalidRequest, NotFound
from fourhands.model.ban import BanKind
from tests.actions.desks import ROOT, lines
from tests.house import House


async def test_an_address_is_refused_until_its_time_is_over(house: House) -> None:
    bans = house.place.bans
    added = await ban(house.place, ROOT, "address", "203.0.113.9", seconds=60, reason="Spam.")
    assert (added.until_ms, added.by) == (house.clock.now_ms() + 60_000, "Root")
    with pytest.raises(Forbidden):
        bans.require(address="203.0.113.9")
    bans.require(address="203.0.113.10")
    house.clock.pass_seconds(60)
    bans.require(address="203.0.113.9")
    assert await lines(house) == [("admin.ban", "root", "203.0.113.9/32")]


async def test_an_account_is_let_in_again(house: House) -> None:
    added = await ban(house.place, ROOT, "account", "eve", seconds=None, reason="")
    with pytest.raises(Forbidden):
        house.place.bans.require(account_id="eve")
    await unban(house.place, ROOT, added.id)
    house.place.bans.require(account_id="eve")
    with pytest.raises(NotFound):
        await unban(house.place, ROOT, added.id)


@pytest.mark.parametrize(("kind", "subject"), [("account", "root"), ("address", "192.0.2.0/24"), ("address", "0.0.0.0/0")])
async def test_nobody_bans_themselves(house: House, kind: BanKind, subject: str) -> None:
    with pytest.raises(InvalidRequest, match="ban you as well"):
        await ban(house.place, ROOT, kind, subject, seconds=None, reason="")
    assert (house.place.bans.all(), await lines(house)) == ([], [])
