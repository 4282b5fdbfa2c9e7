"""What of a change is written."""

from fourhands.model.role import Role, RunRole
from fourhands.model.room import MemberState
from fourhands.store.sql.people import given


def test_words_are_written_plainly_and_what_is_none_stays() -> None:
    written = given({"role": Role.HOST, "state": MemberState.IN, "name": None, "role_fixed": False})
    assert written == {"role": "host", "state": "in", "role_fixed": False}
    assert {type(value) for value in written.values()} == {str, bool}
    assert given({"run_role": RunRole.NONE, "lobby": True, "title": ""}) == {"run_role": "none", "lobby": True, "title": ""}
