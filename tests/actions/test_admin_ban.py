"""Who is banned is refused; nobody bans themselves."""

from typing import cast

import pytest

from fourhands.access.tokens import Claims
from fourhands.actions.admin_ban import ban, known_bans, unban
from fourhands.actions.hold_token import holder
from fourhands.errors import Forbidden, InvalidRequest, NotFound
from fourhands.guard.bans import Bans
from fourhands.model.audit import Who
from fourhands.model.ban import BanKind, member_subject
from fourhands.model.room import MemberState
from tests.actions.accounts import registered
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
    eve = (await registered(house, "eve")).account.id
    added = await ban(house.place, ROOT, "account", eve, seconds=None, reason="")
    with pytest.raises(Forbidden):
        house.place.bans.require(account_id=eve)
    await unban(house.place, ROOT, added.id)
    house.place.bans.require(account_id=eve)
    with pytest.raises(NotFound):
        await unban(house.place, ROOT, added.id)


async def test_an_account_is_found_by_its_login_name_and_one_that_is_none_is_not_banned(house: House) -> None:
    eve = (await registered(house, "eve")).account.id
    added = await ban(house.place, ROOT, "account", " Eve ", seconds=60, reason="")
    assert added.subject == eve
    with pytest.raises(Forbidden):
        house.place.bans.require(account_id=eve)
    with pytest.raises(NotFound, match="id or its login name"):
        await ban(house.place, ROOT, "account", "evelyn", seconds=60, reason="")
    assert [known.subject for known in house.place.bans.all()] == [eve]
    assert (await lines(house))[-1] == ("admin.ban", "root", eve)


async def test_no_account_bans_itself_by_its_name(house: House) -> None:
    ada = (await registered(house)).account
    with pytest.raises(InvalidRequest, match="ban you as well"):
        await ban(house.place, Who("account", ada.id, ada.login, "192.0.2.1"), "account", ada.login, seconds=None, reason="")
    assert house.place.bans.all() == []


@pytest.mark.parametrize(("kind", "subject"), [("address", "192.0.2.0/24"), ("address", "0.0.0.0/0")])
async def test_nobody_bans_themselves(house: House, kind: BanKind, subject: str) -> None:
    with pytest.raises(InvalidRequest, match="ban you as well"):
        await ban(house.place, ROOT, kind, subject, seconds=None, reason="")
    assert (house.place.bans.all(), await lines(house)) == ([], [])


async def test_a_guest_is_refused_in_the_room_until_the_time_is_over_and_then_is_who_they_were(house: House) -> None:
    room_id = (await house.open()).room.id
    _, eve, _ = await house.enter(room_id, "Eve")
    _, lin, _ = await house.enter(room_id, "Lin")
    held, others = (Claims(room_id, peer.member.id, house.clock.now_ms() // 1000) for peer in (eve, lin))
    added = await ban(house.place, ROOT, "member", member_subject(room_id, eve.member.id), seconds=60, reason="Spam.")
    with pytest.raises(Forbidden, match="banned from this room until"):
        await holder(house.place, held)
    assert await holder(house.place, others) is not None
    house.clock.pass_seconds(60)
    again = await holder(house.place, held)
    assert again is not None
    assert (again.id, again.state) == (eve.member.id, MemberState.IN)
    assert await lines(house) == [("admin.ban", "root", added.subject)]


@pytest.mark.parametrize(("subject", "error"), [("eve", InvalidRequest), ("aaaa-bbbb-cccc/", InvalidRequest), ("aaaa-bbbb-cccc/nobody", NotFound)])
async def test_a_member_that_is_none_is_not_banned(house: House, subject: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await ban(house.place, ROOT, "member", subject, seconds=60, reason="")
    assert (house.place.bans.all(), await lines(house)) == ([], [])


async def test_bans_are_listed_with_the_names_of_accounts_and_guests(house: House) -> None:
    eve = (await registered(house, "eve")).account
    opened = await house.open()
    for kind, subject in (("address", "203.0.113.9"), ("account", eve.id), ("member", f"{opened.room.id}/{opened.host.id}")):
        await ban(house.place, ROOT, cast("BanKind", kind), subject, seconds=None, reason="")
    names = {one.kind: name for one, name in await known_bans(house.place)}
    assert names == {"address": None, "account": f"{eve.name} (eve)", "member": opened.host.name}
    await house.place.store.delete_room(opened.room.id)
    assert {one.kind: name for one, name in await known_bans(house.place)}["member"] is None


async def test_what_another_instance_banned_this_moment_can_be_lifted(house: House) -> None:
    made = await Bans(house.store.bans, house.clock).add("address", "192.0.2.9")
    assert (await unban(house.place, ROOT, made.id)).id == made.id
    with pytest.raises(NotFound):
        await unban(house.place, ROOT, made.id)
