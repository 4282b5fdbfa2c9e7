"""How the audit log names people."""

from fourhands.model.audit import Who
from fourhands.model.role import Role
from fourhands.model.room import Member


def test_a_member_is_named_by_id_and_name_and_where_they_come_from() -> None:
    ada = Member("ada", "aaaa-aaaa-aaaa", "Ada", "#c2410c", Role.HOST, 1)
    assert Who.of_member(ada, "192.0.2.7") == Who("member", "ada", "Ada", "192.0.2.7")
