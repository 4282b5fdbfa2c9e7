"""Runs of other instances: what they say is seen as if it were here; what nobody claims is lost. tests/room/test_neighbours.py has both ends."""

import asyncio

import msgspec
import pytest

from fourhands.errors import Conflict
from fourhands.protocol import events, runs
from fourhands.room.runs import RunBook
from fourhands.room.runs_elsewhere import CLAIM_SECONDS, LOST, RunsElsewhere, Sent
from tests.house import HandClock
from tests.room.programs import RUN, a_run


class Hall:
    """Implements `room.runs_elsewhere.Hall`."""

    def __init__(self) -> None:
        self.heard: list[events.ServerEvent] = []
        self.said: list[tuple[str, msgspec.Struct]] = []
        self.kept: list[runs.Run] = []

    def told(self, event: events.ServerEvent) -> None:
        self.heard.append(event)

    def say(self, topic: str, said: msgspec.Struct) -> None:
        self.said.append((topic, said))

    def keep(self, run: runs.Run) -> None:
        self.kept.append(run)


def elsewhere(*, output_bytes: int = 100) -> tuple[RunsElsewhere, RunBook, Hall]:
    book, hall = RunBook(kept=5, output_bytes=output_bytes), Hall()
    return RunsElsewhere(hall, book, HandClock()), book, hall


def test_a_run_is_followed_from_its_start_to_its_end() -> None:
    there, book, hall = elsewhere(output_bytes=3)
    there.hear("two", runs.RunStarted(a_run(terminal=True)))
    for said in (runs.RunQueued(RUN, 2), runs.RunStage(RUN, "run"), runs.RunOutput(RUN, "stdout", "hello"), runs.RunResized(RUN, 90, 20)):
        there.hear("two", said)
    there.hear("two", runs.RunOutput(RUN, "stdout", "past the limit"))
    assert there.has(RUN)
    there.hear("two", runs.RunEnded(RUN, "wall_time", None, 1500, signal="SIGKILL", message="Too long."))
    assert not there.has(RUN)
    [run] = book.recent(1000)
    assert (run.status, run.ms, run.signal, run.message, run.output, run.terminal) == (
        "wall_time", 1500, "SIGKILL", "Too long.", [("stdout", "hel")], runs.Terminal(90, 20),
    )  # fmt: skip
    assert [type(event).__name__ for event in hall.heard] == ["RunStarted", "RunQueued", "RunStage", "RunOutput", "RunResized", "RunEnded"]
    assert not hall.kept, "whoever ran it keeps it"


def test_only_who_carries_a_run_speaks_of_it() -> None:
    there, book, hall = elsewhere()
    there.hear("two", runs.RunStarted(a_run()))
    there.hear("three", runs.RunStarted(a_run()))
    there.hear("three", runs.RunOutput(RUN, "stdout", "no"))
    there.hear("three", runs.RunEnded(RUN, "ok", 0, 1))
    there.lost("three")
    assert [run.status for run in book.recent(1000)] == ["queued"]
    assert len(hall.heard) == 1


def test_what_is_done_with_it_is_sent_to_who_carries_it() -> None:
    there, _, hall = elsewhere()
    there.hear("two", runs.RunStarted(a_run()))
    with pytest.raises(Conflict):
        there.send(runs.RunResize(RUN, 80, 24), by="ada", peer=7)
    there.send(runs.RunStop(RUN), by="ada", peer=7)
    assert hall.said == [("run.act", Sent("two", "ada", 7, runs.RunStop(RUN)))]


def test_the_runs_of_a_lost_instance_are_lost_and_that_is_kept() -> None:
    there, book, hall = elsewhere()
    there.hear("two", runs.RunStarted(a_run()))
    there.lost("two")
    assert [(run.status, run.message) for run in book.recent(1000)] == [("lost", LOST)]
    assert isinstance(hall.heard[-1], runs.RunEnded)
    assert [run.status for run in hall.kept] == ["lost"]


def test_what_an_instance_says_again_is_as_it_says_whatever_was_missed() -> None:
    there, book, hall = elsewhere()
    for run in (RUN, "s0000000002", "s0000000003"):
        there.hear("two", runs.RunStarted(a_run(run=run)))
    assert there.by_carrier() == {"two": [RUN, "s0000000002", "s0000000003"]}
    whole = msgspec.structs.replace(a_run(), status="running", output=[("stdout", "all of it")])
    ended = msgspec.structs.replace(a_run(run="s0000000002"), status="ok", code=0, ms=5)
    there.claimed("two", [whole, ended])
    there.unknown("three", ["s0000000003"])
    assert {run.id: run.status for run in book.recent(10_000)} == {RUN: "running", "s0000000002": "ok", "s0000000003": "queued"}
    assert there.by_carrier() == {"two": ["s0000000003", RUN]}
    there.unknown("two", ["s0000000003"])
    assert [(event.run, event.status) for event in hall.heard if isinstance(event, runs.RunEnded)] == [("s0000000002", "ok"), ("s0000000003", "lost")]
    there.hear("two", runs.RunOutput(RUN, "stdout", ", and on"))
    assert next(run.output for run in book.recent(10_000) if run.id == RUN) == [("stdout", "all of it, and on")]


def test_an_instance_that_was_thought_lost_has_the_last_word_on_its_runs() -> None:
    there, book, hall = elsewhere()
    there.hear("two", runs.RunStarted(a_run()))
    there.lost("two")
    there.claimed("two", [msgspec.structs.replace(a_run(), status="lost", ms=5)])
    assert len(hall.heard) == 2, "that is known"
    there.claimed("two", [msgspec.structs.replace(a_run(), status="ok", code=0, ms=5)])
    assert [run.status for run in book.recent(1000)] == ["ok"]
    there.claimed("two", [msgspec.structs.replace(a_run(), status="killed", ms=5)])
    assert [run.status for run in book.recent(1000)] == ["ok"]


async def test_what_the_journal_has_begun_is_whose_who_claims_it_and_else_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    later: list[object] = []
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "call_later", lambda seconds, *call: later.append((seconds, call)))
    there, book, hall = elsewhere()
    there.expect([a_run(), a_run(run="s0000000002")])
    there.claimed("two", [msgspec.structs.replace(a_run(), status="running", output=[("stdout", "so far")])])
    there.claimed("three", [a_run()])
    assert [(run.status, run.output) for run in book.recent(10_000) if run.id == RUN] == [("running", [("stdout", "so far")])]
    [(seconds, (lost, nobody))] = later  # type: ignore[misc]
    assert seconds == CLAIM_SECONDS
    lost(nobody)
    assert [run.id for run in hall.kept] == ["s0000000002"]
    assert there.has(RUN)
    there.hear("two", runs.RunOutput(RUN, "stdout", ", and on"))
    assert [run.output for run in book.recent(10_000) if run.id == RUN] == [[("stdout", "so far, and on")]]
