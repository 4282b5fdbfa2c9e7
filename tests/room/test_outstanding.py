"""What other instances have not committed: kept in their order, until they say so or it is journaled here."""

from hypothesis import given
from hypothesis import strategies as st

from fourhands.room.outstanding import Kept, Outstanding


def kept(ticket: int, since: float = 0.0, size: int = 3) -> Kept:
    return Kept(ticket, "ada", 1, bytes(size), since)


def test_what_is_durable_is_kept_no_longer() -> None:
    outstanding = Outstanding()
    for ticket in (1, 2, 3):
        outstanding.keep("a", kept(ticket))
    outstanding.keep("b", kept(1))
    outstanding.durable("a", 2)
    outstanding.durable("nobody", 9)
    assert outstanding.size_bytes == 6
    assert [one.ticket for one in outstanding.take()] == [3, 1]
    assert not outstanding
    assert outstanding.size_bytes == 0


def test_what_came_long_ago_is_taken_and_what_is_of_one_that_is_lost() -> None:
    outstanding = Outstanding()
    for ticket in (1, 2, 3):
        outstanding.keep("a", kept(ticket, since=float(ticket)))
    outstanding.keep("b", kept(7, since=9.0))
    assert [one.ticket for one in outstanding.take(before=2.0)] == [1, 2]
    assert [one.ticket for one in outstanding.take(origin="b")] == [7]
    assert [one.ticket for one in outstanding.take()] == [3]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.booleans()), max_size=40))
def test_each_is_taken_once_or_was_durable(steps: list[tuple[str, int, bool]]) -> None:
    outstanding, tickets, durable = Outstanding(), dict.fromkeys("abc", 0), dict.fromkeys("abc", 0)
    for origin, number, says in steps:
        if says:
            durable[origin] = max(durable[origin], min(tickets[origin], number))
            outstanding.durable(origin, durable[origin])
        else:
            tickets[origin] += 1
            outstanding.keep(origin, kept(tickets[origin], size=number))
    taken = {origin: [one.ticket for one in outstanding.take(origin=origin)] for origin in "abc"}
    assert taken == {origin: list(range(durable[origin] + 1, tickets[origin] + 1)) for origin in "abc"}
    assert outstanding.size_bytes == 0
