"""Control groups of version 2. On folders that look like them; on real ones where this machine has the controllers there."""

import os
import subprocess
from pathlib import Path

import pytest

from fourhands.execution.backends.sandbox.cgroup_v2 import GroupV2, evacuate, find_v2, hand_down, may_order
from fourhands.execution.backends.sandbox.cgroups import Mount, read_mounts


def group(folder: Path, controllers: str = "cpuset cpu io memory pids", *, inner: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cgroup.controllers").write_text(controllers)
    (folder / "cgroup.subtree_control").write_text("")
    (folder / "cgroup.procs").write_text("")
    if inner:
        (folder / "cgroup.type").write_text("domain\n")
    return folder


def test_controllers_are_handed_down_where_they_are_there(tmp_path: Path) -> None:
    place = group(tmp_path)
    hand_down(place)
    assert (place / "cgroup.subtree_control").read_text() == "+cpu +memory +pids"
    (place / "cgroup.subtree_control").write_text("cpu memory pids")
    hand_down(place)
    assert (place / "cgroup.subtree_control").read_text() == "cpu memory pids"


def test_without_memory_there_is_no_place(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="memory"):
        hand_down(group(tmp_path, "cpu pids hugetlb"))
    assert find_v2([Mount(tmp_path, 2, frozenset(), tmp_path)]) is None


def test_only_the_top_and_our_own_units_are_ours_to_order(tmp_path: Path) -> None:
    top, scope, alien = group(tmp_path), group(tmp_path / "user" / "fourhands-runner-7.scope"), group(tmp_path / "user" / "terminal.scope")
    assert may_order(top, top)
    assert may_order(scope, top)
    assert not may_order(alien, top)
    assert not may_order(tmp_path / "missing", top)


def test_processes_move_out_of_the_way(tmp_path: Path) -> None:
    place = group(tmp_path)
    evacuate(place)
    assert not (place / "server").exists()
    (place / "cgroup.procs").write_text("12\n")
    (place / "server").mkdir()
    evacuate(place)
    assert (place / "server" / "cgroup.procs").read_text() == "12"
    root = group(tmp_path / "root", inner=False)
    (root / "cgroup.procs").write_text("12\n")
    evacuate(root)
    assert not (root / "server").exists()


def test_limits_and_counts_are_those_of_the_kernels_files(tmp_path: Path) -> None:
    made = GroupV2(group(tmp_path))
    for name in ("memory.swap.max", "memory.oom.group", "cpu.max", "cgroup.kill"):
        (tmp_path / name).write_text("")
    made.limit(memory_bytes=1000, processes=7, cores=1.5)
    read = {name: (tmp_path / name).read_text() for name in ("memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cpu.max")}
    assert read == {"memory.max": "1000", "memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "7", "cpu.max": "150000 100000"}
    (tmp_path / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    (tmp_path / "memory.peak").write_text("4096\n")
    (tmp_path / "memory.events").write_text("oom 2\noom_kill 1\n")
    usage = made.usage()
    assert (usage.cpu_seconds, usage.peak_bytes, usage.out_of_memory) == (1.5, 4096, 1)
    made.kill()
    assert (tmp_path / "cgroup.kill").read_text() == "1"
    made.forget_peak()


def test_a_real_group_limits_counts_and_goes() -> None:
    groups = find_v2(read_mounts()) if os.geteuid() == 0 else None
    if groups is None:
        pytest.skip("needs control groups of version 2 with memory and pids")
    made = groups.make("run-1")
    made.limit(memory_bytes=16 << 20, processes=10, cores=1)
    process = subprocess.Popen(["sh", "-c", f"echo 0 > {made.joins[0]}; head -c 80000000 /dev/zero | tail -c 80000000 >/dev/null"])
    assert process.wait() == -9
    ran_out = made.usage().out_of_memory  # each process of the group that was killed counts
    while not made.remove():
        made.kill()
    groups.close()
    assert ran_out >= 1
