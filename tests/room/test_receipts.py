"""Who hears `saved`, for how many of their messages, and when."""

from fourhands.model.entry import Entry, EntryKind
from fourhands.room.journal import NOBODY, Queue
from fourhands.room.receipts import Receipts
from tests.room.screen import ROOM, connect, somebody


def put(queue: Queue) -> None:
    queue.ticket += 1
    queue.waiting.append(Entry(EntryKind.EDIT, b"", 1, "ada"))


def begin_commit(queue: Queue) -> int:
    queue.waiting = []
    return queue.ticket


def test_nothing_is_said_before_the_commit_and_all_of_it_at_once_then() -> None:
    queue = Queue(ROOM, NOBODY)
    receipts, (ada, screen), (lin, other) = Receipts(queue), connect(somebody("Ada")), connect(somebody("Lin"))
    for peer in (ada, lin, ada, ada):
        put(queue)
        peer.received += 1
        receipts.owe(peer)
    ticket = begin_commit(queue)
    put(queue)
    ada.received += 1
    receipts.owe(ada)
    assert (screen.saved, other.saved, queue.awaited) == ([], [], True)
    queue.committed = ticket
    receipts.committed(ticket)
    assert (screen.saved, other.saved, queue.awaited) == ([3], [1], True)
    queue.committed = begin_commit(queue)
    receipts.committed(queue.committed)
    assert (screen.saved, other.saved, queue.awaited) == ([3, 4], [1], False)
    assert (ada.said, lin.said) == (4, 1)


def test_what_changed_nothing_is_saved_at_once_where_nothing_waits() -> None:
    receipts, (ada, screen) = Receipts(Queue(ROOM, NOBODY)), connect(somebody("Ada"))
    ada.received += 1
    receipts.owe(ada)
    assert screen.saved == [1]
