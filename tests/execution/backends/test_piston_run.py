"""What is asked of a Piston server keeps to what it grants; the conversations themselves are in test_piston."""

from fourhands.execution.backends.piston_run import Ceilings
from fourhands.execution.port import Limits

LIMITS = Limits(wall_seconds=3, memory_bytes=1000)


def test_a_ceiling_is_learnt_once_and_kept_to() -> None:
    ceilings = Ceilings()
    assert ceilings.fields(LIMITS)["run_timeout"] == 3000
    assert ceilings.learn("run_timeout cannot exceed the configured limit of 2000")
    assert not ceilings.learn("run_timeout cannot exceed the configured limit of 2000")
    assert not ceilings.learn("something else")
    assert ceilings.fields(LIMITS)["run_timeout"] == 2000
    assert ceilings.fields(Limits(wall_seconds=1))["run_timeout"] == 1000
