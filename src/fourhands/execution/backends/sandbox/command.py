"""How a sandbox is made: bubblewrap's arguments, what it is given to read, and what the launcher limits. Pure.

A `Launch` is all of it; `compose` makes one. Nothing of the machine is in it but what is named here: no folder is shared
for writing, source comes by descriptors and is copied into file systems in memory.
"""

import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fourhands.errors import Unavailable
from fourhands.execution.backends.sandbox.seccomp import build_filter
from fourhands.execution.backends.sandbox.stages import PICTURES, SHELL
from fourhands.execution.backends.sandbox.syscalls import ARCHITECTURES
from fourhands.execution.port import Limits, MiB, SourceFile, Toolchain

STATUS, SYNC, FILTER, SHELL_FILE, FIRST_FILE = 10, 11, 12, 13, 14
"""Descriptors of bubblewrap: where it tells the child's end, what is closed when all have ended, what it reads."""
HOME = "/box"
SHARED_MEMORY_BYTES = 16 * MiB
LEAST_OPEN_FILES = 160
"""Bubblewrap itself needs some: the files of the program are handed to it open."""
STACK_BYTES = 8 * MiB
SYSTEM = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d")
NAMESPACES = ("user", "pid", "net", "ipc", "uts", "cgroup")
LINKS = ("bin", "sbin", "lib", "lib64", "lib32", "libx32")
PASSWD = b"root:x:0:0:root:/:/bin/false\nuser:x:1000:1000:user:/box:/bin/sh\n"
GROUP = b"root:x:0:\nuser:x:1000:\n"
HOSTS = b"127.0.0.1 localhost sandbox\n::1 localhost sandbox\n"
ACCOUNTS = (("/etc/passwd", PASSWD), ("/etc/group", GROUP), ("/etc/hosts", HOSTS))


@dataclass(frozen=True, slots=True)
class Launch:
    """A sandbox before it is started.

    `contents`: what bubblewrap reads, by descriptor. `limits`: (name of RLIMIT_*, soft, hard). `groups`: whether control
    groups hold it. `own_user`: whether it gets a user id of its own. `out_of_memory`: who is killed first, 1000 is us.
    """

    argv: tuple[str, ...]
    contents: dict[int, bytes]
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": "/usr/bin:/bin"})
    limits: tuple[tuple[str, int, int], ...] = ()
    own_user: bool = True
    out_of_memory: int = 1000


Change = Callable[[Launch], Launch]
"""What a test does to a `Launch` to take one protection away. The product never has one."""


def compose(bwrap: str, toolchain: Toolchain, files: tuple[SourceFile, ...], limits: Limits, *, payload: tuple[str, ...], terminal: bool) -> Launch:
    """A sandbox for a program. `payload`: the arguments of the shell inside."""
    contents = {FILTER: current_filter(), SHELL_FILE: read_shell()}
    argv = [bwrap, *(f"--unshare-{namespace}" for namespace in NAMESPACES)]
    argv += ["--disable-userns", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--die-with-parent", "--cap-drop", "ALL", "--clearenv"]
    for name, value in environment_of(toolchain, terminal=terminal).items():
        argv += ["--setenv", name, value]
    argv += file_systems(limits)
    argv += binds_of(toolchain)
    argv += ["--perms", "0111", "--file", str(SHELL_FILE), SHELL]
    own = [(name, content, "0444") for name, content in ACCOUNTS] + [(file.name, file.content, "0444") for file in toolchain.support]
    for number, (name, content, permissions) in enumerate([*own, *((f"{HOME}/{file.name}", file.content, "0644") for file in files)], FIRST_FILE):
        contents[number] = content
        argv += ["--perms", permissions, "--file", str(number), name]
    argv += ["--remount-ro", "/", "--chdir", HOME, "--seccomp", str(FILTER), "--json-status-fd", str(STATUS), "--sync-fd", str(SYNC), "--"]
    argv += [*(("/usr/bin/setsid", "-c") if terminal else ()), SHELL, *payload]
    return Launch(tuple(argv), contents, limits=resource_limits(limits))


def file_systems(limits: Limits) -> Iterator[str]:
    """The machine's programs, and file systems in memory, each with a size. `/proc/1` is bubblewrap's own process: its memory,
    descriptors and environment are covered."""
    yield from ("--perms", "0755", "--dir", "/etc")
    yield from system_binds()
    yield from ("--proc", "/proc", "--size", "4096", "--tmpfs", "/proc/1", "--remount-ro", "/proc/1")
    yield from ("--dev", "/dev", "--size", str(SHARED_MEMORY_BYTES), "--perms", "1777", "--tmpfs", "/dev/shm", "--remount-ro", "/dev")  # noqa: S108
    size = str(limits.disk_bytes)
    yield from ("--size", size, "--perms", "1777", "--tmpfs", "/tmp", "--size", size, "--perms", "0700", "--tmpfs", HOME)  # noqa: S108 - the sandbox's own


def environment_of(toolchain: Toolchain, *, terminal: bool) -> dict[str, str]:
    """The payload's whole environment."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
        "USER": "user",
        "TERM": "xterm-256color" if terminal else "dumb",
        "FOURHANDS_PICTURES": str(PICTURES),
        **toolchain.environment,
    }


def resource_limits(limits: Limits) -> tuple[tuple[str, int, int], ...]:
    """What is limited for each process: what control groups do not count."""
    files = max(limits.open_files, LEAST_OPEN_FILES)
    return (
        ("RLIMIT_CORE", 1, 1),  # 1, not 0: with it the kernel starts no program of the machine for a crash (core_pattern with a pipe)
        ("RLIMIT_NOFILE", files, files),
        ("RLIMIT_STACK", STACK_BYTES, STACK_BYTES),
        ("RLIMIT_MEMLOCK", 64 * 1024, 64 * 1024),
        ("RLIMIT_MSGQUEUE", 200_000, 200_000),
        ("RLIMIT_SIGPENDING", 1024, 1024),
        ("RLIMIT_RTPRIO", 0, 0),
    )


def system_binds() -> Iterator[str]:
    """The machine's programs and libraries, to read."""
    yield from ("--ro-bind", "/usr", "/usr")
    for name in LINKS:
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))  # noqa: PTH115 - its text as it stands
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for path in SYSTEM:
        yield from ("--ro-bind-try", path, path)


def binds_of(toolchain: Toolchain) -> Iterator[str]:
    """What a toolchain reads besides."""
    for bind in toolchain.binds:
        source, _, where = bind.partition(":")
        yield from ("--ro-bind-try", source, where or source)


def current_filter() -> bytes:
    """The filter for this machine. Raises `Unavailable` where there is none."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise Unavailable(f"Programs are run on {' and '.join(ARCHITECTURES)}; this machine is {machine}.", "sandbox")
    return build_filter(ARCHITECTURES[machine])


def read_shell() -> bytes:
    """This machine's POSIX shell."""
    return Path("/bin/sh").read_bytes()
