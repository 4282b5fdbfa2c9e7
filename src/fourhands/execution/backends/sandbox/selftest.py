"""Whether the sandbox holds, tried over the real path: at the runner's start, every hour, and by `fourhands doctor`.

First what can be seen without running anything, then a look from inside, and only if that was contained the programs that
run into limits. Each failure is one sentence and its mend.
"""

import asyncio
import os
import platform
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from fourhands.errors import FourhandsError
from fourhands.execution.backends.sandbox import probes
from fourhands.execution.backends.sandbox.cgroup_v1 import find_v1
from fourhands.execution.backends.sandbox.cgroup_v2 import find_v2
from fourhands.execution.backends.sandbox.cgroups import Groups, read_mounts
from fourhands.execution.backends.sandbox.delegation import MEND as DELEGATION_MEND
from fourhands.execution.backends.sandbox.run import SandboxRun
from fourhands.execution.backends.sandbox.syscalls import ARCHITECTURES
from fourhands.execution.port import Check, Data, Error, Exit, Health, Job, Limits, MiB, Toolchain

LEAST_VERSION = (0, 8)
PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3")
LIMITS = Limits(wall_seconds=60, cpu_seconds=10, memory_bytes=64 * MiB, processes=16, output_bytes=64 * 1024)
Start = Callable[[Toolchain, Job], Awaitable[SandboxRun]]


def find_bwrap(name: str) -> tuple[str, Check]:
    """The binary's path, and whether it is one that will do."""
    install = "Install it (Debian: apt-get install bubblewrap), or let FOURHANDS_BWRAP name it."
    path = shutil.which(name)
    if path is None:
        return "", Check("bubblewrap", False, f"bubblewrap was not found ({name}).", install)
    path = str(Path(path).resolve())
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False, env={}).stdout.strip()  # noqa: S603 - what the operator named
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", Check("bubblewrap", False, f"{path} cannot be run: {error}.", install)
    version = re.fullmatch(r"bubblewrap (\d+)\.(\d+)(\S*)", said)
    if version is None:
        return "", Check("bubblewrap", False, f"{path} is not bubblewrap: asked for its version it said {said[:80]!r}.", install)
    if (int(version[1]), int(version[2])) < LEAST_VERSION:
        return "", Check("bubblewrap", False, f"{said} is too old: 0.8 or newer is needed.", "Install a newer bubblewrap, or let FOURHANDS_BWRAP name one.")
    return path, Check("bubblewrap", True, f"{said} at {path}.")


def check_machine() -> Check:
    """Whether there is a filter for this processor."""
    machine = platform.machine()
    if machine in ARCHITECTURES and platform.system() == "Linux":
        return Check("architecture", True, f"{machine} has a system call filter.")
    return Check(
        "architecture",
        False,
        f"There is no sandbox for {platform.system()} on {machine}.",
        f"Run it on Linux on {' or '.join(ARCHITECTURES)}, or use a Piston server.",
    )


