"""The runs of a room that happen in somebody's browser: what they claim, kept within limits.

A run belongs to the connection that announced it; only that one may add output or end it.
"""

from collections.abc import Sequence

import msgspec

from fourhands.errors import Conflict, NotFound
from fourhands.protocol.events import OutputStream, Run, RunEnd, RunStatus
from fourhands.room.peer import Peer


class RunBook:
    """Runs under way and the newest ones that ended.

    Invariant: every run in `_owners` is in `_runs` and has status "running".
    """

    def __init__(self, *, kept: int, output_bytes: int) -> None:
        self._kept = kept
        self._output_bytes = output_bytes
        self._runs: dict[str, Run] = {}
        self._owners: dict[str, Peer] = {}
        self._sizes: dict[str, int] = {}

    def restore(self, runs: Sequence[Run]) -> None:
        self._runs = {run.id: run for run in runs}

    def recent(self, most_bytes: int) -> Sequence[Run]:
        """The runs, oldest first; older ones without their output once the newer ones have filled `most_bytes`."""
        shown: list[Run] = []
        for run in reversed(self._runs.values()):
            most_bytes -= sum(len(text) for _, text in run.output) + len(run.page or "")
            shown.append(run if most_bytes >= 0 else msgspec.structs.replace(run, output=[], page=None, truncated=True))
        return shown[::-1]

    def start(self, peer: Peer, run: Run) -> None:
        """Raises `Conflict` if there is a run of that id."""
        if run.id in self._runs:
            raise Conflict("There is a run of this id already.")
        self._runs[run.id] = run
        self._owners[run.id] = peer
        self._sizes[run.id] = 0
        ended = [known for known in self._runs if known not in self._owners]
        for old in ended[: max(0, len(self._runs) - self._kept)]:
            del self._runs[old]

    def output(self, peer: Peer, run_id: str, stream: OutputStream, text: str) -> str:
        """Add output; what of it is still within the limit (perhaps nothing). Raises `NotFound`."""
        run = self._own(peer, run_id)
        room = self._output_bytes - self._sizes[run_id]
        raw = text.encode(errors="replace")
        if len(raw) > room:
            run.truncated = True
            raw = raw[:room]
            text = raw.decode(errors="ignore")
        self._sizes[run_id] += len(raw)
        if text:
            if run.output and run.output[-1][0] == stream:
                run.output[-1] = (stream, run.output[-1][1] + text)
            else:
                run.output.append((stream, text))
        return text

    def end(self, peer: Peer, end: RunEnd, now_ms: int) -> Run:
        """Raises `NotFound`."""
        run = self._own(peer, end.run)
        return self._finish(run, end.status, end.code, now_ms - run.at if end.ms is None else end.ms)

    def leave(self, peer: Peer, now_ms: int) -> Sequence[Run]:
        """The peer's connection is gone: its runs are lost to the room."""
        lost = [run_id for run_id, owner in self._owners.items() if owner is peer]
        return [self._finish(run := self._runs[run_id], "lost", None, now_ms - run.at) for run_id in lost]

    def owner(self, run_id: str) -> Peer:
        """Who runs it. Raises `NotFound` if it is not under way."""
        try:
            return self._owners[run_id]
        except KeyError:
            raise NotFound("This run has ended.") from None

    def _own(self, peer: Peer, run_id: str) -> Run:
        if self._owners.get(run_id) is not peer:
            raise NotFound("There is no such run of yours under way.")
        return self._runs[run_id]

    def _finish(self, run: Run, status: RunStatus, code: int | None, ms: int) -> Run:
        run.status, run.code, run.ms = status, code, max(0, ms)
        del self._owners[run.id], self._sizes[run.id]
        return run
