"""What the port's own classes do: states of a snapshot in order."""

from fourhands.store.snapshots import Snapshot


def test_a_snapshot_tells_what_it_builds_on_first() -> None:
    assert list(Snapshot(9, b"c", 5, b"v", (b"a", b"b")).states) == [b"a", b"b", b"c"]
