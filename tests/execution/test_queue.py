"""What the queue's limits mean."""

from fourhands.execution.queue import QueueLimits


def test_a_terminal_gets_no_more_than_half_of_the_memory() -> None:
    limits = QueueLimits(memory_bytes=101)
    assert (limits.most_bytes("batch"), limits.most_bytes("interactive")) == (101, 50)
