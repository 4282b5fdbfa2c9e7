"""Roles and their order."""

from fourhands.model.role import GuestRole, Role


def test_roles_rise_from_viewer_to_host() -> None:
    assert sorted(Role, key=lambda role: role.rank) == [Role.VIEWER, Role.EDITOR, Role.HOST]


def test_what_guests_become_is_a_role_or_nothing() -> None:
    assert {role.value for role in GuestRole} - {role.value for role in Role} == {"none"}
