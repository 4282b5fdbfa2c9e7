"""How a stage ended, told from what was seen from outside. Pure: nothing that the payload says counts, but its exit code."""

import json
import signal
from dataclasses import dataclass

from fourhands.execution.backends.sandbox.cgroups import Usage
from fourhands.execution.port import Exit, StageName, Status


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was there when everything had ended. `code`: bubblewrap's word, 128 + n for signal n; None if it was killed itself."""

    code: int | None
    usage: Usage


def read_status(text: bytes) -> dict[str, int]:
    """What bubblewrap wrote to `--json-status-fd`: "child-pid" once it was made, "exit-code" once it ended."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        try:
            found |= {key: value for key, value in json.loads(line).items() if isinstance(value, int)}
        except ValueError:  # cut off: it was killed while writing
            continue
    return found


def judge(stage: StageName, evidence: Evidence, reason: Status | None, *, cpu_before: float, wall_seconds: float) -> Exit:
    """The end of a stage: "unavailable" if it was ended from outside, and not by us. `reason`: why we ended it, if we did.
    `cpu_before`: seconds that were used before the stage."""
    code, signalled = evidence.code, None
    if reason is not None or evidence.usage.out_of_memory:
        status: Status = reason or "memory_limit"
        code, signalled = None, "SIGKILL"
    elif code is None:
        status, signalled = "unavailable", "SIGKILL"
    elif code == 0:
        status = "ok"
    else:
        status = "compile_error" if stage == "compile" else "error"
        if signalled := signal_of(code):
            code = None
    return Exit(
        stage=stage,
        status=status,
        code=code,
        signal=signalled,
        cpu_ms=round(max(evidence.usage.cpu_seconds - cpu_before, 0) * 1000),
        wall_ms=round(wall_seconds * 1000),
        memory_bytes=evidence.usage.peak_bytes,
    )


def signal_of(code: int) -> str | None:
    """The signal that an exit code stands for."""
    number = code - 128
    return signal.Signals(number).name if number > 0 and number in set(signal.Signals) else None
