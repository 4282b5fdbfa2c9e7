"""What may be asked of a run, and that what older journals hold of runs is still read."""

import json

import msgspec
import pytest

from fourhands.errors import InvalidRequest
from fourhands.execution import port
from fourhands.protocol import events, runs

RUN = "s0000000001"


def read(**fields: object) -> events.ClientEvent:
    return events.decode(json.dumps(fields).encode())


def test_a_run_is_asked_for_by_its_id_alone() -> None:
    assert read(type="run.ask", run=RUN) == runs.RunAsk(RUN, "main", None, [], "", None, False)


def test_a_prompt_is_asked_for_with_a_terminal() -> None:
    asked = read(type="run.ask", run=RUN, language="python", terminal={"columns": 100, "rows": 30}, repl=True)
    assert asked == runs.RunAsk(RUN, language="python", terminal=runs.Terminal(100, 30), repl=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "run.ask"},
        {"type": "run.ask", "run": "short"},
        {"type": "run.ask", "run": RUN, "file": "f" * 256},
        {"type": "run.ask", "run": RUN, "args": [1]},
        {"type": "run.ask", "run": RUN, "args": ["x"] * 257},
        {"type": "run.ask", "run": RUN, "stdin": "x" * 1_048_577},
        {"type": "run.ask", "run": RUN, "terminal": {"columns": 0, "rows": 24}},
        {"type": "run.ask", "run": RUN, "terminal": {"columns": 80, "rows": 1001}},
        {"type": "run.input", "run": RUN, "text": "x" * (runs.INPUT_CHARACTERS + 1)},
        {"type": "run.input", "run": RUN},
        {"type": "run.resize", "run": RUN, "columns": 80, "rows": -1},
        {"type": "run.resize", "run": RUN, "columns": 80.5, "rows": 24},
        {"type": "run.signal", "run": RUN, "signal": "S" * 17},
    ],
)
def test_what_is_past_a_bound_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read(**fields)


def test_input_of_the_largest_size_is_read() -> None:
    text = "x" * runs.INPUT_CHARACTERS
    assert read(type="run.input", run=RUN, text=text) == runs.RunInput(RUN, text)


def test_every_status_of_a_program_can_be_told() -> None:
    for status in port.Status.__args__:
        told = msgspec.json.decode(msgspec.json.encode(runs.Run("s0000000001", "ada", "Ada", "c", "a.c", "server", 1, status)), type=runs.Run)
        assert told.status == status


def test_a_run_of_an_older_journal_is_read() -> None:
    older = (
        b'{"id":"r0000000001","member":"ada","name":"Ada","language":"python","file":"main.py","where":"browser","at":5,'
        b'"status":"ok","code":0,"ms":12,"output":[["stdout","1\\n"]],"truncated":false,"page":null}'
    )
    run = msgspec.json.decode(older, type=runs.Run)
    assert (run.status, run.output, run.pictures, run.terminal) == ("ok", [("stdout", "1\n")], [], None)


def test_the_end_of_a_run_tells_what_the_run_holds() -> None:
    run = runs.Run("s0000000001", "ada", "Ada", "c", "a.c", "server", 1, "error", ms=7, signal="SIGSEGV", cpu_ms=3, memory_bytes=4096)
    assert runs.RunEnded.of(run) == runs.RunEnded(run.id, "error", None, 7, False, "SIGSEGV", 3, 4096, None)
