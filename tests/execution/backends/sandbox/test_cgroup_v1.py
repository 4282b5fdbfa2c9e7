"""Control groups of version 1, on a machine that has them."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fourhands.execution.backends.sandbox.cgroup_v1 import GroupsV1, GroupV1, find_v1
from fourhands.execution.backends.sandbox.cgroups import read_mounts


@pytest.fixture
def groups() -> Iterator[GroupsV1]:
    found = find_v1(read_mounts()) if os.geteuid() == 0 else None
    if found is None:
        pytest.skip("needs root and control groups of version 1")
    yield found
    found.close()


def joined(group: GroupV1, command: str) -> "subprocess.Popen[bytes]":
    join = "".join(f"echo 0 > {path}; " for path in group.joins)
    return subprocess.Popen(["sh", "-c", f"{join} echo in; {command}"], stdout=subprocess.PIPE)


def test_a_group_limits_counts_and_goes(groups: GroupsV1) -> None:
    group = groups.make("run-1")
    group.limit(memory_bytes=64 << 20, processes=5, cores=0.5)
    assert (group.folders["pids"] / "pids.max").read_text() == "5\n"
    assert (group.folders["cpu"] / "cpu.cfs_quota_us").read_text() == "50000\n"
    group.limit(memory_bytes=128 << 20, processes=5, cores=0.5)
    group.limit(memory_bytes=32 << 20, processes=5, cores=0.5)
    assert (group.folders["memory"] / "memory.limit_in_bytes").read_text() == f"{32 << 20}\n"
    assert (group.folders["memory"] / "memory.kmem.tcp.limit_in_bytes").read_text() == f"{8 << 20}\n"
    process = joined(group, "head -c 5000000 /dev/zero | tail -c 4000000 >/dev/null; sleep 100")
    assert process.stdout is not None and process.stdout.readline() == b"in\n"
    assert group.processes()
    assert not group.remove()
    group.kill()
    process.wait()
    while group.processes():
        pass
    usage = group.usage()
    assert usage.cpu_seconds > 0
    assert usage.out_of_memory == 0
    group.forget_peak()
    assert group.remove()
    assert group.processes() == []
    group.kill()


def test_running_out_of_memory_is_counted(groups: GroupsV1) -> None:
    group = groups.make("run-2")
    group.limit(memory_bytes=8 << 20, processes=10, cores=1)
    process = joined(group, "head -c 50000000 /dev/zero | tail -c 50000000 >/dev/null")
    assert process.wait() == 128 + 9
    assert group.usage().out_of_memory == 1
    assert group.usage().peak_bytes > 6 << 20
    assert group.remove()


def test_what_a_killed_server_left_is_swept(groups: GroupsV1) -> None:
    places = [place.with_name("fourhands-999999999-1") for place in groups._places.values()]
    left = GroupV1({name: place / "run-7" for name, place in zip(groups._places, places, strict=True)})
    for folder in left.folders.values():
        folder.mkdir(parents=True)
    process = joined(left, "sleep 1000")
    assert process.stdout is not None and process.stdout.readline() == b"in\n"
    assert groups.sweep() >= 1  # other servers may have been killed on this machine meanwhile
    assert process.wait() == -9
    assert not any(place.exists() for place in places)
    assert all(place.exists() for place in groups._places.values())


def test_all_runs_together_give_way_to_everything_else_where_that_is_wanted(groups: GroupsV1) -> None:
    place = groups._places["cpu"]
    if not (place / "cpu.idle").exists():
        pytest.skip("needs Linux 5.15")
    assert (place / "cpu.idle").read_text() == "0\n"
    groups.yield_processors()
    assert (place / "cpu.idle").read_text() == "1\n"
    group = groups.make("run-5")
    group.limit(memory_bytes=8 << 20, processes=5, cores=1)
    assert joined(group, "true").wait() == 0
    assert group.remove()


def test_without_the_right_to_write_there_are_none() -> None:
    assert find_v1([]) is None
    mounts = [mount for mount in read_mounts() if mount.version == 1]
    assert find_v1([mount for mount in mounts if "pids" not in mount.controllers]) is None
    assert not list(Path("/sys/fs/cgroup").glob(f"*/fourhands-{os.getpid()}-*"))


def test_all_runs_together_weigh_as_much_as_one_process_beside_them(groups: GroupsV1) -> None:
    one, two = (groups.make(f"run-{number}").folders["cpu"] for number in (3, 4))
    assert one.parent == two.parent
    assert (one.parent / "cpu.shares").read_text() == "1024\n"
