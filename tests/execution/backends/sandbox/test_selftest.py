"""What is not bubblewrap, does not contain, or cannot be limited is refused with a sentence and its mend, and nothing runs."""

import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fourhands.errors import Unavailable
from fourhands.execution.backends.sandbox import selftest
from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.backends.sandbox.cgroup_v1 import GroupsV1
from fourhands.execution.backends.sandbox.cgroup_v2 import GroupsV2
from fourhands.execution.backends.sandbox.command import FILTER, Launch
from fourhands.execution.backends.sandbox.options import SandboxOptions
from fourhands.execution.backends.sandbox.seccomp import build_filter
from fourhands.execution.backends.sandbox.syscalls import ARCHITECTURES
from fourhands.execution.port import Check, Health
from tests.execution.languages.samples import open_folder
from tests.execution.sandboxes import TOOLCHAINS, job, needs_sandbox

pytestmark = needs_sandbox

FAKE = """#!/bin/sh
# Says that it is bubblewrap and runs its arguments as they are.
[ "$1" = --version ] && { echo "bubblewrap 0.11.0"; exit; }
while [ "$1" != -- ]; do shift; done
shift 2
exec /bin/sh "$@"
"""


async def checked(options: SandboxOptions, change: Callable[[Launch], Launch] = lambda launch: launch) -> Health:
    """What a check says; and that nothing runs after one that failed."""
    backend = SandboxBackend(TOOLCHAINS, options, change=change)
    try:
        health = await backend.check()
        if not health.ok:
            assert health.sentence.endswith(".") and health.mend
            assert backend.runtimes() == ()
            with pytest.raises(Unavailable) as refused:
                await backend.start(job("python", "print(1)"))
            assert health.sentence in str(refused.value) and health.mend in str(refused.value)
        return health
    finally:
        await backend.close()


async def test_this_machine_holds_what_it_promises() -> None:
    health = await checked(SandboxOptions(warm=0))
    assert health.ok, health
    assert len(health.checks) >= 18
    assert all(check.ok for check in health.checks)


async def test_nothing_runs_before_the_first_check() -> None:
    backend = SandboxBackend(TOOLCHAINS, SandboxOptions())
    with pytest.raises(Unavailable, match="not tried yet"):
        await backend.start(job("python", "print(1)"))
    await backend.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone starts programs as other users")
async def test_a_bubblewrap_that_only_root_may_run_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    bwrap = tmp_path / "bwrap"
    bwrap.write_text("#!/bin/sh\necho bubblewrap 0.9.0\n")
    bwrap.chmod(0o755)
    health = await checked(SandboxOptions(bwrap=str(bwrap), warm=0))
    assert not health.ok
    assert "Permission denied" in health.sentence
    assert "users without rights" in health.mend


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """One that users without rights may enter."""
    with open_folder() as folder:
        yield folder


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (None, "was not found"),
        ("#!/bin/sh\nexit 0\n", "is not bubblewrap"),
        ("#!/bin/sh\necho bubblewrap 0.7.2\n", "too old: 0.8 or newer"),
        ("#!/nonexistent/interpreter\n", "cannot be run"),
        (
            '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.9.0 || { echo "bwrap: setting up uid map: Permission denied" >&2; exit 1; }\n',
            "Permission denied",
        ),
        ('#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.9.0 || exit 0\n', "does not start a sandbox here"),
        (FAKE, "A program"),
    ],
    ids=["missing", "another program", "too old", "broken", "forbidden", "does nothing", "a fake that runs its arguments"],
)
async def test_a_bubblewrap_that_will_not_do_is_refused(tmp_path: Path, script: str | None, sentence: str) -> None:
    bwrap = tmp_path / "bwrap"
    if script is not None:
        bwrap.write_text(script)
        bwrap.chmod(0o755)
    health = await checked(SandboxOptions(bwrap=str(bwrap), warm=0))
    assert not health.ok
    assert sentence in health.sentence, health.sentence


def without(*words: str) -> Callable[[Launch], Launch]:
    """Takes words out of bubblewrap's arguments."""

    def change(launch: Launch) -> Launch:
        text = "\0".join(launch.argv).replace("\0".join(words) + "\0", "", 1)
        assert text != "\0".join(launch.argv)
        return replace(launch, argv=tuple(text.split("\0")))

    return change


def unfiltered(launch: Launch) -> Launch:
    content = build_filter(ARCHITECTURES[platform.machine()], without=["keyctl"])
    return replace(launch, contents={**launch.contents, FILTER: content})


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (without("--unshare-net"), "network"),
        (without("--unshare-pid"), "processes"),
        (without("--remount-ro", "/"), "read-only"),
        (without("--seccomp", str(FILTER)), "filter"),
        (unfiltered, "calls"),
    ],
    ids=["network", "processes", "read-only", "filter", "a rule of the filter"],
)
async def test_a_protection_that_is_missing_turns_it_off(change: Callable[[Launch], Launch], name: str) -> None:
    health = await checked(SandboxOptions(warm=0), change)
    assert not health.ok
    assert next(check for check in health.checks if not check.ok).name == name


@pytest.mark.parametrize(
    ("name", "found", "sentence"),
    [
        ("check_machine", Check("architecture", False, "There is no sandbox for Linux on riscv64.", "x"), "riscv64"),
        ("check_user_namespaces", Check("user namespaces", False, "This machine forbids user namespaces.", "x"), "forbids"),
    ],
)
async def test_what_the_machine_lacks_is_said(monkeypatch: pytest.MonkeyPatch, name: str, found: Check, sentence: str) -> None:
    monkeypatch.setattr(selftest, name, lambda: found)
    health = await checked(SandboxOptions(warm=0))
    assert sentence in health.sentence


async def test_programs_give_way_to_everything_else_where_that_is_wanted_and_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()
    monkeypatch.setattr(GroupsV1, "yield_processors", lambda groups: asked.append(f"version {groups.version}"))
    monkeypatch.setattr(GroupsV2, "yield_processors", GroupsV1.yield_processors)
    for idle in (False, True):
        made = SandboxBackend(TOOLCHAINS, SandboxOptions(warm=0, forks=0, idle=idle))
        assert made._open().ok
        assert len(asked) == idle
        await made.close()

    def cannot(groups: GroupsV1) -> None:
        raise FileNotFoundError("no cpu.idle")

    monkeypatch.setattr(GroupsV1, "yield_processors", cannot)
    monkeypatch.setattr(GroupsV2, "yield_processors", cannot)
    made = SandboxBackend(TOOLCHAINS, SandboxOptions(warm=0, forks=0, idle=True))
    assert made._open().ok
    await made.close()


async def test_without_control_groups_it_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "read_mounts", list)
    health = await checked(SandboxOptions(warm=0))
    assert "control groups are needed" in health.sentence
    assert "systemd" in health.mend


def test_the_processor_and_namespaces_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    assert selftest.check_machine().ok
    assert selftest.check_user_namespaces().ok
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert "riscv64" in selftest.check_machine().sentence


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ("A sandbox could not be started: PermissionError: [Errno 13] Permission denied: '/opt/bwrap'.", "users without rights"),
        ("bwrap: setting up uid map: Permission denied", "AppArmor"),
        ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", "network namespaces"),
        ("what?", "FOURHANDS_BWRAP"),
    ],
)
def test_bubblewraps_words_lead_to_the_mend(said: str, mend: str) -> None:
    assert mend in selftest._mend_of(said)
