"""How much is taken at once follows how long it took."""

from fourhands.room.portion import Portion


def test_a_portion_follows_what_it_took() -> None:
    portion = Portion()
    most = portion.structs
    portion.took(most, 0.1)
    assert portion.structs == most // 2
    for _ in range(20):
        portion.took(portion.structs, 0.1)
    assert (portion.structs, portion.is_slow) == (1, True)
    for _ in range(20):
        portion.took(portion.structs, 0.0001)
    assert (portion.structs > most, portion.is_slow) == (True, False)
    portion.took(1, 0.0001)  # says nothing of more
