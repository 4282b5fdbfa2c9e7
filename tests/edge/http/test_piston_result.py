"""What Piston's API says of runs, in the words of isolate."""

import pytest

from fourhands.edge.http.piston_result import Stages, verdict
from fourhands.errors import InvalidRequest, Unavailable
from fourhands.execution.port import Data, Error, Event, Exit, Picture, Queued, Stage, Status, Stream


def result(*events: Event) -> dict:
    stages = Stages()
    for event in events:
        stages.take(event)
    return stages.result("python", "3.11.2")


def test_a_run_is_told_with_its_streams_apart_and_together() -> None:
    exit_ = Exit(stage="run", status="ok", code=0, cpu_ms=12, wall_ms=15, memory_bytes=1000)
    told = result(Queued(1), Stage("run"), Data("stdout", b"a"), Data("stderr", b"b"), Picture(b"png"), Data("stdout", b"c"), exit_)
    assert told == {
        "language": "python",
        "version": "3.11.2",
        "run": {
            "stdout": "ac", "stderr": "b", "output": "abc", "code": 0, "signal": None, "message": None, "status": None,
            "memory": 1000, "cpu_time": 12, "wall_time": 15,
        },
    }  # fmt: skip


def test_a_letter_that_is_cut_in_two_is_whole_and_what_is_no_text_is_marked() -> None:
    told = result(Stage("run"), Data("stdout", b"\xc3"), Data("stderr", b"!"), Data("stdout", b"\xbc\xff\xe2\x82"), Exit(stage="run", status="ok", code=0))
    assert (told["run"]["stdout"], told["run"]["output"]) == ("ü��", "!ü��")


def test_each_stage_has_its_own_output() -> None:
    told = result(
        Stage("compile"),
        Data("stderr", b"warning"),
        Exit(stage="compile", status="ok", code=0),
        Stage("run"),
        Data("stdout", b"hi"),
        Exit(stage="run", status="ok", code=0),
    )
    assert (told["compile"]["output"], told["run"]["output"]) == ("warning", "hi")


def test_a_compilation_that_failed_stands_in_the_place_of_the_run() -> None:
    told = result(Stage("compile"), Data("stderr", b"no"), Exit(stage="compile", status="compile_error", code=1))
    assert told["run"] == told["compile"]
    assert (told["run"]["code"], told["run"]["status"], told["run"]["stderr"]) == (1, "RE", "no")


@pytest.mark.parametrize(("status", "code", "signal", "longer", "told"), [
    ("ok", 0, None, "stdout", (None, None, None)),
    ("error", 3, None, "stdout", ("RE", "Exited with error status 3", None)),
    ("error", None, "SIGSEGV", "stdout", ("SG", "Caught fatal signal 11", "SIGSEGV")),
    ("compile_error", 1, None, "stderr", ("RE", "Exited with error status 1", None)),
    ("wall_time", None, "SIGKILL", "stdout", ("TO", "Time limit exceeded (wall clock)", "SIGKILL")),
    ("cpu_time", None, None, "stdout", ("TO", "Time limit exceeded", "SIGKILL")),
    ("memory_limit", None, None, "stdout", ("SG", "Caught fatal signal 9", "SIGKILL")),
    ("output_limit", None, "SIGKILL", "stdout", ("OL", "stdout length exceeded", "SIGKILL")),
    ("output_limit", None, "SIGKILL", "stderr", ("EL", "stderr length exceeded", "SIGKILL")),
    ("killed", None, "SIGKILL", "stdout", ("SG", "Caught fatal signal 9", "SIGKILL")),
])  # fmt: skip
def test_every_end_has_pistons_words(status: Status, code: int | None, signal: str | None, longer: Stream, told: tuple[str | None, ...]) -> None:
    assert verdict(Exit(stage="run", status=status, code=code, signal=signal), longer=longer) == told


def test_a_run_that_could_not_come_to_its_end_has_no_result() -> None:
    with pytest.raises(Unavailable, match="lost"):
        result(Stage("run"), Error(message="The run is lost."))
    with pytest.raises(Unavailable, match="without a result"):
        result(Stage("run"), Data("stdout", b"x"))


def test_what_only_shows_when_it_is_started_is_the_clients_fault_all_the_same() -> None:
    with pytest.raises(InvalidRequest, match="too long"):
        Stages().take(Error(message="That name is too long.", invalid=True))