def check_user_namespaces() -> Check:
    """Whether an ordinary user may make user namespaces, as far as settings say."""
    settings = {
        "user.max_user_namespaces": ("/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
        "kernel.unprivileged_userns_clone": ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
    }
    for name, (path, off, mend) in settings.items():
        if Path(path).exists() and Path(path).read_text().strip() == off:
            return Check("user namespaces", False, f"This machine forbids user namespaces ({name} is {off}).", f"As root: {mend}")
    return Check("user namespaces", True, "User namespaces are allowed.")


def find_groups() -> tuple[Groups | None, Check]:
    """Where runs get their control groups."""
    try:
        mounts = read_mounts()
        groups = find_v2(mounts) or find_v1(mounts)
    except OSError:
        groups = None
    if groups is None:
        what = "there are none to be written here" if os.geteuid() == 0 else "this user may make none"
        return None, Check("control groups", False, f"Memory and processes cannot be limited: control groups are needed, and {what}.", DELEGATION_MEND)
    return groups, Check("control groups", True, f"Control groups, version {groups.version}.")


def find_python() -> str | None:
    """A Python that a sandbox sees."""
    return next((path for path in PYTHONS if Path(path).exists()), None)


async def try_all(start: Start, bwrap: str) -> list[Check]:
    """Everything that only a real run can show; stops at the first thing that is not contained."""
    python = find_python()
    if python is None:
        return [
            Check(
                "self-test",
                False,
                "The self-test needs a Python that sandboxes see, and there is none in /usr.",
                "Install it (Debian: apt-get install python3).",
            )
        ]
    checks = await _look(start, python, bwrap)
    if all(check.ok for check in checks):
        checks += await asyncio.gather(_memory(start, python), _processes(start, python), _survivors(start, python))
    return checks


def summary(checks: list[Check]) -> Health:
    """Off with the first failure's sentence, or on."""
    failed = next((check for check in checks if not check.ok), None)
    if failed:
        return Health(False, failed.sentence, failed.mend, tuple(checks))
    return Health(True, "Programs run in a sandbox on this machine.", "", tuple(checks))


async def _look(start: Start, python: str, bwrap: str) -> list[Check]:
    secret = f"fourhands-{secrets.token_hex(8)}"
    heard = False

    def hear(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard = True
        writer.close()

    with tempfile.NamedTemporaryFile(prefix=secret) as file, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as abstract:
        os.chmod(file.name, 0o644)  # noqa: PTH101 - nothing waits for it
        abstract.bind(f"\0{secret}")
        abstract.listen()
        server = await asyncio.start_server(hear, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            output, last = await _outcome(start, python, probes.LOOK, (file.name, str(port), secret))
    try:
        look = msgspec.json.decode(output, type=probes.Look)
    except msgspec.DecodeError:
        said = last.message if isinstance(last, Error) else f"the program that looks around ended with {last.status} and said {output[-200:].strip()!r}"
        return [Check("start", False, f"{bwrap} does not start a sandbox here: {said.removesuffix('.')}.", _mend_of(said))]
    started = isinstance(last, Exit) and last.status == "ok"
    bad = f"{bwrap} does not tell how a program ended ({_word(last)})."
    return [*probes.checks_of_look(look, heard=heard), Check("start", started, "A sandbox starts." if started else bad, "" if started else probes.BWRAP)]


def _mend_of(said: str) -> str:
    """What usually helps, by bubblewrap's own words."""
    if "RTM_NEWADDR" in said or "loopback" in said:
        return "This kernel forbids network namespaces to ordinary users; in a container, run it with the seccomp and AppArmor profiles of deploy/."
    if "PermissionError" in said:
        return "Programs are started as users without rights, who have to be able to run it: install it in /usr (Debian: apt-get install bubblewrap)."
    if "uid map" in said or "namespace" in said or "Permission denied" in said or "Operation not permitted" in said:
        return (
            "User namespaces are forbidden here. On Ubuntu: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap. "
            "In a container: see deploy/ for what the runner's container needs."
        )
    return probes.BWRAP


async def _memory(start: Start, python: str) -> Check:
    _, last = await _outcome(start, python, probes.MEMORY)
    if isinstance(last, Exit) and last.status == "memory_limit":
        return Check("memory", True, f"More than {LIMITS.memory_bytes // MiB} MiB end a run.")
    return Check("memory", False, f"The memory limit does not hold: a program that takes all it can ended with {_word(last)}.", DELEGATION_MEND)


async def _processes(start: Start, python: str) -> Check:
    number = ""
    run = await start(_toolchain(python, probes.PROCESSES), _job())
    async for event in run:
        if isinstance(event, Data) and event.stream == "stdout":
            number += event.data.decode("utf-8", "replace")
            run.stop()
    if number.strip().isdigit() and int(number) <= LIMITS.processes:
        return Check("forks", True, f"No more than {LIMITS.processes} processes at once.")
    return Check(
        "forks",
        False,
        f"The limit of {LIMITS.processes} processes does not hold: a program started {number.strip() or 'an unknown number of'} more.",
        DELEGATION_MEND,
    )


async def _survivors(start: Start, python: str) -> Check:
    mark = f"fourhands-{secrets.token_hex(8)}"
    run = await start(_toolchain(python, probes.SURVIVORS), _job(mark))
    last: Exit | Error | None = None
    async for event in run:
        if isinstance(event, Data):
            run.stop()
        elif isinstance(event, Exit | Error):
            last = event
    left = await asyncio.to_thread(_with_word, mark)
    if not left and isinstance(last, Exit) and last.status == "killed":
        return Check("kill", True, "Nothing survives a kill.")
    return Check("kill", False, f"{len(left)} processes of a run that was killed are still there ({_word(last)}).", probes.OURS)


async def _outcome(start: Start, python: str, program: str, args: tuple[str, ...] = ()) -> tuple[str, Exit | Error]:
    output = ""
    last: Exit | Error = Error(message="it said nothing")
    try:
        run = await start(_toolchain(python, program), _job(*args))
    except FourhandsError as error:
        return "", Error(message=str(error))
    async for event in run:
        if isinstance(event, Data):
            output += event.data.decode("utf-8", "replace")
        elif isinstance(event, Exit | Error):
            last = event
    return output, last


def _toolchain(python: str, program: str) -> Toolchain:
    """The program stands in the line itself: one that does not copy files is looked at too."""
    return Toolchain(language="self-test", version="1", run=f'exec {python} -I -c {shlex.quote(program)} "$@"')


def _job(*args: str) -> Job:
    return Job(id="self-test", language="self-test", args=args, repl=False, limits=LIMITS)


def _with_word(word: str) -> list[int]:
    """Processes of this machine with a word in their command line."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if word.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def _word(last: Exit | Error | None) -> str:
    return last.status if isinstance(last, Exit) else f"an error ({last.message})" if last else "nothing"
