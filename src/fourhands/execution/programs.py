"""Whether a program may be taken: its files' names, its size, its arguments. Pure; every backend asks it before anything runs.

A name becomes a path in a sandbox, so what could climb out of a folder, or end a string early, is refused here and once more there.
"""

import re

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.execution.port import Job

NAME_BYTES = 255
ARGUMENTS = 256
ARGUMENT_BYTES = 64 * 1024
LEAST_MEMORY_BYTES = 1024 * 1024
"""With less nothing can be started at all."""
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_program(job: Job, *, files: int = 64, program_bytes: int = 1024 * 1024) -> None:
    """Raises `InvalidRequest` for what makes no sense, `TooLarge` for what is past a limit, with the reason."""
    if not _ID.fullmatch(job.id):
        raise InvalidRequest("A run's id has 1 to 64 letters, digits and any of _ . : -")
    if not job.files and not job.repl:
        raise InvalidRequest("There is no file to run.")
    if len(job.files) > files:
        raise TooLarge(f"A program may have {files:,} files; this one has {len(job.files):,}.")
    if (size := sum(len(file.content) for file in job.files)) > program_bytes:
        raise TooLarge(f"A program may have {program_bytes:,} bytes in all; this one has {size:,}.")
    if len(job.stdin) > job.limits.input_bytes:
        raise TooLarge(f"Standard input may have {job.limits.input_bytes:,} bytes; this has {len(job.stdin):,}.")
    if min(job.limits.memory_bytes, job.limits.compile_memory_bytes) < LEAST_MEMORY_BYTES:
        raise InvalidRequest(f"A program needs {LEAST_MEMORY_BYTES:,} bytes of memory at least to be started.")
    _check_names([file.name for file in job.files])
    _check_arguments(job.args)


def name_fault(name: str) -> str:
    """Why a file of a program may not be called so, as the end of a sentence; empty if it may."""
    if not name or len(name.encode("utf-8", "surrogatepass")) > NAME_BYTES:
        return f"a name has 1 to {NAME_BYTES} bytes"
    if _CONTROL.search(name):
        return "a name has no control characters"
    if not name.isprintable() or not _is_text(name):
        return "a name is printable text"
    if any(part in {"", ".", ".."} for part in name.split("/")):
        return "a name is relative, and its folders have names of their own"
    return ""


def _check_names(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if fault := name_fault(name):
            raise InvalidRequest(f"A file cannot be called {name[:80]!r}: {fault}.")
        if name in seen:
            raise InvalidRequest(f"Two files are called {name[:80]!r}.")
        seen.add(name)
    for name in names:
        parts = name.split("/")
        if any("/".join(parts[:depth]) in seen for depth in range(1, len(parts))):
            raise InvalidRequest(f"{name[:80]!r} lies in what is also a file.")


def _check_arguments(args: tuple[str, ...]) -> None:
    if len(args) > ARGUMENTS:
        raise TooLarge(f"A program may be given {ARGUMENTS} arguments; these are {len(args):,}.")
    if any("\0" in arg or not _is_text(arg) for arg in args):
        raise InvalidRequest("An argument is text without NUL.")
    if sum(len(arg.encode()) for arg in args) > ARGUMENT_BYTES:
        raise TooLarge(f"A program's arguments may have {ARGUMENT_BYTES:,} bytes in all.")


def _is_text(word: str) -> bool:
    """Whether it can be written as UTF-8: half of a surrogate pair cannot."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
