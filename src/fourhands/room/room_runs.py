"""All runs of a room, wherever they happen: told to everybody, kept in the journal, counted. `room.live` has one once there is a first run.

Those in a browser are carried by its connection, those on the server by `programs`, those of other instances by `runs_elsewhere`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import msgspec

from fourhands.access.may import Verb, may, require
from fourhands.errors import Forbidden, NotFound, Unavailable
from fourhands.execution import port
from fourhands.model.clock import Clock
from fourhands.model.entry import EntryKind
from fourhands.model.execution import Execution
from fourhands.model.limits import Limits
from fourhands.model.room import Member, Room
from fourhands.protocol import events, runs
from fourhands.room.executions import execution_of
from fourhands.room.peer import Peer
from fourhands.room.program import Program
from fourhands.room.programs import Programs, Starter
from fourhands.room.run_rate import RunRate
from fourhands.room.runs import HELD_BYTES, RunBook, bare, is_bare
from fourhands.room.runs_elsewhere import RAN, RUN, Act, Ran, RunsElsewhere, tell_program

LATE_MS = 30_000
LOST = "The server ended while this ran, so the run is lost. Start it again."


class Shared(Protocol):
    """The other instances that have the room."""

    def say(self, topic: str, payload: bytes) -> None: ...


class Hall(Protocol):
    """What is needed of the room."""

    room: Room

    @property
    def shared(self) -> Shared | None: ...
    def newest(self, member: Member) -> Member: ...
    def announce(self, event: events.ServerEvent, *, beside: Peer | None = None) -> None: ...
    def tell(self, peer: Peer, event: events.ServerEvent) -> None: ...
    def note(self, kind: EntryKind, payload: bytes, member_id: str) -> None: ...
    def count(self, execution: Execution) -> None: ...
    def may_keep(self, size_bytes: int) -> bool: ...


class RoomRuns:
    """Invariant: a run on the server is in the journal from its start, so that one whose end is not there was lost."""

    def __init__(self, hall: Hall, clock: Clock, limits: Limits) -> None:
        self._hall = hall
        self._clock = clock
        self._limits = limits
        self._shown_bytes = limits.output_bytes * 2 + limits.picture_bytes * 4 // 3
        self._book = RunBook(kept=limits.runs_kept, output_bytes=limits.output_bytes, held_bytes=max(HELD_BYTES, self._shown_bytes))
        self.rate = RunRate(clock)
        self._programs = Programs(self, self._book, clock, picture_bytes=limits.picture_bytes)
        self.elsewhere = RunsElsewhere(self, self._book, clock)
        self._closed = self._erased = False

    # ---- what was and is -------------------------------------------------------------------------------------------

    def restore(self, entries: Sequence[runs.Run], *, alone: bool = True) -> None:
        """Runs as the journal has them, oldest first. A crash may have left some without an end: they are lost, and that is kept; unless
        other instances have the room, too, which may have them (`alone`)."""
        known: dict[str, runs.Run] = {}
        for run in entries:
            if run.status != "lost" or run.id not in known or known[run.id].ms is None:  # who thought it lost may have been wrong, and late
                known[run.id] = run
        newest = list(known.values())[-self._limits.runs_kept :]
        open_ended = [run for run in newest if run.status in ("queued", "running")]
        if not alone:
            self._book.restore([run for run in newest if run not in open_ended])
            self.elsewhere.expect(open_ended)
            return
        for run in open_ended:
            run.status, run.position, run.message = "lost", None, LOST
        self._book.restore(newest)
        for run in open_ended:
            self.keep(run)

    def recent(self, most_bytes: int) -> Sequence[runs.Run]:
        """The newest runs, oldest first; older ones without their output once the newer ones have filled `most_bytes`."""
        return self._book.recent(most_bytes)

    def shown(self) -> list[runs.Run]:
        """What somebody who joins sees of them."""
        return list(self.recent(self._shown_bytes))

    @property
    def has_programs(self) -> bool:
        """Whether a program runs on the server, or waits to."""
        return bool(self._programs)

    # ---- in a browser ----------------------------------------------------------------------------------------------

    def start(self, peer: Peer, run: runs.Run) -> None:
        """Raises `Conflict`."""
        self._book.start(peer, run)
        self._tell(runs.RunStarted(run), beside=peer)

    def output(self, peer: Peer, output: runs.RunOutput) -> None:
        """Raises `NotFound`. Output past the limit is cut."""
        if text := self._book.output(peer, output.run, output.stream, output.text):
            self._tell(runs.RunOutput(output.run, output.stream, text), beside=peer)

    def end(self, peer: Peer, end: runs.RunEnd) -> None:
        """Raises `NotFound`."""
        self.over(self._book.end(peer, end, self._clock.now_ms()), beside=peer)

    def leave(self, peer: Peer) -> None:
        """A connection is gone, and its runs with it."""
        for run in self._book.leave(peer, self._clock.now_ms()):
            self.over(run)

    def act(self, act: Act, *, by: str, peer: int) -> None:
        """Do something with a run that is under way, here or elsewhere: stop it, type into it, and so on. `by`: the member who does, on that connection.

        Raises `NotFound`, `Conflict`, `InvalidRequest`, `LimitExceeded`."""
        if program := self._programs.find(act.run):
            tell_program(program, act)
        elif self.elsewhere.has(act.run):
            self.elsewhere.send(act, by=by, peer=peer)
        elif isinstance(act, runs.RunStop):
            self._hall.tell(self._book.owner(act.run), runs.RunStop(act.run, by))
        else:
            raise NotFound("There is no such run under way on the server.")

    # ---- on the server ---------------------------------------------------------------------------------------------

    def count_start(self, member_id: str, client: str) -> None:
        """Somebody starts one; it counts at the other instances, too."""
        self.rate.take(member_id, client)
        self.say(RAN, Ran(member_id, client))

    def start_program(self, run: runs.Run, program: port.Run, *, by: Starter, input_bytes: int) -> None:
        """A program that was started for this room. If this raises (`Conflict`, `Unavailable`, `Forbidden` for who may not run by now), it is stopped."""
        if self._closed:
            program.stop()
            raise Unavailable("This room is being loaded again.", "room")
        by = replace(by, member=self._hall.newest(by.member))
        try:
            require(by.member, Verb.RUN, self._hall.room)
        except Forbidden:
            program.stop()
            raise
        self._programs.start(run, program, by=by, input_bytes=input_bytes)

    def rights_changed(self, member: Member | None = None) -> None:
        """That member, or the room, is something else now: the programs of those who may run nothing any more are killed, those that wait too."""
        if member is not None:
            self._programs.moved(member)
        self.stop_of(lambda by: not may(by.member, Verb.RUN, self._hall.room))

    def stop_of(self, is_theirs: Callable[[Starter], bool]) -> None:
        """Kill the programs on the server of these people, here or gone."""
        self._programs.stop_of(is_theirs)

    def close(self, *, erased: bool) -> None:
        """The room is closed: programs in it are killed. `erased`: nothing of it is to be kept."""
        self._closed = True
        self._erased = self._erased or erased
        self._programs.stop()

    # ---- what programs say (room.programs.Told) ----------------------------------------------------------------------

    def announce(self, event: events.ServerEvent) -> None:
        self._tell(event)

    def begun(self, run: runs.Run) -> None:
        self._tell(runs.RunStarted(run))
        self._hall.note(EntryKind.RUN, msgspec.json.encode(run), run.member)

    def over(self, run: runs.Run, *, beside: Peer | None = None) -> None:
        """It has ended: everybody hears it, it is kept and counted."""
        run.unkept = not is_bare(run) and not self._hall.may_keep(len(msgspec.json.encode(run)))
        self._tell(runs.RunEnded.of(run), beside=None if run.unkept else beside)  # whose page ran it has to hear that
        self.keep(run)

    def _tell(self, event: events.ServerEvent, *, beside: Peer | None = None) -> None:
        """Everybody, and the other instances, whose people hear it from them."""
        self._hall.announce(event, beside=beside)
        self.say(RUN, event)

    # ---- of other instances ----------------------------------------------------------------------------------------

    def for_newcomers(self) -> Sequence[runs.Run]:
        """What an instance that has just loaded the room cannot know: those that we carry, and those that ended so late that its journal may lack it."""
        since_ms = self._clock.now_ms() - LATE_MS
        ended = [run for run in self.recent(self._shown_bytes) if run.ms is not None and run.at + run.ms > since_ms]
        return [*ended, *self._book.under_way(lambda owner: isinstance(owner, Peer | Program))]

    def run(self, run_id: str) -> runs.Run | None:
        """One of them, with all that it said so far."""
        self._book.under_way(lambda owner: True)
        return self._book.get(run_id)

    def told(self, event: events.ServerEvent) -> None:
        """People hear of a run that another instance carries."""
        self._hall.announce(event)

    def say(self, topic: str, said: msgspec.Struct) -> None:
        """To the other instances."""
        if (shared := self._hall.shared) is not None:
            shared.say(topic, msgspec.json.encode(said))

    def keep(self, run: runs.Run) -> None:
        room = self._hall.room
        if not self._erased:
            self._hall.note(EntryKind.RUN, msgspec.json.encode(bare(run) if run.unkept else run), run.member)
        self._hall.count(execution_of(run, None if self._erased or room.ephemeral else room.id))
