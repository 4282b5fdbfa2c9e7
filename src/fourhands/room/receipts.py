"""Who is to hear `saved`, and for what: said once the journal has committed it."""

from bisect import bisect_right
from operator import itemgetter

from fourhands.protocol import events, sync
from fourhands.protocol.websocket import frame
from fourhands.room.journal import Queue
from fourhands.room.peer import Peer


class Receipts:
    """A room's.

    Invariant: those who are owed something are in `_owing`, once; while there are any the queue is `awaited`.
    """

    __slots__ = ("_owing", "_queue")

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._owing: list[Peer] = []

    def owe(self, peer: Peer) -> None:
        """Its messages so far, and all that the room holds now, are durable once the newest ticket is."""
        queue, ticket = self._queue, self._queue.ticket
        if queue.settled:
            _say(peer, peer.received)
        elif peer.owed and ((newest := peer.owed[-1][1]) == ticket or newest > ticket - len(queue.waiting)):
            peer.owed[-1] = (peer.received, ticket)  # one for each commit: what waits now is written together
        else:
            if not peer.owed:
                self._owing.append(peer)
                queue.awaited = True
            peer.owed.append((peer.received, ticket))

    def committed(self, ticket: int) -> None:
        """All up to that ticket is durable."""
        owing, self._owing = self._owing, []
        for peer in owing:
            if durable := bisect_right(peer.owed, ticket, key=itemgetter(1)):
                _say(peer, peer.owed[durable - 1][0])
                del peer.owed[:durable]  # all at once: there may be hundreds of thousands
        self._owing += [peer for peer in owing if peer.owed]
        self._queue.awaited = bool(self._owing)


def _say(peer: Peer, count: int) -> None:
    peer.said = count
    peer.outbox.put(frame(sync.event(events.encode(events.Saved(count)))))
