"""A disk for a server under test: disk.c goes between them (LD_PRELOAD), and this says what fails and when, while it runs.

It also knows what a power cut would leave: what was synced, and of what was written since, any part.
"""

import ctypes
import errno
import mmap
import os
import random
import shutil
import struct
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

SOURCE = Path(__file__).with_name("disk.c")
SECTOR_BYTES = 512  # what a disk writes as a whole
UNLIMITED = -1
WRITE, SYNC, SYNC_FAILED, CUT, REMOVE, RENAME = range(1, 7)
RECORD = struct.Struct("=IIqq")


class Plan(ctypes.Structure):
    """What is counted and what is planned, in memory that the server's process shares; the same order as in disk.c."""

    calls: int
    writes: int
    syncs: int
    refused: int
    kill_at_call: int
    kill_half: int
    write_fails: int
    write_errno: int
    write_half: int
    write_skips: int
    sync_fails: int
    sync_errno: int
    sync_skips: int
    room_bytes: int
    write_delay_us: int
    sync_delay_us: int
    _fields_ = [
        (name, ctypes.c_int64)
        for name in (
            *("calls", "writes", "syncs", "refused"),
            *("kill_at_call", "kill_half"),
            *("write_fails", "write_errno", "write_half", "write_skips"),
            *("sync_fails", "sync_errno", "sync_skips"),
            *("room_bytes", "write_delay_us", "sync_delay_us"),
        )
    ]


def compile_shim(folder: Path) -> Path:
    """disk.c as a library. Skips the test where there is no C compiler or no such loader."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs Linux and a C compiler (make soak installs one)")
    library = folder / "disk.so"
    subprocess.run([compiler, "-O1", "-Wall", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl", "-lpthread"], check=True)
    return library


class Disk:
    """Plans for one server's files, and a trace of what it wrote."""

    def __init__(self, shim: Path, folder: Path, match: str = "fourhands.db") -> None:
        folder.mkdir()
        self._file, self.trace = folder / "plan", folder / "trace"
        self._file.write_bytes(bytes(ctypes.sizeof(Plan)))
        self.env = {"LD_PRELOAD": str(shim), "DISK_PLAN": str(self._file), "DISK_TRACE": str(self.trace), "DISK_MATCH": match}

    def __enter__(self) -> Self:
        with self._file.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), ctypes.sizeof(Plan))
        self.plan = Plan.from_buffer(self._memory)
        self.mend()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        del self.plan  # or the memory could not be given back
        self._memory.close()

    def mend(self) -> None:
        """Everything works, and nothing ends the server."""
        plan = self.plan
        plan.kill_at_call = plan.kill_half = plan.write_fails = plan.sync_fails = plan.write_skips = plan.sync_skips = plan.write_half = 0
        plan.write_delay_us = plan.sync_delay_us = 0
        plan.room_bytes = UNLIMITED

    def kill_after(self, calls: int, *, half: bool = False) -> None:
        """End the server (SIGKILL) when it makes the n-th call from now; `half`: a write is then half done."""
        self.plan.kill_half = half
        self.plan.kill_at_call = self.plan.calls + calls

    def fail_writes(self, count: int = -1, *, code: int = errno.EIO, skip: int = 0, half: bool = False) -> None:
        """Let `skip` more writes through, then fail `count` (-1: all); `half`: the first half of each is written."""
        plan = self.plan
        plan.write_errno, plan.write_half, plan.write_skips, plan.write_fails = code, half, skip, count

    def fail_syncs(self, count: int = -1, *, code: int = errno.EIO, skip: int = 0) -> None:
        """Let `skip` more syncs through, then fail `count` (-1: all). What was written since the last sync is then lost."""
        self.plan.sync_errno, self.plan.sync_skips, self.plan.sync_fails = code, skip, count

    def fill(self, room_bytes: int) -> None:
        """Let files grow by so many bytes alone."""
        self.plan.room_bytes = room_bytes

    def slow_down(self, *, write_us: int = 0, sync_us: int = 0) -> None:
        self.plan.write_delay_us, self.plan.sync_delay_us = write_us, sync_us

    def cut_power(self, folder: Path, chance: random.Random) -> None:
        """Make the files of `folder` what a power cut would have left of them; the server has been killed already.

        What was synced is there. Of what was written after, each write is there, is not, or is there in some sectors.
        What a failed sync was to write is not there (a system marks such pages clean: nobody writes them again).
        """
        for path, content in self._remains(chance).items():
            if path.parent != folder:
                continue
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
        for index in folder.glob("*-shm"):
            index.unlink()
        self._rewrite_trace(folder)

    def _rewrite_trace(self, folder: Path) -> None:
        """Begin a new trace with what is there now, as synced."""
        with self.trace.open("wb") as trace:
            for path in sorted(folder.glob(f"*{self.env['DISK_MATCH']}*")):
                name, content = bytes(path), path.read_bytes()
                trace.write(RECORD.pack(WRITE, len(name), 0, len(content)) + name + content)
                trace.write(RECORD.pack(SYNC, len(name), 0, 0) + name)

    def _remains(self, chance: random.Random) -> dict[Path, bytes | None]:
        synced: dict[Path, bytearray | None] = {}
        since: defaultdict[Path, list[tuple[int, bytes | None]]] = defaultdict(list)
        trace = memoryview(self.trace.read_bytes())
        at = 0
        while at + RECORD.size <= len(trace):
            kind, path_bytes, offset, size = RECORD.unpack_from(trace, at)
            at += RECORD.size
            path = Path(os.fsdecode(bytes(trace[at : at + path_bytes])))
            at += path_bytes
            match kind:
                case 1:  # WRITE
                    since[path].append((offset, bytes(trace[at : at + size])))
                    at += size
                case 2:  # SYNC
                    synced[path] = _written(synced.get(path), since.pop(path, []))
                case 3:  # SYNC_FAILED
                    since.pop(path, None)
                case 4:  # CUT
                    since[path].append((offset, None))
                case 5:  # REMOVE
                    since.pop(path, None)
                    synced[path] = None
                case _:  # RENAME; its folder is synced behind it
                    new = Path(os.fsdecode(bytes(trace[at : at + size])))
                    at += size
                    since[new] = since.pop(path, [])
                    synced[new], synced[path] = synced.get(path), None
        for path, changes in since.items():
            synced[path] = _written(synced.get(path), [part for change in changes for part in _some_of(change, chance)])
        return {path: None if content is None else bytes(content) for path, content in synced.items()}


def _written(content: bytearray | None, changes: list[tuple[int, bytes | None]]) -> bytearray:
    content = bytearray() if content is None else content
    for at, data in changes:
        if data is None:
            del content[at:]
            continue
        content.extend(bytes(max(0, at - len(content))))
        content[at : at + len(data)] = data
    return content


def _some_of(change: tuple[int, bytes | None], chance: random.Random) -> list[tuple[int, bytes | None]]:
    at, data = change
    fate = chance.random()
    if fate < 0.4:
        return [change]
    if fate < 0.7 or data is None:
        return []
    starts = range(0, len(data), SECTOR_BYTES)
    return [(at + start, data[start : start + SECTOR_BYTES]) for start in starts if chance.random() < 0.5]
