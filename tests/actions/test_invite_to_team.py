"""Asking people into teams: bounds, and what the audit log says."""

from pathlib import Path

import pytest

from fourhands.access.identity import stranger
from fourhands.actions.change_team import make_team, own_teams
from fourhands.actions.invite_to_team import answer_team, invite_to_team, own_invitations, take_back_invitation
from fourhands.errors import Conflict, NotFound, Unauthenticated
from fourhands.model.account import AccountRules, TeamRole
from tests.actions.accounts import audited, somebody
from tests.house import House, open_house


async def test_the_audit_log_names_only_accounts_that_exist(house: House) -> None:
    ada, lin = await somebody(house), await somebody(house, "lin")
    team_id = (await make_team(house.place, ada, name="Compilers")).team.id
    for login in ("lin", "hunter2"):
        await invite_to_team(house.place, ada, team_id, login, TeamRole.MEMBER)
    await answer_team(house.place, lin, team_id, yes=False)
    await take_back_invitation(house.place, ada, team_id, "lin")
    assert (await audited(house))[-4:] == ["team.invited", "team.invited", "team.declined", "team.invitation_taken_back"]
    found = [dict(noted.detail).get("account") for noted in await house.store.audit.newest(10) if noted.what == "team.invited"]
    assert found == ["", lin.account_id]
    assert "hunter2" not in repr(await house.store.audit.newest(50))


async def test_a_full_team_takes_nobody_and_they_stay_asked(quick_dir: Path) -> None:
    async with open_house(quick_dir, rules=AccountRules(people_per_team=2, teams_each=2)) as house:
        ada, lin, eve = await somebody(house), await somebody(house, "lin"), await somebody(house, "eve")
        teams = [(await make_team(house.place, ada, name=name)).team.id for name in ("One", "Two")]
        for login in ("lin", "eve"):
            await invite_to_team(house.place, ada, teams[0], login, TeamRole.MEMBER)
        await answer_team(house.place, lin, teams[0], yes=True)
        with pytest.raises(Conflict, match="2 people"):
            await answer_team(house.place, eve, teams[0], yes=True)
        assert [one.team_name for one in await own_invitations(house.place, eve)] == ["One"]


async def test_an_account_is_in_so_many_teams_and_asked_by_so_many(quick_dir: Path) -> None:
    async with open_house(quick_dir, rules=AccountRules(teams_each=2)) as house:
        ada, lin, eve = await somebody(house), await somebody(house, "lin"), await somebody(house, "eve")
        teams = [(await make_team(house.place, who, name="Team")).team.id for who in (ada, ada, eve)]
        for team_id, who in zip(teams, (ada, ada, eve), strict=True):
            await invite_to_team(house.place, who, team_id, "lin", TeamRole.OWNER)
        assert {one.team_id for one in await own_invitations(house.place, lin)} == set(teams[:2])
        for team_id in teams[:2]:
            await answer_team(house.place, lin, team_id, yes=True)
        await invite_to_team(house.place, eve, teams[2], "lin", TeamRole.MEMBER)
        with pytest.raises(Conflict, match="2 teams"):
            await answer_team(house.place, lin, teams[2], yes=True)
        assert [own.role for own in await own_teams(house.place, lin)] == [TeamRole.OWNER] * 2


async def test_strangers_and_those_outside_ask_nobody(house: House) -> None:
    ada, eve = await somebody(house), await somebody(house, "eve")
    team_id = (await make_team(house.place, ada, name="Compilers")).team.id
    for act in (invite_to_team(house.place, eve, team_id, "eve", TeamRole.OWNER), take_back_invitation(house.place, eve, team_id, "eve")):
        with pytest.raises(NotFound, match="no such team"):
            await act
    with pytest.raises(Unauthenticated):
        await own_invitations(house.place, stranger())
