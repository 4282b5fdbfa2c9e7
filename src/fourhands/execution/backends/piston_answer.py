"""What a Piston server says of a program, as our events. Pure."""

from collections.abc import Mapping
from typing import Any, cast

from fourhands.execution.port import Data, Event, Exit, Limits, Stage, StageName, Status, Stream

NEARLY = 0.95
"""Killed with so much of its memory used: that was why. Piston does not say."""


def event_of(message: Mapping[str, Any]) -> Event | None:
    """An event of a conversation."""
    match message:
        case {"type": "stage", "stage": ("compile" | "run") as stage}:
            return Stage(stage)
        case {"type": "data", "stream": ("stdout" | "stderr") as stream, "data": str(data)}:
            return Data(stream, data.encode("utf-8", "replace"))
        case {"type": "exit", "stage": ("compile" | "run") as stage}:
            return _exit(stage, message, None)
        case _:
            return None


def events_of(told: Mapping[str, Any], limits: Limits) -> list[Event]:
    """What a whole answer says, as it would have come. The order of the two streams among each other is not told."""
    events: list[Event] = []
    stages: tuple[StageName, ...] = ("compile", "run")
    for stage in stages:
        result = told.get(stage)
        if not isinstance(result, dict):
            continue
        result = cast("Mapping[str, Any]", result)
        streams: tuple[Stream, ...] = ("stdout", "stderr")
        data = [Data(stream, str(result[stream]).encode("utf-8", "replace")) for stream in streams if result.get(stream)]
        ended = _exit(stage, result, limits)
        events += [Stage(stage), *data, ended]
        if stage == "compile" and ended.status != "ok":
            break
    return events


def _exit(stage: StageName, result: Mapping[str, Any], limits: Limits | None) -> Exit:
    code, signal = result.get("code"), result.get("signal")
    return Exit(
        stage=stage,
        status=_status(stage, result, limits),
        code=code if isinstance(code, int) and signal is None else None,
        signal=str(signal) if signal is not None else None,
        cpu_ms=round(result.get("cpu_time") or 0),
        wall_ms=round(result.get("wall_time") or 0),
        memory_bytes=round(result.get("memory") or 0),
    )


def _status(stage: StageName, result: Mapping[str, Any], limits: Limits | None) -> Status:
    match result.get("status"):
        case "TO":
            return "wall_time" if "wall" in str(result.get("message")) else "cpu_time"
        case "OL" | "EL":
            return "output_limit"
        case _:
            pass
    if result.get("code") == 0 and result.get("signal") is None:
        return "ok"
    if limits is not None and result.get("signal") == "SIGKILL":
        most = limits.memory_bytes if stage == "run" else limits.compile_memory_bytes
        if (result.get("memory") or 0) >= most * NEARLY:
            return "memory_limit"
    return "compile_error" if stage == "compile" else "error"
