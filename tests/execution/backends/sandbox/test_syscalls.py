"""The numbers are the kernel's."""

import re
from pathlib import Path

import pytest

from fourhands.execution.backends.sandbox.syscalls import ARCHITECTURES

HEADERS = {"x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), "aarch64": Path("/usr/include/asm-generic/unistd.h")}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_numbers_are_those_of_the_kernels_headers(name: str) -> None:
    header = HEADERS[name]
    if not header.exists():
        pytest.skip(f"{header} is not here (linux-libc-dev)")
    there = {word: int(number) for word, number in re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text(), re.MULTILINE)}
    machine = ARCHITECTURES[name]
    ours = {
        **machine.denied,
        **machine.needless,
        "clone": machine.clone,
        "clone3": machine.clone3,
        "socket": machine.socket,
        "socketpair": machine.socketpair,
        "ioctl": machine.ioctl,
        "prctl": machine.prctl,
        "mmap": machine.mmap,
        "memfd_create": machine.memfd_create,
        "shmget": machine.shmget,
    }
    assert {call: number for call, number in ours.items() if there.get(call, number) != number} == {}
    assert len(set(ours) & set(there)) > 50


def test_no_number_stands_twice() -> None:
    for machine in ARCHITECTURES.values():
        assert len(set(machine.denied.values())) == len(machine.denied)
