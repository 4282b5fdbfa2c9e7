"""What each protection is for: taken away alone, the program that it stops gets further.

Every case is seen twice: with everything in place the program is contained (here, and in test_corpus.py), without the
protection it is not. The table of docs/security.md lists the same cases (a test compares them).
"""

import ctypes
import os
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from fourhands.execution.backends.sandbox import sandbox as sandbox_module
from fourhands.execution.backends.sandbox.cgroup_v1 import GroupV1
from fourhands.execution.backends.sandbox.cgroup_v2 import GroupV2
from fourhands.execution.backends.sandbox.command import FILTER, Change, Launch
from fourhands.execution.backends.sandbox.run import SandboxRun
from fourhands.execution.backends.sandbox.seccomp import build_filter
from fourhands.execution.backends.sandbox.syscalls import ARCHITECTURES
from fourhands.execution.port import Job, Limits
from tests.execution.backends.sandbox.test_launcher import NEXT, started, wait_for
from tests.execution.hostile.corpus import program
from tests.execution.languages.samples import open_folder
from tests.execution.sandboxes import SHELL, checked_backend, job, needs_sandbox, processes_of, processes_of_users, run_job, weakened_backend

pytestmark = needs_sandbox
ROOT = Path(__file__).parents[3]
KEY = 0x46480000 + os.getpid() % 0xFFFF
GROUPS = (GroupV1, GroupV2)


WEAK_SERVER = """
import asyncio
from tests.execution.hostile.test_protections import words
from tests.execution.sandboxes import job, until, weakened_backend
async def main():
    async with weakened_backend(words("--die-with-parent")) as backend:
        run = await backend.start(job("sh", "echo x; sleep 1000"))
        await until(run.__aiter__(), "x")
        print(*backend._place.slots._locks, flush=True)
        await asyncio.sleep(1000)
asyncio.run(main())
"""


def words(*found: str, instead: tuple[str, ...] = ()) -> Change:
    """Bubblewrap's arguments without these, or with others in their place."""

    def change(launch: Launch) -> Launch:
        for place in range(len(launch.argv)):
            if launch.argv[place : place + len(found)] == found:
                return replace(launch, argv=(*launch.argv[:place], *instead, *launch.argv[place + len(found) :]))
        raise AssertionError(f"not there: {found}")

    return change


def rule(name: str) -> Change:
    """The filter without a rule."""
    content = build_filter(ARCHITECTURES[platform.machine()], without=[name])
    return lambda launch: replace(launch, contents={**launch.contents, FILTER: content})


def limit(name: str) -> Change:
    """Without a limit for each process."""
    return lambda launch: replace(launch, limits=tuple(entry for entry in launch.limits if entry[0] != name))


def together(*changes: Change) -> Change:
    def change(launch: Launch) -> Launch:
        for one in changes:
            launch = one(launch)
        return launch

    return change


@dataclass(frozen=True)
class Case:
    """A protection, how it is taken away, and the program that gets further then. `says`: what it says then."""

    protection: str
    change: Change
    hostile: str
    says: str = "ESCAPED"


