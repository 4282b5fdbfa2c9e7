"""The runs of a room, kept within limits: those in somebody's browser, and what they claim, and those on the server.

A run belongs to whoever carries it, the connection that announced it or a program of the server; only they may add output or end it.
"""

from collections.abc import Callable, Sequence

import msgspec

from fourhands.errors import Conflict, NotFound
from fourhands.protocol.runs import OutputStream, Run, RunEnd, RunStatus
from fourhands.room.peer import Peer

AT_ONCE = 4
"""Runs that one connection may have under way; a page has one, or two while it changes them."""

STRETCHES = 10_000
"""How often a run's output may change its stream; past it, all goes on in the last one."""


HELD_BYTES = 8 * 1024 * 1024
"""Of the runs that have ended, as JSON: past it older ones are held without their output. The journal has it."""


class RunBook:
    """Runs under way and the newest ones that ended.

    Invariant: every run in `_owners` is in `_runs` and has not ended, the bytes of its output in `_sizes` and its
    newest pieces in `_pieces`; every other run has what it takes as JSON in `_weights`, and what they take together is
    at most `held_bytes` and their heads.
    """

    def __init__(self, *, kept: int, output_bytes: int, held_bytes: int = HELD_BYTES) -> None:
        self._kept = kept
        self._held_bytes = held_bytes
        self._output_bytes = output_bytes
        self._runs: dict[str, Run] = {}
        self._owners: dict[str, object] = {}
        self._sizes: dict[str, int] = {}
        self._weights: dict[str, int] = {}
        self._pieces: dict[str, list[str]] = {}  # of the newest stretch of one stream, until somebody asks for it

    def restore(self, runs: Sequence[Run]) -> None:
        self._runs = {run.id: run for run in runs}
        self._weights = {run.id: _weight(run) for run in runs}
        self._lighten()

    def recent(self, most_bytes: int) -> Sequence[Run]:
        """The runs, oldest first; older ones without their output once the newer ones have filled `most_bytes`."""
        shown: list[Run] = []
        for run in reversed(self._runs.values()):
            self._join(run)
            most_bytes -= self._weights.get(run.id) or _weight(run)
            shown.append(run if most_bytes >= 0 else bare(run))
        return shown[::-1]

    def under_way(self, is_owner: Callable[[object], bool]) -> Sequence[Run]:
        """Those of such owners, with all that they said so far."""
        found = [self._runs[run_id] for run_id, owner in self._owners.items() if is_owner(owner)]
        for run in found:
            self._join(run)
        return found

    def get(self, run_id: str) -> Run | None:
        return self._runs.get(run_id)

    def add(self, run: Run) -> None:
        """One that has ended, of which there is nothing yet."""
        self._runs[run.id] = run
        self._weights[run.id] = _weight(run)
        self._lighten()

    def forget(self, run_id: str) -> None:
        """As if one that has ended had never been."""
        self._runs.pop(run_id, None)
        self._weights.pop(run_id, None)

    def drop(self, owner: object, run_id: str) -> None:
        """Forget one that is under way. Raises `NotFound`."""
        self._own(owner, run_id)
        for known in (self._runs, self._owners, self._sizes, self._pieces):
            known.pop(run_id, None)

    def start(self, owner: object, run: Run) -> None:
        """Raises `Conflict` if there is a run of that id, or if this connection has too many under way."""
        if run.id in self._runs:
            raise Conflict("There is a run of this id already.")
        if sum(other is owner for other in self._owners.values()) >= AT_ONCE:
            raise Conflict(f"{AT_ONCE} programs of yours are running. Stop one first.")
        self._runs[run.id] = run
        self._owners[run.id] = owner
        self._sizes[run.id] = 0
        self._pieces[run.id] = []
        ended = [known for known in self._runs if known not in self._owners]
        for old in ended[: max(0, len(self._runs) - self._kept)]:
            del self._runs[old], self._weights[old]

    def output(self, owner: object, run_id: str, stream: OutputStream, text: str) -> str:
        """Add output; what of it is still within the limit (perhaps nothing). Raises `NotFound`."""
        run = self._own(owner, run_id)
        room = self._output_bytes - self._sizes[run_id]
        raw = text.encode(errors="replace")
        if len(raw) > room:
            run.truncated = True
            raw = raw[:room]
            text = raw.decode(errors="ignore")
        if text:
            self._sizes[run_id] += len(raw)
            if not run.output or (run.output[-1][0] != stream and len(run.output) < STRETCHES):
                self._join(run)
                run.output.append((stream, ""))
            self._pieces[run_id].append(text)
        return text

    def end(self, peer: Peer, end: RunEnd, now_ms: int) -> Run:
        """Raises `NotFound`."""
        run = self._own(peer, end.run)
        return self._finish(run, end.status, end.code, now_ms - run.at if end.ms is None else end.ms)

    def leave(self, peer: Peer, now_ms: int) -> Sequence[Run]:
        """The peer's connection is gone: its runs are lost to the room."""
        lost = [run_id for run_id, owner in self._owners.items() if owner is peer]
        return [self._finish(run := self._runs[run_id], "lost", None, now_ms - run.at) for run_id in lost]

    def finish(self, owner: object, run_id: str, now_ms: int) -> Run:
        """The run has ended as it says itself. Raises `NotFound`."""
        run = self._own(owner, run_id)
        return self._finish(run, run.status, run.code, now_ms - run.at if run.ms is None else run.ms)

    def owner(self, run_id: str) -> Peer:
        """In whose browser it runs. Raises `NotFound` if it is not under way, or not in a browser."""
        owner = self._owners.get(run_id)
        if not isinstance(owner, Peer):
            raise NotFound("This run has ended.")
        return owner

    def _own(self, owner: object, run_id: str) -> Run:
        if self._owners.get(run_id) is not owner:
            raise NotFound("There is no such run of yours under way.")
        return self._runs[run_id]

    def _finish(self, run: Run, status: RunStatus, code: int | None, ms: int) -> Run:
        self._join(run)
        run.status, run.code, run.ms = status, code, max(0, ms)
        del self._owners[run.id], self._sizes[run.id], self._pieces[run.id]
        self._weights[run.id] = _weight(run)
        self._lighten()
        return run

    def _lighten(self) -> None:
        """Let go of what nobody is shown any more: the newer runs fill every answer."""
        left = self._held_bytes
        for run_id in [known for known in reversed(self._runs) if known in self._weights]:
            left -= self._weights[run_id]
            if left < 0 and not is_bare(run := self._runs[run_id]):
                self._runs[run_id] = bare(run)
                self._weights[run_id] = _weight(self._runs[run_id])

    def _join(self, run: Run) -> None:
        if pieces := self._pieces.get(run.id):
            stream, text = run.output[-1]
            run.output[-1] = (stream, text + "".join(pieces))
            pieces.clear()


def is_bare(run: Run) -> bool:
    """Whether there is nothing but its head."""
    return not (run.output or run.page or run.pictures)


def bare(run: Run) -> Run:
    """A run without what it said and showed."""
    return run if is_bare(run) else msgspec.structs.replace(run, output=[], page=None, pictures=[], truncated=True)


def _weight(run: Run) -> int:
    """What a run takes as JSON, in bytes."""
    return len(msgspec.json.encode(run))
