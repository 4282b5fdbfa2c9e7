"""What a running server asks of its kernel, in order, as strace saw it."""

import asyncio
import contextlib
import re
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

STRING_BYTES = 1 << 20
WATCHED = ("pwrite64", "write", "writev", "sendto", "sendmsg", "fdatasync", "fsync")
SENDING = frozenset({"write", "writev", "sendto", "sendmsg"})
LINE = re.compile(r"(?P<thread>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<name>\w+)\()(?P<rest>.*)")
UNFINISHED = "<unfinished ...>"


@dataclass(frozen=True, slots=True)
class Call:
    """A call: what was given to it, and at which lines of the trace it began and returned."""

    name: str
    given: str
    began: int
    returned: int

    @property
    def failed(self) -> bool:
        return re.search(r"\) += -1 ", self.given) is not None

    @property
    def file(self) -> str:
        """The path of the file that it is about, or what kind of socket."""
        return self.given.partition("<")[2].partition(">")[0]


@contextlib.asynccontextmanager
async def traced(pid: int, file: Path) -> AsyncIterator[None]:
    """Watch a process and all its threads. Skips the test where that is not possible."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed (make soak installs it)")
    command = [strace, "-f", "-y", "-s", str(STRING_BYTES), "-e", f"trace={','.join(WATCHED)}", "-e", "signal=none", "-o", str(file), "-p", str(pid)]
    watching = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert watching.stderr is not None
    said = (await watching.stderr.readline()).decode()
    if "attached" not in said:
        await watching.wait()
        pytest.skip(f"no process may be traced here: {said}")
    try:
        yield
    finally:
        watching.send_signal(signal.SIGINT)
        await watching.communicate()


def calls(file: Path) -> Iterator[Call]:
    """The calls that returned, in that order."""
    open_calls: dict[str, tuple[str, str, int]] = {}
    for number, line in enumerate(file.read_text("utf-8", "replace").splitlines()):
        if (found := LINE.match(line)) is None:
            continue
        thread, rest = found["thread"], found["rest"]
        if found["resumed"]:
            name, given, began = open_calls.pop(thread, (found["resumed"], "", number))
            yield Call(name, given + rest, began, number)
        elif rest.endswith(UNFINISHED):
            open_calls[thread] = (found["name"], rest.removesuffix(UNFINISHED), number)
        else:
            yield Call(found["name"], rest, number, number)
