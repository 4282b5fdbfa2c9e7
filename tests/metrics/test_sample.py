"""A snapshot goes from one process to another."""

import msgspec

from fourhands.metrics.sample import Series, Snapshot


def test_a_snapshot_arrives_as_it_was() -> None:
    told = Snapshot("2", (Series("a_seconds", ("x", "y"), 1.5, (1, 0)), Series("b", (), 2)))
    assert msgspec.json.decode(msgspec.json.encode(told), type=Snapshot) == told
