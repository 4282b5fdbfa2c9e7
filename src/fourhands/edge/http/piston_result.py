"""What Piston's API says of a run: its stages, with the words of `isolate` that its clients know. Pure."""

import codecs
import signal as signals
from collections.abc import Mapping

from fourhands.errors import InvalidRequest, Unavailable
from fourhands.execution.port import Data, Error, Event, Exit, Stage, StageName, Stream

SIGNAL_NUMBERS: Mapping[str, int] = {one.name: one.value for one in signals.Signals}


class Stages:
    """Takes a run's events, and is its result when they have ended."""

    def __init__(self) -> None:
        self._stages: dict[StageName, _StageSoFar] = {}
        self._now = _StageSoFar()

    def take(self, event: Event) -> None:
        """Raises `Unavailable` if the run could not come to its end, `InvalidRequest` if it could not be started as it is."""
        match event:
            case Stage(stage=stage):
                self._now = self._stages[stage] = _StageSoFar()
            case Data(stream=stream, data=data):
                self._now.add(stream, data)
            case Exit(stage=stage):
                self._stages.setdefault(stage, self._now).exit = event
            case Error(message=message, invalid=True):
                raise InvalidRequest(message)
            case Error(message=message):
                raise Unavailable(message, "runner")
            case _:
                pass

    def result(self, language: str, version: str) -> dict[str, object]:
        """As `/execute` answers. A failed compilation stands in the place of the run, too. Raises `Unavailable` if there is none."""
        told = {name: stage.told(stage.exit) for name, stage in self._stages.items() if stage.exit is not None}
        run = told.get("run") or told.get("compile")
        if run is None:
            raise Unavailable("The run ended without a result.", "runner")
        return {**({"compile": told["compile"]} if "compile" in told else {}), "run": run, "language": language, "version": version}


class _StageSoFar:
    """One stage's output. `output` is both streams as they came."""

    def __init__(self) -> None:
        self.exit: Exit | None = None
        self._pieces: dict[Stream, list[str]] = {"stdout": [], "stderr": []}
        self._both: list[str] = []
        self._decoders = {stream: codecs.getincrementaldecoder("utf-8")("replace") for stream in self._pieces}

    def add(self, stream: Stream, data: bytes, *, final: bool = False) -> None:
        text = self._decoders[stream].decode(data, final)
        self._pieces[stream].append(text)
        self._both.append(text)

    def told(self, ended: Exit) -> dict[str, object]:
        for stream in self._pieces:
            self.add(stream, b"", final=True)
        stdout, stderr = ("".join(self._pieces[stream]) for stream in ("stdout", "stderr"))
        status, message, signal = verdict(ended, longer="stderr" if len(stderr) > len(stdout) else "stdout")
        return {
            "signal": signal,
            "stdout": stdout,
            "stderr": stderr,
            "code": ended.code,
            "output": "".join(self._both),
            "memory": ended.memory_bytes,
            "message": message,
            "status": status,
            "cpu_time": ended.cpu_ms,
            "wall_time": ended.wall_ms,
        }


def verdict(ended: Exit, *, longer: Stream) -> tuple[str | None, str | None, str | None]:
    """Piston's status, message and signal of an end. `longer`: the stream that had more output."""
    match ended.status:
        case "ok":
            return None, None, None
        case "wall_time":
            return "TO", "Time limit exceeded (wall clock)", "SIGKILL"
        case "cpu_time":
            return "TO", "Time limit exceeded", "SIGKILL"
        case "output_limit":
            return "OL" if longer == "stdout" else "EL", f"{longer} length exceeded", "SIGKILL"
        case _ if ended.signal is not None or ended.code is None:
            signal = ended.signal or "SIGKILL"
            return "SG", f"Caught fatal signal {SIGNAL_NUMBERS.get(signal, 9)}", signal
        case _:
            return "RE", f"Exited with error status {ended.code}", None
