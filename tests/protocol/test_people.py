"""How a member is shown."""

from fourhands.model.role import Role
from fourhands.model.room import Member, MemberState
from fourhands.protocol.people import MemberView


def test_others_see_name_colour_and_role_and_nothing_else() -> None:
    member = Member("lin", "r", "Lin", "#1d4ed8", Role.VIEWER, 1, MemberState.WAITING, role_fixed=True)
    assert MemberView.of(member) == MemberView("lin", "Lin", "#1d4ed8", "viewer")
    assert MemberView.__struct_fields__ == ("id", "name", "color", "role")