CASES = [
    Case("process namespace", words("--unshare-pid"), "processes.py"),
    Case("network namespace", words("--unshare-net"), "network.py"),
    Case("IPC namespace", words("--unshare-ipc"), "ipc.py"),
    Case("control group namespace", words("--unshare-cgroup"), "groups.py"),
    Case("host name namespace", together(words("--unshare-uts"), words("--hostname", "sandbox")), "clock.py"),
    Case("/proc/1 covered", words("--size", "4096", "--tmpfs", "/proc/1", "--remount-ro", "/proc/1"), "init.py"),
    Case("own environment", lambda launch: replace(words("--clearenv")(launch), environment={"PATH": "/usr/bin:/bin", "SECRET_KEY": "x"}), "environment.py"),
    Case("root read-only", words("--remount-ro", "/", "--chdir", instead=("--chdir",)), "files_of_machine.py"),
    Case("/dev read-only", words("--remount-ro", "/dev"), "files_of_machine.py"),
    Case("sizes of file systems", words("--size", str(32 << 20), "--perms", "1777", instead=("--perms", "1777")), "disk_of_tmp.py"),
    Case("size of /dev/shm", words("--size", str(16 << 20)), "disk_of_shm.py"),
    Case("shell that may not be read", words("--perms", "0111", instead=("--perms", "0555")), "forged_stage.build"),
    Case("filter: each of its calls", rule("keyctl"), "calls.py", "looked at keyctl"),
    Case("filter: ptrace", rule("ptrace"), "calls.py", "looked at ptrace"),
    Case("filter: io_uring", rule("io_uring_setup"), "calls.py", "looked at io_uring_setup"),
    Case("filter: bpf", rule("bpf"), "calls.py", "looked at bpf"),
    Case("filter: mount", rule("mount"), "calls.py", "looked at mount"),
    Case("filter: keyrings", rule("add_key"), "calls.py", "looked at add_key"),
    Case("filter: unshare", rule("unshare"), "calls.py", "looked at unshare"),
    Case("no namespaces inside (behind the filter)", together(rule("unshare"), words("--disable-userns")), "calls.py", "looked at unshare 0"),
    Case("filter: flags of clone", rule("namespaces"), "calls.py", "clone with"),
    Case("filter: clone3", rule("clone3"), "calls.py", "clone3 is there"),
    Case("filter: kinds of sockets", rule("socket"), "sockets.py", "family 40"),
    Case("filter: protocols of sockets", rule("protocols"), "protocols.py"),
    Case("filter: asynchronous requests", rule("io_setup"), "machine_wide.py", "asynchronous"),
    Case("filter: writing of disks", rule("sync"), "machine_wide.py", "all disks"),
    Case("filter: writing of a disk's cache", rule("fsync"), "machine_wide.py", "cache written"),
    Case("filter: slices of the processor", rule("sched_setattr"), "machine_wide.py", "go first"),
    Case("filter: choice of processors", rule("sched_setaffinity"), "machine_wide.py", "left to others"),
    Case("filter: sharing of cores", rule("prctl"), "machine_wide.py", "sharing a core"),
    Case("filter: large pages", rule("pool"), "machine_wide.py", "large pages"),
    Case("filter: typing into a terminal", rule("ioctl"), "terminal_input.py"),
    Case("filter: foreign ABIs (x32)", rule("foreign"), "x32_abi.c"),
    Case("limit of open files", limit("RLIMIT_NOFILE"), "descriptors_flood.py", r"ESCAPED|refused at \d{4,}"),
    Case("limit of core dumps", limit("RLIMIT_CORE"), "priorities.py", "dumps core"),
    Case("limit of locked memory", limit("RLIMIT_MEMLOCK"), "memory_lock.py"),
    Case("limit of message queues", limit("RLIMIT_MSGQUEUE"), "message_queues.py"),
]


def told(name: str) -> Job:
    """A hostile program's job, with the key of shared memory that it may look for."""
    return msgspec.structs.replace(program(name).job(), args=(str(KEY),))


@pytest.fixture
def shared_memory() -> Iterator[None]:
    """Shared memory of this machine that anybody may look at."""
    libc = ctypes.CDLL(None)
    made = libc.shmget(KEY, 4096, 0o1666)
    yield
    libc.shmctl(made, 0, None)


@pytest.mark.usefixtures("shared_memory")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.protection)
async def test_without_it_a_program_gets_further(case: Case) -> None:
    if "x32" in case.protection and platform.machine() != "x86_64":
        pytest.skip("x32 is an ABI of x86_64")
    async with weakened_backend(case.change) as backend:
        said = await run_job(backend, told(case.hostile))
    assert re.search(case.says, said.text), (said.text, said.events[-1])


