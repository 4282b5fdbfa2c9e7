"""How long a ban holds."""

from fourhands.model.ban import Ban


def test_a_ban_holds_until_its_time_or_for_good() -> None:
    ban = Ban("1", "account", "ada", "", "Root", 10, 500)
    assert (ban.holds(499), ban.holds(500)) == (True, False)
    assert Ban("1", "account", "ada", "", "Root", 10, None).holds(1 << 60)
