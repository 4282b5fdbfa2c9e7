"""Control groups of version 2: one hierarchy, parts of which may be delegated to whoever is not root.

A group that has groups with controllers below it holds no processes itself, but for the root of all. So where our own
group was delegated to us, its processes (we, and the server that started us) move into one below it first.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from fourhands.execution.backends.sandbox.cgroups import (
    Mount,
    Usage,
    abandoned,
    kill_all,
    own_name,
    read_number,
    read_processes,
    remove_folder,
    remove_tree,
    yield_processors,
)

NEEDED = ("memory", "pids")
PERIOD_MICROSECONDS = 100_000
UNIT = "fourhands-runner"
"""How the units begin that `delegation` asks systemd for: ours alone, whether or not it can be read that they were delegated."""
LEAF = "server"
"""Where the processes of a delegated group go."""


@dataclass(frozen=True, slots=True)
class GroupV2:
    """A run's folder."""

    folder: Path

    @property
    def joins(self) -> tuple[str, ...]:
        return (str(self.folder / "cgroup.procs"),)

    def limit(self, *, memory_bytes: int, processes: int, cores: float) -> None:
        (self.folder / "memory.max").write_text(str(memory_bytes))
        (self.folder / "pids.max").write_text(str(processes))
        for name, value in (
            ("memory.swap.max", "0"),
            ("memory.oom.group", "1"),
            ("cpu.max", f"{int(cores * PERIOD_MICROSECONDS)} {PERIOD_MICROSECONDS}"),
        ):
            if (self.folder / name).exists():
                (self.folder / name).write_text(value)

    def usage(self) -> Usage:
        return Usage(
            read_number(self.folder / "cpu.stat", "usage_usec") / 1e6,
            read_number(self.folder / "memory.peak") or read_number(self.folder / "memory.current"),
            read_number(self.folder / "memory.events", "oom_kill"),
        )

    def forget_peak(self) -> None:
        """Linux before 6.12 cannot: there the compiler's memory counts too."""
        try:
            (self.folder / "memory.peak").write_text("reset")
        except OSError:
            return

    def processes(self) -> list[int]:
        return read_processes(self.folder)

    def kill(self) -> None:
        try:
            (self.folder / "cgroup.kill").write_text("1")
        except FileNotFoundError:  # it is gone, or Linux is older than 5.14
            if self.folder.exists():
                (self.folder / "pids.max").write_text("0")
                kill_all(self.folder)

    def remove(self) -> bool:
        return remove_folder(self.folder)


class GroupsV2:
    """Our place below a group that hands its controllers down."""

    version = 2

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._place = parent / own_name()
        self._place.mkdir(exist_ok=True)
        hand_down(self._place)

    def make(self, name: str) -> GroupV2:
        folder = self._place / name
        folder.mkdir()
        return GroupV2(folder)

    def yield_processors(self) -> None:
        yield_processors(self._place)

    def sweep(self) -> int:
        return len([path for path in abandoned(self._parent) if remove_tree(path)])

    def close(self) -> None:
        remove_tree(self._place)


def find_v2(mounts: list[Mount]) -> GroupsV2 | None:
    """Our place: below our own group if it was delegated, else (as root) at the top. None if neither can be."""
    for mount in mounts:
        if mount.version != 2:
            continue
        own = mount.own.parent if mount.own.name == LEAF else mount.own
        for parent in dict.fromkeys([own, mount.path]):
            try:
                if may_order(parent, mount.path):
                    evacuate(parent)
                    hand_down(parent)
                    return GroupsV2(parent)
            except OSError:
                continue
    return None


def may_order(folder: Path, top: Path) -> bool:
    """Whether the groups below this one are ours to make: the machine's root, a container's, or a unit that systemd delegated."""
    if not os.access(folder / "cgroup.subtree_control", os.W_OK):
        return False
    if folder == top or folder.name.startswith(UNIT):
        return True
    return any(_attribute(folder, name) == b"1" for name in ("trusted.delegate", "user.delegate"))


def hand_down(folder: Path) -> None:
    """Let groups below have the controllers. Raises `OSError` if that may not be, or one that is needed is not there."""
    there = set((folder / "cgroup.controllers").read_text().split())
    if missing := set(NEEDED) - there:
        raise FileNotFoundError(f"no controller {', '.join(sorted(missing))} in {folder}")
    handed = set((folder / "cgroup.subtree_control").read_text().split())
    if wanted := {*NEEDED, "cpu"} & there - handed:
        (folder / "cgroup.subtree_control").write_text(" ".join(f"+{controller}" for controller in sorted(wanted)))


def evacuate(folder: Path) -> None:
    """Move a group's processes below it, unless it is the machine's root, which may keep them. Raises `OSError` if that may not be."""
    if not (folder / "cgroup.type").exists() or not read_processes(folder):
        return
    leaf = folder / LEAF
    leaf.mkdir(exist_ok=True)
    for pid in read_processes(folder):
        try:
            (leaf / "cgroup.procs").write_text(str(pid))
        except ProcessLookupError:
            continue


def _attribute(folder: Path, name: str) -> bytes:
    try:
        return os.getxattr(folder, name)
    except OSError:
        return b""
