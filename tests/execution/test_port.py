"""Limits meet what a toolchain cannot do without."""

from fourhands.execution.port import Limits, Needs


def test_needs_raise_limits_and_never_lower_them() -> None:
    limits = Limits(memory_bytes=100, processes=64)
    raised = limits.at_least(Needs(memory_bytes=500, processes=10))
    assert (raised.memory_bytes, raised.processes) == (500, 64)
    assert raised.wall_seconds == limits.wall_seconds
