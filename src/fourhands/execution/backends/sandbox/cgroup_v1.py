"""Control groups of version 1: a hierarchy for each controller. Only root may make groups in them."""

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

NEEDED = ("memory", "pids", "cpu", "cpuacct")
PERIOD_MICROSECONDS = 100_000
SOCKETS = "memory.kmem.tcp.limit_in_bytes"
"""What sockets of the internet's families hold counts apart, and only where a limit is set; in version 2 it is memory as any other."""
SOCKETS_SHARE = 4
"""They may hold this part of the memory, besides it."""


@dataclass(frozen=True, slots=True)
class GroupV1:
    """A run's folders, by controller."""

    folders: dict[str, Path]

    @property
    def joins(self) -> tuple[str, ...]:
        return tuple(str(folder / "cgroup.procs") for folder in dict.fromkeys(self.folders.values()))

    def limit(self, *, memory_bytes: int, processes: int, cores: float) -> None:
        memory = self.folders["memory"]
        both = memory / "memory.memsw.limit_in_bytes"  # memory and swap together; never below memory alone
        raised = memory_bytes > read_number(memory / "memory.limit_in_bytes")
        order = [both, memory / "memory.limit_in_bytes"] if raised else [memory / "memory.limit_in_bytes", both]
        for file in order:
            if file.exists():
                file.write_text(str(memory_bytes))
        (memory / SOCKETS).write_text(str(memory_bytes // SOCKETS_SHARE))
        (self.folders["pids"] / "pids.max").write_text(str(processes))
        (self.folders["cpu"] / "cpu.cfs_quota_us").write_text(str(int(cores * PERIOD_MICROSECONDS)))

    def usage(self) -> Usage:
        return Usage(
            read_number(self.folders["cpuacct"] / "cpuacct.usage") / 1e9,
            read_number(self.folders["memory"] / "memory.max_usage_in_bytes"),
            read_number(self.folders["memory"] / "memory.oom_control", "oom_kill"),
        )

    def forget_peak(self) -> None:
        (self.folders["memory"] / "memory.max_usage_in_bytes").write_text("0")

    def processes(self) -> list[int]:
        return read_processes(self.folders["pids"])

    def kill(self) -> None:
        try:
            (self.folders["pids"] / "pids.max").write_text("0")  # nothing can be forked while we go through the list
        except FileNotFoundError:
            return
        for folder in dict.fromkeys(self.folders.values()):
            kill_all(folder)

    def remove(self) -> bool:
        removed = [remove_folder(folder) for folder in dict.fromkeys(self.folders.values())]  # each is tried
        return all(removed)


class GroupsV1:
    """Our place in every hierarchy that is needed: below our own group, so that what holds for us holds for runs."""

    version = 1

    def __init__(self, mounts: dict[str, Mount]) -> None:
        self._mounts = mounts
        self._places = {controller: mount.own / own_name() for controller, mount in mounts.items()}
        for place in self._places.values():
            place.mkdir(exist_ok=True)
        (self._places["memory"] / SOCKETS).write_text("-1")  # the kernel counts from now on: that it begins to takes milliseconds

    def make(self, name: str) -> GroupV1:
        folders = {controller: place / name for controller, place in self._places.items()}
        for folder in dict.fromkeys(folders.values()):
            folder.mkdir()
        return GroupV1(folders)

    def yield_processors(self) -> None:
        yield_processors(self._places["cpu"])

    def sweep(self) -> int:
        left = {path for mount in self._mounts.values() for folder in (mount.path, mount.own) for path in abandoned(folder)}
        return len({path.name for path in left if remove_tree(path)})

    def close(self) -> None:
        for place in dict.fromkeys(self._places.values()):
            remove_tree(place)


def find_v1(mounts: list[Mount]) -> GroupsV1 | None:
    """Our place, or None if a controller that is needed is missing or not ours to write."""
    chosen = {controller: mount for controller in NEEDED for mount in mounts if mount.version == 1 and controller in mount.controllers}
    if set(chosen) != set(NEEDED) or not all(os.access(mount.own, os.W_OK) for mount in chosen.values()):
        return None
    try:
        return GroupsV1(chosen)
    except OSError:  # mounted read-only, as in a container
        return None
