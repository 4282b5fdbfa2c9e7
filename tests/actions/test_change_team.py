"""Teams below HTTP: what the audit log says of them, and what others hear."""

import pytest

from fourhands.access.identity import Identity, stranger
from fourhands.actions.change_team import delete_team, make_team, own_teams, put_team_member, remove_team_member, rename_team, show_team
from fourhands.actions.invite_to_team import answer_team, invite_to_team
from fourhands.errors import Conflict, InvalidRequest, NotFound, Unauthenticated
from fourhands.model.account import TeamRole
from tests.actions.accounts import audited, somebody
from tests.house import House


async def bring_in(house: House, owner: Identity, who: Identity, team_id: str) -> None:
    await invite_to_team(house.place, owner, team_id, "lin", TeamRole.MEMBER)
    await answer_team(house.place, who, team_id, yes=True)


async def test_what_is_done_with_a_team_is_in_the_audit_log(house: House) -> None:
    ada, lin = await somebody(house), await somebody(house, "lin")
    team_id = (await make_team(house.place, ada, name="  Compilers ")).team.id
    await rename_team(house.place, ada, team_id, name="Parsers")
    await bring_in(house, ada, lin, team_id)
    assert (await put_team_member(house.place, ada, team_id, " LIN ", TeamRole.OWNER)).login == "lin"
    await remove_team_member(house.place, ada, team_id, "lin")
    await delete_team(house.place, ada, team_id)
    assert (await audited(house))[-7:] == ["team.made", "team.renamed", "team.invited", "team.joined", "team.member", "team.member_removed", "team.deleted"]


async def test_a_team_needs_a_name_and_an_owner(house: House) -> None:
    ada, lin = await somebody(house), await somebody(house, "lin")
    for name in ("", " ", "\u202e", "x" * 81):
        with pytest.raises(InvalidRequest):
            await make_team(house.place, ada, name=name)
    team_id = (await make_team(house.place, ada, name="Compilers")).team.id
    await bring_in(house, ada, lin, team_id)
    for act in (remove_team_member(house.place, ada, team_id, "ada"), put_team_member(house.place, ada, team_id, "ada", TeamRole.MEMBER)):
        with pytest.raises(Conflict):
            await act
    await put_team_member(house.place, ada, team_id, "lin", TeamRole.OWNER)
    await remove_team_member(house.place, ada, team_id, "ada")
    assert [own.role for own in await own_teams(house.place, lin)] == [TeamRole.OWNER]


async def test_nobody_else_hears_of_a_team(house: House) -> None:
    ada, eve = await somebody(house), await somebody(house, "eve")
    team_id = (await make_team(house.place, ada, name="Compilers")).team.id
    for asked in (team_id, "nothing"):
        for act in (show_team(house.place, eve, asked), delete_team(house.place, eve, asked), remove_team_member(house.place, eve, asked, "eve")):
            with pytest.raises(NotFound, match="no such team"):
                await act
    with pytest.raises(Unauthenticated):
        await own_teams(house.place, stranger())
