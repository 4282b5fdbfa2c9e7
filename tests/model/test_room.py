"""When a room takes nobody any more; which invitations are good, and what is kept out of logs."""

from dataclasses import replace

from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Room

ROOM = Room("k7f3-9q2m-x4tz", "", "python", GuestRole.EDITOR, False, "epoch", 1, 1)
INVITE = Invite("r", Role.EDITOR, "a key")


def test_a_room_is_over_once_it_was_ended_or_closed_or_its_time_is_up() -> None:
    assert not ROOM.is_over(5)
    assert replace(ROOM, ended_at_ms=3).is_over(5)
    assert replace(ROOM, closed_at_ms=3).is_over(5)
    assert not replace(ROOM, expires_at_ms=6).is_over(5)
    assert replace(ROOM, expires_at_ms=6).is_over(6)


def test_one_is_good_until_it_is_revoked_used_up_or_its_time_has_come() -> None:
    assert INVITE.is_good(10)
    assert replace(INVITE, used_at_ms=5).is_good(10)
    assert not replace(INVITE, used_at_ms=5, single_use=True).is_good(10)
    assert not replace(INVITE, revoked_at_ms=5).is_good(10)
    assert replace(INVITE, expires_at_ms=11).is_good(10)
    assert not replace(INVITE, expires_at_ms=10).is_good(10)


def test_a_standing_one_is_called_as_its_role_and_others_have_ids_of_their_own() -> None:
    assert replace(INVITE, id="editor").standing
    assert not INVITE.standing
    assert INVITE.id != Invite("r", Role.EDITOR, "a key").id


def test_a_key_is_not_shown_by_accident() -> None:
    assert "a key" not in repr(INVITE)
