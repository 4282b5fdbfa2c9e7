"""Control groups: how much a run may use in all, what it used, and the surest way to kill it. Version 1 and version 2.

`find_groups` says where we may make them; a run's group is made for it and removed after it. Names tell who made them
(`fourhands-PID-START`), so that what a killed server left is swept at the next start.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PREFIX = "fourhands-"
IDLE = "cpu.idle"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a group has used: processor time in seconds, the most memory at once, and how often memory ran out."""

    cpu_seconds: float
    peak_bytes: int
    out_of_memory: int


class Group(Protocol):
    """The group of one run. Methods do not wait; a group that is gone counts as empty."""

    @property
    def joins(self) -> tuple[str, ...]:
        """Files that a process writes 0 into to be in it."""
        ...

    def limit(self, *, memory_bytes: int, processes: int, cores: float) -> None:
        """Set the limits. Raises `OSError` (EBUSY) if it already uses more memory than that."""
        ...

    def usage(self) -> Usage: ...

    def forget_peak(self) -> None:
        """Count the most memory from now on, where the kernel can."""
        ...

    def processes(self) -> list[int]: ...

    def kill(self) -> None:
        """Kill everything in it, also what is being forked just now."""
        ...

    def remove(self) -> bool:
        """Remove it; False while something is still in it."""
        ...


class Groups(Protocol):
    """A place where groups may be made."""

    @property
    def version(self) -> int: ...

    def make(self, name: str) -> Group: ...

    def yield_processors(self) -> None:
        """Let everything else of the machine go before all runs (Linux 5.15, `cpu.idle`). Raises `OSError` where that cannot be."""
        ...

    def sweep(self) -> int:
        """Kill and remove what servers left that are no more; how many groups that were."""
        ...

    def close(self) -> None:
        """Remove the place; kills what is in it."""
        ...


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted hierarchy: `root` is which of its groups lies at `path`; `own` is ours, as a path below `path`."""

    path: Path
    version: int
    controllers: frozenset[str]
    own: Path


def read_mounts(proc: Path = Path("/proc/self")) -> list[Mount]:
    """The hierarchies that are mounted here, with our own group in each."""
    own: dict[frozenset[str], str] = {}
    for line in (proc / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own[frozenset(controllers.split(",")) - {""}] = path
    found: list[Mount] = []
    for line in (proc / "mountinfo").read_text().splitlines():
        words = line.split()
        kind, options = words[words.index("-") + 1], words[-1]
        if kind not in {"cgroup", "cgroup2"}:
            continue
        names = next((key for key in own if key and key <= set(options.split(","))), frozenset[str]()) if kind == "cgroup" else frozenset[str]()
        if kind == "cgroup" and not names:
            continue
        path = Path(words[4])
        found.append(Mount(path, 2 if kind == "cgroup2" else 1, names, path / below(own.get(names, "/"), words[3])))
    return found


def below(group: str, root: str) -> str:
    """A group's path below the group that is mounted; in a container both begin alike."""
    if root != "/" and (group == root or group.startswith(f"{root}/")):
        group = group[len(root) :]
    return "" if "/.." in group else group.strip("/")


def own_name() -> str:
    """What we call our place: our pid, and when we were started, since pids come again."""
    return f"{PREFIX}{os.getpid()}-{_started(os.getpid())}"


def abandoned(folder: Path) -> Iterator[Path]:
    """The places below a folder whose makers are no more."""
    for path in folder.glob(f"{PREFIX}*-*"):
        pid, _, started = path.name.removeprefix(PREFIX).partition("-")
        if pid.isdigit() and started.isdigit() and _started(int(pid)) != int(started):
            yield path


def remove_tree(place: Path, *, seconds: float = 2.0) -> bool:
    """Kill all in a group and below it and remove it; False if something does not end in time. Waits: at start and stop alone."""
    deadline = time.monotonic() + seconds
    while place.exists():
        for folder, _, _ in os.walk(place, topdown=False):  # passes over what another server's sweep removes meanwhile
            kill_all(Path(folder))
            remove_folder(Path(folder))
        if place.exists() and time.monotonic() > deadline:
            return False
        time.sleep(0.005 if place.exists() else 0)
    return True


def kill_all(folder: Path) -> None:
    """Kill what is in a group now."""
    for pid in read_processes(folder):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def read_processes(folder: Path) -> list[int]:
    """Who is in a group; nobody if it is gone."""
    try:
        return [pid for pid in map(int, (folder / "cgroup.procs").read_text().split()) if pid > 0]
    except OSError:
        return []


def remove_folder(folder: Path) -> bool:
    """Remove a group; False while something is in it."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def yield_processors(place: Path) -> None:
    """See `Groups.yield_processors`; the same in both versions."""
    if not (place / IDLE).exists():
        raise FileNotFoundError(f"no {IDLE} in {place}")
    (place / IDLE).write_text("1")


def read_number(file: Path, key: str = "") -> int:
    """A number in a group's file: the whole of it, or the one behind `key`. 0 if it is not there."""
    try:
        text = file.read_text()
    except OSError:
        return 0
    if not key:
        return int(text) if text.strip().isdigit() else 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.split()[:1] == [key]), 0)


def _started(pid: int) -> int:
    """When a process was started, in ticks since boot; -1 if there is none."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return -1
