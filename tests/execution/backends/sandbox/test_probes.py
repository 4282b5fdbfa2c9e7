"""Each promise that a look from inside breaks is said, and said alone."""

import msgspec
import pytest

from fourhands.execution.backends.sandbox.probes import Look, checks_of_look

CONTAINED = Look(
    pids=2,
    seccomp=2,
    no_new_privileges=1,
    capabilities=[],
    uid=1000,
    groups=[1000],
    environment=["HOME", "PATH"],
    host_file=2,
    shadow=2,
    root_writable=30,
    usr_writable=30,
    loopback=111,
    abstract=111,
    interfaces=["lo"],
    vsock=97,
    unshare=1,
    keyctl=1,
    ptrace=1,
    io_uring=1,
    bpf=1,
)


def broken(look: Look, *, heard: bool = False) -> list[str]:
    checks = list(checks_of_look(look, heard=heard))
    assert all(bool(check.mend) != check.ok and check.sentence.endswith(".") for check in checks)
    return [check.name for check in checks if not check.ok]


def test_what_is_contained_passes() -> None:
    assert broken(CONTAINED) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"pids": 200}, "processes"),
        ({"host_file": 0}, "files"),
        ({"shadow": 0}, "files"),
        ({"root_writable": 0}, "read-only"),
        ({"usr_writable": 0}, "read-only"),
        ({"environment": ["SECRET_KEY"]}, "environment"),
        ({"loopback": 0}, "network"),
        ({"interfaces": ["eth0", "lo"]}, "network"),
        ({"abstract": 0}, "abstract sockets"),
        ({"uid": 0}, "user"),
        ({"groups": [0, 1000]}, "user"),
        ({"capabilities": ["1ffffffffff"]}, "capabilities"),
        ({"no_new_privileges": 0}, "privileges"),
        ({"seccomp": 0}, "filter"),
        ({"unshare": 0}, "calls"),
        ({"unshare": 28}, "calls"),
        ({"vsock": 0}, "calls"),
        ({"keyctl": 38}, "calls"),
        ({"ptrace": 0}, "calls"),
        ({"io_uring": 14}, "calls"),
        ({"bpf": 7}, "calls"),
    ],
)
def test_what_is_not_is_said(change: dict[str, object], name: str) -> None:
    assert broken(msgspec.structs.replace(CONTAINED, **change)) == [name]


def test_being_heard_outside_counts_whatever_the_program_says() -> None:
    assert broken(CONTAINED, heard=True) == ["network"]
