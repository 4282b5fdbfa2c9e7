"""The hostile programs of `programs/`, each with what has to become of it in its first lines.

`status`: any of these. `says`: a pattern that its output has; `signal`, `stage`: of its end. `limits`: other than the usual
ones. `only`: processors that it is written for. A program that gets further than it may says "ESCAPED" and what it reached.
"""

import platform
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from fourhands.execution.port import Job, Limits, SourceFile, Terminal

FOLDER = Path(__file__).parent / "programs"
PATIENT = {"wall_seconds": "60", "cpu_seconds": "30"}
"""On a busy machine too, what ends a program is the limit that it is about."""
LANGUAGES = {".py": "python", ".sh": "sh", ".c": "c", ".build": "build"}


@dataclass(frozen=True)
class Hostile:
    """A program, and what has to become of it."""

    name: str
    source: bytes
    language: str
    heads: dict[str, str]

    @property
    def statuses(self) -> set[str]:
        return set(self.heads["status"].split())

    def job(self) -> Job:
        given = dict(pair.split("=") for pair in self.heads.get("limits", "").split())
        limits = msgspec.convert({**PATIENT, **given}, Limits, strict=False)
        terminal = Terminal() if "terminal" in self.heads else None
        name = f"main{Path(self.name).suffix}"
        return Job(id=self.name, language=self.language, files=(SourceFile(name, self.source),), limits=limits, terminal=terminal)


def read_corpus() -> list[Hostile]:
    """All programs that can be run on this processor."""
    found: list[Hostile] = []
    for path in sorted(FOLDER.iterdir()):
        heads = dict(re.findall(r"^(?:#|//) (status|says|signal|stage|limits|terminal|only): (.+)$", path.read_text(), re.MULTILINE))
        if heads.get("only", platform.machine()) == platform.machine():
            found.append(Hostile(path.name, path.read_bytes(), LANGUAGES[path.suffix], heads))
    return found


def program(name: str) -> Hostile:
    return next(hostile for hostile in read_corpus() if hostile.name == name)
