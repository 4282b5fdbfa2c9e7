"""Invitations to register are in the audit log before they are good."""

import pytest

from fourhands.access.account_tokens import digest_of
from fourhands.actions.admin_invite import invite, uninvite
from fourhands.errors import NotFound
from tests.actions.desks import ROOT, lines
from tests.house import House


async def test_an_invitation_is_good_for_its_time_and_until_it_is_taken_back(house: House) -> None:
    usual, key = await invite(house.place, ROOT, days=None)
    short, other = await invite(house.place, ROOT, days=0.5)
    assert (usual.expires_at_ms - usual.created_at_ms, short.expires_at_ms - short.created_at_ms) == (7 * 86_400_000, 43_200_000)
    assert (usual.by, await house.store.accounts.good_invite(digest_of(key), house.clock.now_ms())) == ("root", True)
    await uninvite(house.place, ROOT, usual.id)
    assert not await house.store.accounts.good_invite(digest_of(key), house.clock.now_ms())
    assert await house.store.accounts.good_invite(digest_of(other), house.clock.now_ms())
    with pytest.raises(NotFound):
        await uninvite(house.place, ROOT, usual.id)
    assert await lines(house) == [("admin.invited", "root", usual.id), ("admin.invited", "root", short.id), ("admin.uninvited", "root", usual.id)]
