"""Invitations that hosts make."""

import pytest

from fourhands.actions.change_invites import invites_of, make_invite, revoke_invite
from fourhands.errors import Forbidden, InvalidRequest, NotFound
from fourhands.model.role import Role
from tests.house import House


async def test_one_is_made_listed_and_revoked(house: House) -> None:
    opened = await house.open()
    invite = await make_invite(house.place, opened.room.id, opened.host.id, role=Role.VIEWER, label=" for  Grace ", single_use=True)
    assert (invite.label, invite.single_use, invite.made_at_ms) == ("for Grace", True, house.clock.now_ms())
    assert invite in await invites_of(house.place, opened.room.id, opened.host.id)
    revoked = await revoke_invite(house.place, opened.room.id, opened.host.id, invite.id)
    assert (revoked.key, revoked.is_good(house.clock.now_ms())) == (invite.key, False)


async def test_a_standing_one_gets_another_key(house: House) -> None:
    opened = await house.open()
    fresh = await revoke_invite(house.place, opened.room.id, opened.host.id, "editor")
    assert fresh.standing
    assert fresh.key != opened.keys[Role.EDITOR]
    assert [one.key for one in await invites_of(house.place, opened.room.id, opened.host.id) if one.role is Role.EDITOR] == [fresh.key]


async def test_others_may_not_and_what_makes_no_sense_is_refused(house: House) -> None:
    opened = await house.open()
    _, lin, _ = await house.enter(opened.room.id, "Lin")
    with pytest.raises(Forbidden):
        await make_invite(house.place, opened.room.id, lin.member.id, role=Role.VIEWER)
    with pytest.raises(NotFound):
        await revoke_invite(house.place, opened.room.id, opened.host.id, "none-such")
    with pytest.raises(InvalidRequest, match="ahead"):
        await make_invite(house.place, opened.room.id, opened.host.id, role=Role.VIEWER, expires_at_ms=house.clock.now_ms())
    with pytest.raises(InvalidRequest, match="label"):
        await make_invite(house.place, opened.room.id, opened.host.id, role=Role.VIEWER, label="x" * 81)
