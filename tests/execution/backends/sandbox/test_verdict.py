"""How an end is told from what was seen outside."""

import pytest

from fourhands.execution.backends.sandbox.cgroups import Usage
from fourhands.execution.backends.sandbox.verdict import Evidence, judge, read_status, signal_of
from fourhands.execution.port import Exit, StageName, Status


def judged(code: int | None, *, stage: StageName = "run", reason: Status | None = None, out_of_memory: int = 0) -> Exit:
    return judge(stage, Evidence(code, Usage(1.5, 4096, out_of_memory)), reason, cpu_before=0.5, wall_seconds=2)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (judged(0), ("ok", 0, None)),
        (judged(3), ("error", 3, None)),
        (judged(139), ("error", None, "SIGSEGV")),
        (judged(200), ("error", 200, None)),
        (judged(1, stage="compile"), ("compile_error", 1, None)),
        (judged(0, stage="compile"), ("ok", 0, None)),
        (judged(137, out_of_memory=1), ("memory_limit", None, "SIGKILL")),
        (judged(None, out_of_memory=2), ("memory_limit", None, "SIGKILL")),
        (judged(None), ("unavailable", None, "SIGKILL")),
        (judged(None, reason="wall_time"), ("wall_time", None, "SIGKILL")),
        (judged(0, reason="output_limit"), ("output_limit", None, "SIGKILL")),
        (judged(137, reason="killed", out_of_memory=1), ("killed", None, "SIGKILL")),
    ],
)
def test_an_end_is_told_as_it_was(end: Exit, expected: tuple[str, int | None, str | None]) -> None:
    assert (end.status, end.code, end.signal) == expected


def test_what_was_used_is_the_stages_own() -> None:
    end = judged(0)
    assert (end.cpu_ms, end.wall_ms, end.memory_bytes) == (1000, 2000, 4096)


def test_a_status_that_was_cut_off_still_counts() -> None:
    assert read_status(b'{ "child-pid": 12, "ipc-namespace": 4 }\n{ "exit-code": 3 }\n') == {"child-pid": 12, "ipc-namespace": 4, "exit-code": 3}
    assert read_status(b'{ "child-pid": 12 }\n{ "exit-c') == {"child-pid": 12}
    assert read_status(b"") == {}


def test_signals_are_told_by_name() -> None:
    assert signal_of(134) == "SIGABRT"
    assert signal_of(128) is None
    assert signal_of(127) is None
    assert signal_of(255) is None