@pytest.mark.usefixtures("shared_memory")
async def test_with_everything_in_place_none_of_them_does() -> None:
    async with checked_backend() as backend:
        for name in sorted({case.hostile for case in CASES}):
            assert "ESCAPED" not in (await run_job(backend, told(name))).text, name


@pytest.fixture
def open_path() -> Iterator[Path]:
    """One that users without rights may enter."""
    with open_folder() as folder:
        yield folder


async def test_without_a_user_of_its_own_files_of_root_are_read(open_path: Path) -> None:
    secret = open_path / "secret"
    secret.write_text("of root")
    secret.chmod(0o600)
    toolchain = msgspec.structs.replace(SHELL, binds=(f"{secret}:/opt/secret",))
    wanted = job("sh", "cat /opt/secret")
    async with checked_backend(toolchain) as backend:
        assert "Permission denied" in (await run_job(backend, wanted)).errors
    async with weakened_backend(lambda launch: replace(launch, own_user=False), toolchain) as backend:
        assert (await run_job(backend, wanted)).output == "of root"


@pytest.mark.parametrize(
    ("more", "source", "held"),
    [
        ({"memory_bytes": 1 << 30}, "x = b'1' * (200 << 20); print('ESCAPED')", "memory_limit"),
        ({"processes": 500}, "import os, time\nfor _ in range(200):\n    os.fork() or (time.sleep(20), os._exit(0))\nprint('ESCAPED')", "error"),
    ],
    ids=["memory", "processes"],
)
async def test_without_its_group_a_program_takes_more(monkeypatch: pytest.MonkeyPatch, more: dict[str, float], source: str, held: str) -> None:
    async with checked_backend() as backend:
        limits = Limits(memory_bytes=64 << 20)
        contained = await run_job(backend, job("python", source, limits=limits))
        assert contained.status == held and "ESCAPED" not in contained.output
        for kind in GROUPS:
            monkeypatch.setattr(kind, "limit", lambda self, kept=kind.limit, **given: kept(self, **{**given, **more}))
        assert "ESCAPED" in (await run_job(backend, job("python", source, limits=limits))).output


async def test_without_clocks_a_program_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with checked_backend() as backend:
        sleeping = job("sh", "sleep 1; echo awake", limits=Limits(wall_seconds=0.3))
        spinning = job("python", "import time\nwhile time.process_time() < 1: pass\nprint('done')", limits=Limits(cpu_seconds=0.3))
        assert [(await run_job(backend, one)).status for one in (sleeping, spinning)] == ["wall_time", "cpu_time"]
        monkeypatch.setattr(SandboxRun, "_clock", lambda _: None)
        monkeypatch.setattr(SandboxRun, "_watch", lambda _: None)
        assert [(await run_job(backend, one)).status for one in (sleeping, spinning)] == ["ok", "ok"]


async def test_without_killing_by_group_and_with_init_a_daemon_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_module, "DYING_SECONDS", 0.3)
    for stays in (False, True):
        if stays:
            for kind in GROUPS:
                monkeypatch.setattr(kind, "kill", lambda _: None)
        async with weakened_backend(words("--die-with-parent")) as backend:
            assert backend._place is not None
            await run_job(backend, program("daemon.py").job())
            assert bool(processes_of(backend)) is stays
            assert bool(set(backend._place.slots._locks) - set(backend._place.slots._free)) is stays  # its user id is nobody's again only if nothing stayed


async def test_without_the_death_signal_programs_outlive_a_killed_server_until_the_next_sweeps() -> None:
    server = started(WEAK_SERVER)
    assert server.stdout is not None
    uids = set(map(int, server.stdout.readline().split()))
    server.kill()
    server.wait()
    assert processes_of_users(uids)
    assert started(NEXT).wait() == 0
    wait_for(lambda: not processes_of_users(uids))


def test_the_table_of_the_documents_is_this_one() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    assert [case.protection for case in CASES if f"| {case.protection} |" not in text] == []
