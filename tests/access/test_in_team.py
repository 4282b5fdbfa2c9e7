"""Who may do what with a team."""

import pytest

from fourhands.access.in_team import ALLOWED_IN_TEAM, ROLE_IN_ROOMS, TeamVerb, may_in_team, require_in_team
from fourhands.errors import Forbidden, NotFound
from fourhands.model.account import TeamRole
from fourhands.model.role import Role


def test_every_role_has_its_row() -> None:
    assert set(ALLOWED_IN_TEAM) == set(ROLE_IN_ROOMS) == set(TeamRole)
    assert ALLOWED_IN_TEAM[TeamRole.OWNER] == set(TeamVerb)
    assert ROLE_IN_ROOMS == {TeamRole.OWNER: Role.HOST, TeamRole.MEMBER: Role.EDITOR}


@pytest.mark.parametrize("verb", TeamVerb)
def test_who_may_is_let_and_who_may_not_hears_who_might(verb: TeamVerb) -> None:
    assert require_in_team(TeamRole.OWNER, verb) is TeamRole.OWNER
    if may_in_team(TeamRole.MEMBER, verb):
        assert require_in_team(TeamRole.MEMBER, verb) is TeamRole.MEMBER
    else:
        with pytest.raises(Forbidden, match="only owners"):
            require_in_team(TeamRole.MEMBER, verb)
    with pytest.raises(NotFound, match="no such team"):
        require_in_team(None, verb)
