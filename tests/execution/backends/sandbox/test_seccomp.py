"""What the filter says of each call, on each processor; `tests/execution/hostile` asks the kernel."""

import errno

import pytest

from fourhands.execution.backends.sandbox.seccomp import ALLOW, KILL_PROCESS, build_filter, refuse
from fourhands.execution.backends.sandbox.syscalls import ARCHITECTURES, LAST_KNOWN, Architecture
from tests.execution.backends.sandbox.bpf import verdict_of

BOTH = pytest.mark.parametrize("machine", ARCHITECTURES.values(), ids=ARCHITECTURES)
I386, ARM = 0x40000003, 0x40000028


@BOTH
def test_what_is_denied_fails_and_the_rest_passes(machine: Architecture) -> None:
    program = build_filter(machine)
    special = {machine.clone3, *machine.denied.values(), *machine.needless.values()}
    for number in range(LAST_KNOWN + 1):
        says = verdict_of(program, number, machine.audit, 1, 0)
        if number in machine.denied.values():
            assert says == refuse(errno.EPERM)
        elif number in machine.needless.values():
            assert says == refuse(0)
        elif number not in special:
            assert says == ALLOW
    assert len(machine.denied) >= 55


@BOTH
def test_calls_of_a_foreign_abi_kill(machine: Architecture) -> None:
    program = build_filter(machine)
    for audit in {I386, ARM, *(other.audit for other in ARCHITECTURES.values())} - {machine.audit}:
        assert verdict_of(program, 1, audit) == KILL_PROCESS
    if machine.foreign_bit:
        assert verdict_of(program, machine.foreign_bit | 39, machine.audit) == KILL_PROCESS
        assert verdict_of(program, 0xFFFFFFFF, machine.audit) == KILL_PROCESS


@BOTH
def test_calls_of_the_future_do_not_exist(machine: Architecture) -> None:
    program = build_filter(machine)
    assert verdict_of(program, LAST_KNOWN, machine.audit) == ALLOW
    assert verdict_of(program, LAST_KNOWN + 1, machine.audit) == refuse(errno.ENOSYS)
    assert verdict_of(program, machine.clone3, machine.audit) == refuse(errno.ENOSYS)


@BOTH
def test_no_namespace_is_made_but_threads_and_forks_are(machine: Architecture) -> None:
    program = build_filter(machine)
    thread, fork = 0x3D0F00, 0x01200011
    for flags in (thread, fork, 17, 0xFF):
        assert verdict_of(program, machine.clone, machine.audit, flags) == ALLOW
    for flag in (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        for high in (0, 1 << 32, 0xFFFFFFFF << 32):
            assert verdict_of(program, machine.clone, machine.audit, flag | 17 | high) == refuse(errno.EPERM)


@BOTH
def test_nothing_is_typed_into_a_terminal_whatever_the_upper_half_says(machine: Architecture) -> None:
    program = build_filter(machine)
    for request in (0x5412, 0x541C, 0x5423):
        for high in (0, 1 << 32, 0xDEADBEEF << 32):
            assert verdict_of(program, machine.ioctl, machine.audit, 0, request | high) == refuse(errno.EPERM)
    for request in (0x5401, 0x5413, 0x541B, 0x5414):
        assert verdict_of(program, machine.ioctl, machine.audit, 0, request) == ALLOW


@BOTH
def test_sockets_are_of_three_families(machine: Architecture) -> None:
    program = build_filter(machine)
    for number in (machine.socket, machine.socketpair):
        for family in range(64):
            for high in (0, 1 << 32):
                expected = ALLOW if family in {1, 2, 10} else refuse(errno.EAFNOSUPPORT)
                assert verdict_of(program, number, machine.audit, family | high, 1) == expected


@BOTH
def test_sockets_of_the_internet_are_of_its_usual_protocols(machine: Architecture) -> None:
    program = build_filter(machine)
    stream, datagram, flags = 1, 2, 0o2004000
    for number in (machine.socket, machine.socketpair):
        for family in (2, 10):
            for kind in range(16):
                for protocol in (*range(64), 132, 136, 255, 262, 1 << 16):
                    allowed = {stream: {0, 6}, datagram: {0, 17, 1, 58}}.get(kind)
                    refused = refuse(errno.ESOCKTNOSUPPORT if allowed is None else errno.EPROTONOSUPPORT)
                    expected = ALLOW if allowed and protocol in allowed else refused
                    assert verdict_of(program, number, machine.audit, family, kind | flags, protocol) == expected
        assert verdict_of(program, number, machine.audit, 1, 5, 0) == ALLOW


@BOTH
def test_no_memory_is_of_the_machines_pool_of_large_pages(machine: Architecture) -> None:
    program = build_filter(machine)
    for flags, expected in ((0x22, ALLOW), (0x4022, ALLOW), (0x40022, refuse(errno.EPERM)), (0x54040022, refuse(errno.EPERM))):
        assert verdict_of(program, machine.mmap, machine.audit, 0, 1 << 21, 3, flags) == expected
    for flags, expected in ((3, ALLOW), (4, refuse(errno.EPERM)), (0x54000007, refuse(errno.EPERM))):
        assert verdict_of(program, machine.memfd_create, machine.audit, 0, flags) == expected
    for flags, expected in ((0o1666, ALLOW), (0o5666, refuse(errno.EPERM))):
        assert verdict_of(program, machine.shmget, machine.audit, 0, 4096, flags) == expected


@BOTH
@pytest.mark.parametrize("rule", ["ptrace", "clone3", "namespaces", "ioctl", "prctl", "pool", "socket", "protocols", "foreign", "future"])
def test_a_rule_left_out_is_gone_and_it_alone(machine: Architecture, rule: str) -> None:
    calls = {
        "ptrace": (machine.denied["ptrace"], machine.audit),
        "clone3": (machine.clone3, machine.audit),
        "namespaces": (machine.clone, machine.audit, 0x10000000),
        "ioctl": (machine.ioctl, machine.audit, 0, 0x5412),
        "prctl": (machine.prctl, machine.audit, 62),
        "pool": (machine.mmap, machine.audit, 0, 4096, 3, 0x40000),
        "socket": (machine.socket, machine.audit, 40),
        "protocols": (machine.socket, machine.audit, 2, 1, 132),
        "foreign": (1, I386),
        "future": (LAST_KNOWN + 1, machine.audit),
    }
    program = build_filter(machine, without=[rule])
    assert {name for name, call in calls.items() if verdict_of(program, *call) == ALLOW} == {rule}
