"""How the audit log names people."""

from fourhands.model.audit import Who
from fourhands.model.role import Role
from fourhands.model.room import Member


def test_a_member_is_told_by_id_and_where_they_come_from_and_not_by_name() -> None:
    ada = Member("ada", "aaaa-aaaa-aaaa", "Ada", "#c2410c", Role.HOST, 1)
    assert Who.of_member(ada, "192.0.2.7") == Who("member", "ada", "", "192.0.2.7")
