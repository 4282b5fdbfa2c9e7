"""The filter that every system call of a payload passes: classic BPF, assembled here. Pure; `command` hands it to bubblewrap.

It lets everything pass but what reaches past the sandbox or is a wide and seldom needed part of the kernel. It is the
second wall: namespaces, a user id without rights and control groups stand without it.

The layout of `struct seccomp_data`: nr at 0, arch at 4, instruction pointer at 8, six 64-bit arguments from 16. Arguments
are compared by their low 32 bits, which is what the kernel takes of an `int` or `unsigned int`: a comparison of all 64
is passed by setting the others (CVE-2019-10063).
"""

import errno
import struct
from collections.abc import Collection, Mapping

from fourhands.execution.backends.sandbox.syscalls import LAST_KNOWN, Architecture

LOAD, AND, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_SET, RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
NR, ARCH, FIRST, SECOND, THIRD, FOURTH = 0, 4, 16, 24, 32, 40
ALLOW, KILL_PROCESS, DONE = 0x7FFF0000, 0x80000000, 0x00050000
NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. (In `clone`, 0x80 is a signal, not NEWTIME.)"""
TIOCSTI, TIOCLINUX, TIOCSETD = 0x5412, 0x541C, 0x5423
"""Put characters into a terminal's input; paste into a console's; give it another line discipline, for which the kernel loads modules."""
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
SOCKET_KIND = 0xF
"""What of a socket's kind is no flag."""
PROTOCOLS = {1: (0, 6), 2: (0, 17, 1, 58)}
"""By SOCK_STREAM and SOCK_DGRAM: TCP; UDP and the two ICMP. For any other the kernel has the machine load a module, outside of every group."""
MAP_HUGETLB, MFD_HUGETLB, SHM_HUGETLB = 0x40000, 4, 0o4000
"""Memory of a pool that all of the machine shares, and that no limit of memory counts."""
PR_SCHED_CORE = 62
"""Keeps others from running on the other half of a core."""


def refuse(number: int) -> int:
    """What the filter returns for a call that fails with this errno."""
    return 0x00050000 | number


def build_filter(architecture: Architecture, *, without: Collection[str] = ()) -> bytes:
    """The filter as an array of `struct sock_filter`, as `bwrap --seccomp` reads it.

    `without` leaves out the rule of that name ("ptrace", "clone3", "namespaces", "ioctl", "prctl", "pool", "socket",
    "protocols", "foreign", "future"): for tests that show what each rule is for. Nothing in the product passes it.
    """
    program = _Program()
    program.add(LOAD, ARCH)
    if "foreign" not in without:
        program.add(JUMP_EQUAL, architecture.audit, 1, 0)
        program.add(RETURN, KILL_PROCESS)
    program.add(LOAD, NR)
    if architecture.foreign_bit and "foreign" not in without:
        program.answer_if(JUMP_GREATER_EQUAL, architecture.foreign_bit, KILL_PROCESS)
    if "future" not in without:
        program.answer_if(JUMP_GREATER_EQUAL, LAST_KNOWN + 1, refuse(errno.ENOSYS))
    if "clone3" not in without:  # its flags lie in memory, where a filter cannot look; the C library then uses clone
        program.answer_if(JUMP_EQUAL, architecture.clone3, refuse(errno.ENOSYS))
    for name, number in architecture.denied.items():
        if name not in without:
            program.answer_if(JUMP_EQUAL, number, refuse(errno.EPERM))
    for name, number in architecture.needless.items():
        if name not in without:
            program.answer_if(JUMP_EQUAL, number, DONE)
    _look_at_arguments(program, architecture, without)
    _look_at_sockets(program, architecture, without)
    program.add(RETURN, ALLOW)
    return b"".join(program.instructions)


def _look_at_arguments(program: "_Program", architecture: Architecture, without: Collection[str]) -> None:
    if "namespaces" not in without:
        program.refuse_argument(architecture.clone, FIRST, JUMP_SET, (NAMESPACES,))
    if "ioctl" not in without:
        program.refuse_argument(architecture.ioctl, SECOND, JUMP_EQUAL, (TIOCSTI, TIOCLINUX, TIOCSETD))
    if "prctl" not in without:
        program.refuse_argument(architecture.prctl, FIRST, JUMP_EQUAL, (PR_SCHED_CORE,))
    if "pool" not in without:
        program.refuse_argument(architecture.mmap, FOURTH, JUMP_SET, (MAP_HUGETLB,))
        program.refuse_argument(architecture.memfd_create, SECOND, JUMP_SET, (MFD_HUGETLB,))
        program.refuse_argument(architecture.shmget, THIRD, JUMP_SET, (SHM_HUGETLB,))


def _look_at_sockets(program: "_Program", architecture: Architecture, without: Collection[str]) -> None:
    for number in (architecture.socket, architecture.socketpair):
        if "protocols" not in without:
            for family in (AF_INET, AF_INET6):
                program.allow_protocols(number, family, PROTOCOLS)
        if "socket" not in without:
            program.allow_families(number, (AF_UNIX, AF_INET, AF_INET6))


class _Program:
    """A program that grows. Invariant: between two rules the accumulator holds the call's number."""

    def __init__(self) -> None:
        self.instructions: list[bytes] = []

    def add(self, code: int, k: int, jump_true: int = 0, jump_false: int = 0) -> None:
        self.instructions.append(struct.pack("=HBBI", code, jump_true, jump_false, k))

    def answer_if(self, jump: int, k: int, verdict: int) -> None:
        self.add(jump, k, 0, 1)
        self.add(RETURN, verdict)

    def refuse_argument(self, number: int, offset: int, jump: int, values: tuple[int, ...]) -> None:
        """A call is refused with these values (or bits) of an argument, and passes otherwise."""
        self.add(JUMP_EQUAL, number, 0, 2 * len(values) + 2)
        self.add(LOAD, offset)
        for value in values:
            self.answer_if(jump, value, refuse(errno.EPERM))
        self.add(RETURN, ALLOW)

    def allow_families(self, number: int, families: tuple[int, ...]) -> None:
        """A socket passes in these families and is refused in any other."""
        self.add(JUMP_EQUAL, number, 0, len(families) + 3)
        self.add(LOAD, FIRST)
        for place, family in enumerate(families):
            self.add(JUMP_EQUAL, family, len(families) - place, 0)
        self.add(RETURN, refuse(errno.EAFNOSUPPORT))
        self.add(RETURN, ALLOW)

    def allow_protocols(self, number: int, family: int, protocols: Mapping[int, Collection[int]]) -> None:
        """A socket of this family passes if it is of one of these kinds and protocols."""
        kinds: list[list[tuple[int, int, int, int]]] = []
        for kind, allowed in protocols.items():
            last = len(allowed)
            tests = [(JUMP_EQUAL, one, last - place, 0) for place, one in enumerate(allowed)]
            kinds.append([(JUMP_EQUAL, kind, 0, last + 3), (LOAD, THIRD, 0, 0), *tests, (RETURN, refuse(errno.EPROTONOSUPPORT), 0, 0), (RETURN, ALLOW, 0, 0)])
        body = [(LOAD, SECOND, 0, 0), (AND, SOCKET_KIND, 0, 0), *(line for lines in kinds for line in lines), (RETURN, refuse(errno.ESOCKTNOSUPPORT), 0, 0)]
        self.add(JUMP_EQUAL, number, 0, len(body) + 3)
        self.add(LOAD, FIRST)
        self.add(JUMP_EQUAL, family, 0, len(body))
        for line in body:
            self.add(*line)
        self.add(LOAD, NR)
