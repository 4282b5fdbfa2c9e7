"""What is asked of an update before anything of it is taken."""

from fourhands.model.limits import Limits
from fourhands.protocol.pairs import Pairs
from fourhands.protocol.split import split
from fourhands.protocol.steps import finish
from fourhands.protocol.walk import walk
from fourhands.room.checks import Checks
from fourhands.room.replica import Replica
from tests.protocol.updates import section, update

MAP = b"\x27\x01\x01m\x01k\x01"


def inside(client: int) -> bytes:
    return b"\x27\x00" + bytes((client,)) + b"\x00\x01k\x01"


def test_types_are_learnt_once_and_those_that_come_in_meanwhile_are_known() -> None:
    replica, checks = Replica(), Checks(Limits())
    replica.apply([update(section(1, 0, MAP))])
    part = split(walk(update(section(2, 0, inside(1)))), {1: 1}, Pairs())
    depths = finish(checks.require_sound(replica, part))
    assert depths == {(2, 0): 2}
    replica.apply([part.ready])
    checks.know(depths)
    deeper = split(walk(update(section(3, 0, inside(2)))), {1: 1, 2: 1}, Pairs())
    assert finish(checks.require_sound(replica, deeper)) == {(3, 0): 3}
