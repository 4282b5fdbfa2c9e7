"""Makes, once on a machine, what toolchains would else make in every sandbox: a precompiled header, a list of fonts.

What is made lies in a folder that all may read and only its owner writes, named after the version and the command, so that another
compiler never meets it. It comes from programs of this machine and our own words alone, never from what somebody wrote.
"""

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fourhands.execution.languages.recipe import Prepared
from fourhands.execution.languages.versions import ENVIRONMENT

SECONDS = 600
MAKING = "making-"


def cache_folder() -> Path:
    """Where it is kept: with the system's caches for root, else with the user's."""
    if os.geteuid() == 0:
        return Path("/var/cache/fourhands")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fourhands"


def prepared_folder(prepared: Prepared, version: str, cache: Path) -> Path:
    """The folder of what one command makes with one version."""
    named = hashlib.sha256("\0".join([version, prepared.path, *prepared.command]).encode()).hexdigest()
    return cache / named[:16]


def prepared_binds(prepared: Prepared, version: str, cache: Path) -> list[str]:
    """`PATH:WHERE` for what is made already."""
    folder = prepared_folder(prepared, version, cache)
    if not prepared.each_file:
        return [f"{folder}:{prepared.path}"] if folder.is_dir() else []
    return [f"{file}:{prepared.path}/{file.relative_to(folder)}" for file in sorted(folder.rglob("*")) if file.is_file()]


def prepare(prepared: Prepared, version: str, cache: Path, *, program: Path) -> str:
    """Make it if it is not there. Answers what went wrong, or nothing: a language works without, only more slowly."""
    folder = prepared_folder(prepared, version, cache)
    if folder.is_dir():
        return ""
    try:
        cache.mkdir(mode=0o755, parents=True, exist_ok=True)
        _sweep(cache)
        making = Path(tempfile.mkdtemp(dir=cache, prefix=MAKING))
    except OSError as error:
        return f"{cache} cannot be written: {error.strerror}."
    try:
        if fault := _run([str(program) if word == "{program}" else word for word in prepared.command], making):
            return fault
        for path in (making, *making.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        with contextlib.suppress(OSError):  # somebody else made it meanwhile
            making.rename(folder)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    else:
        return ""
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _run(command: list[str], folder: Path) -> str:
    """Run it there; what it said if it failed."""
    ran = subprocess.run(  # noqa: S603 - words of our own file
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**ENVIRONMENT, "TMPDIR": str(folder)},
        timeout=SECONDS,
        check=False,
    )
    if ran.returncode == 0:
        return ""
    return ran.stderr.decode("utf-8", "replace").strip()[-500:] or f"{command[0]} ended with {ran.returncode}."


def _sweep(cache: Path) -> None:
    """Remove what was being made when its maker was killed."""
    for path in cache.glob(f"{MAKING}*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - 2 * SECONDS:
                shutil.rmtree(path, ignore_errors=True)


async def prepare_beside(*command: str) -> bool:
    """Make everything in a process of its own, after everybody else's work; it ends with us. Answers whether it came to its end.

    `command` is what does it: `fourhands languages prepare`.
    """
    words = command or (sys.executable, "-m", "fourhands", "languages", "prepare")
    quiet = asyncio.subprocess.DEVNULL
    making = await asyncio.create_subprocess_exec("nice", "-n", "15", *words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        return await making.wait() == 0
    finally:
        if making.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(making.pid, signal.SIGKILL)
            await making.wait()
