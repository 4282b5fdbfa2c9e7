"""What is said of accounts."""

from fourhands.model.account import OwnRoom


def test_a_room_in_a_list_knows_where_it_stands() -> None:
    room = OwnRoom("r", "", "python", False, None, None, None, people=1, created_at_ms=1, last_used_at_ms=7, archived_at_ms=None)
    assert room.mark == (7, "r")
