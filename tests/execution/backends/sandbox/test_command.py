"""What bubblewrap is asked for; what comes of it is tried in tests/execution/hostile."""

import platform

import pytest

from fourhands.errors import Unavailable
from fourhands.execution.backends.sandbox import command
from fourhands.execution.backends.sandbox.command import FILTER, LEAST_OPEN_FILES, Launch, compose, environment_of, resource_limits
from fourhands.execution.port import Limits, SourceFile, Toolchain

TOOLCHAIN = Toolchain(
    language="x", version="1", run="exec x", environment={"A": "b"}, binds=("/etc/x", "/srv/y:/opt/y"), support=(SourceFile("/opt/s.py", b"s"),)
)


def composed(*, terminal: bool = False) -> Launch:
    return compose(
        "/usr/bin/bwrap", TOOLCHAIN, (SourceFile("a/b.c", b"int"),), Limits(disk_bytes=12345), payload=("-c", "true", "sh", "--x"), terminal=terminal
    )


def pairs(launch: Launch) -> list[tuple[str, ...]]:
    return [launch.argv[place : place + 3] for place in range(len(launch.argv))]


def test_every_namespace_is_the_sandboxs_own() -> None:
    assert {f"--unshare-{name}" for name in ("user", "pid", "net", "ipc", "uts", "cgroup")} <= set(composed().argv)


def test_nothing_of_the_machine_is_bound_for_writing() -> None:
    assert not {"--bind", "--dev-bind", "--bind-try", "--dev-bind-try", "--share-net"} & set(composed().argv)


def test_every_file_system_in_memory_has_a_size_and_everything_else_is_read_only() -> None:
    argv = composed().argv
    for place, word in enumerate(argv):
        if word == "--tmpfs":
            assert "--size" in argv[max(place - 4, 0) : place]
    assert argv.count("12345") == 2
    assert [argv[place + 1] for place, word in enumerate(argv) if word == "--remount-ro"] == ["/proc/1", "/dev", "/"]


def test_files_are_handed_over_open() -> None:
    launch = composed()
    numbers = {argv[2]: int(argv[1]) for argv in pairs(launch) if argv[0] == "--file"}
    assert launch.contents[numbers["/box/a/b.c"]] == b"int"
    assert launch.contents[numbers["/opt/s.py"]] == b"s"
    assert set(launch.contents) == {*numbers.values(), FILTER}


def test_a_toolchains_binds_come_after_the_file_systems_that_they_lie_in() -> None:
    found = pairs(composed())
    assert found.index(("--ro-bind-try", "/srv/y", "/opt/y")) > found.index(("--tmpfs", "/tmp", "--size"))
    assert ("--ro-bind-try", "/etc/x", "/etc/x") in found


def test_the_environment_is_made_of_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    assert "SECRET_KEY" not in environment_of(TOOLCHAIN, terminal=False)
    assert environment_of(TOOLCHAIN, terminal=False)["A"] == "b"
    assert environment_of(TOOLCHAIN, terminal=True)["TERM"] == "xterm-256color"
    assert composed().environment == {"PATH": "/usr/bin:/bin"}
    assert "--clearenv" in composed().argv


def test_arguments_of_the_program_stay_its_own() -> None:
    assert composed().argv[-5:] == ("/run/fourhands/sh", "-c", "true", "sh", "--x")
    assert composed(terminal=True).argv[-7:-4] == ("/usr/bin/setsid", "-c", "/run/fourhands/sh")


def test_a_crash_starts_no_program_of_the_machine() -> None:
    limits = {name: (soft, hard) for name, soft, hard in resource_limits(Limits(open_files=10))}
    assert limits["RLIMIT_CORE"] == (1, 1)
    assert limits["RLIMIT_NOFILE"] == (LEAST_OPEN_FILES, LEAST_OPEN_FILES)


def test_a_processor_without_a_filter_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(Unavailable, match="riscv64"):
        command.current_filter()
