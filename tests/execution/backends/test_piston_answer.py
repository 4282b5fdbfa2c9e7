"""What a Piston server says of a program, as our events."""

from typing import Any

import pytest

from fourhands.execution.backends.piston_answer import events_of
from fourhands.execution.port import Data, Exit, Limits, Stage, Status

LIMITS = Limits(wall_seconds=3, memory_bytes=1000)


@pytest.mark.parametrize(("result", "status"), [
    ({"code": 0, "signal": None}, "ok"),
    ({"code": 1, "signal": None, "status": "RE"}, "error"),
    ({"code": None, "signal": "SIGSEGV", "status": "SG"}, "error"),
    ({"code": None, "signal": "SIGKILL", "status": "SG", "memory": 990}, "memory_limit"),
    ({"code": None, "signal": "SIGKILL", "status": "SG", "memory": 10}, "error"),
    ({"code": None, "signal": "SIGKILL", "status": "TO", "message": "Time limit exceeded (wall clock)"}, "wall_time"),
    ({"code": None, "signal": "SIGKILL", "status": "TO", "message": "Time limit exceeded"}, "cpu_time"),
    ({"code": None, "signal": "SIGKILL", "status": "OL"}, "output_limit"),
    ({"code": None, "signal": "SIGKILL", "status": "EL"}, "output_limit"),
    ({"code": None, "signal": "SIGKILL"}, "error"),  # as older versions say it
])  # fmt: skip
def test_every_end_has_its_status(result: dict[str, Any], status: Status) -> None:
    events = events_of({"run": {"stdout": "a", "stderr": "b", **result}}, LIMITS)
    assert events[:-1] == [Stage("run"), Data("stdout", b"a"), Data("stderr", b"b")]
    ended = events[-1]
    assert isinstance(ended, Exit)
    assert (ended.status, ended.code, ended.signal) == (status, result["code"], result["signal"])


def test_a_compilation_that_failed_is_the_end() -> None:
    failed = {"stdout": "", "stderr": "no", "code": 1, "signal": None}
    events = events_of({"compile": failed, "run": failed}, LIMITS)
    assert events == [Stage("compile"), Data("stderr", b"no"), Exit(stage="compile", status="compile_error", code=1)]
