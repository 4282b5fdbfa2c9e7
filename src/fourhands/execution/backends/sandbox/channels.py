"""The descriptors between the runner and one sandbox: standard streams or a terminal, and what only the shell inside speaks on."""

import asyncio
import fcntl
import os
import pty
import struct
import termios
from dataclasses import dataclass, field

from fourhands.execution.backends.sandbox.command import STATUS, SYNC
from fourhands.execution.backends.sandbox.stages import GO, MARKER, PICTURES
from fourhands.execution.port import Terminal

IUTF8 = 0o40000
"""termios(3): the line editor erases characters, not bytes. The standard library does not name it."""


@dataclass(slots=True)
class Channels:
    """Our ends, and theirs by the number that they get.

    `stdin` and `outputs` are the same descriptor on a terminal. Every end of ours that is read does not block.
    Invariant: each descriptor is closed once; a closed one is -1.
    """

    status: int
    sync: int
    marker: int
    go: int
    pictures: int
    stdin: int
    outputs: dict[str, int]
    terminal: bool
    theirs: dict[int, int] = field(default_factory=dict)

    def close_theirs(self) -> None:
        """Once they have been handed over: only then can an end be seen."""
        for descriptor in set(self.theirs.values()):
            os.close(descriptor)
        self.theirs.clear()

    def close_go(self) -> None:
        if self.go != -1:
            os.close(self.go)
            self.go = -1

    def close_stdin(self) -> None:
        """End of file for the program; a terminal stays open."""
        if self.stdin != -1 and not self.terminal:
            os.close(self.stdin)
            self.stdin = -1

    def close(self) -> None:
        self.close_theirs()
        self.close_go()
        ours = {self.status, self.sync, self.marker, self.pictures, self.stdin, *self.outputs.values()} - {-1}
        for descriptor in ours:
            os.close(descriptor)
        self.status = self.sync = self.marker = self.pictures = self.stdin = -1
        self.outputs.clear()


def open_channels(terminal: Terminal | None, uid: int | None) -> Channels:
    """All of them, for a sandbox to be started."""
    theirs: dict[int, int] = {}

    def reading(*targets: int) -> int:
        ours, their = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(ours, False)
        theirs.update(dict.fromkeys(targets, their))
        return ours

    def writing(target: int) -> int:
        theirs[target], ours = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(ours, False)
        return ours

    status, sync, marker, pictures, go = reading(STATUS), reading(SYNC), reading(MARKER), reading(PICTURES), writing(GO)
    if terminal is None:
        stdin, outputs = writing(0), {"stdout": reading(1), "stderr": reading(2)}
    else:
        stdin, slave = open_terminal(terminal, uid)
        theirs.update({0: slave, 1: slave, 2: slave})
        outputs = {"stdout": stdin}
    return Channels(status, sync, marker, go, pictures, stdin, outputs, terminal is not None, theirs)


def open_terminal(terminal: Terminal, uid: int | None) -> tuple[int, int]:
    """Our end of a new terminal, and the program's."""
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    attributes = termios.tcgetattr(slave)
    attributes[0] |= IUTF8
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    resize(master, terminal.columns, terminal.rows)
    if uid is not None:
        os.fchown(slave, uid, uid)
    return master, slave


def resize(master: int, columns: int, rows: int) -> None:
    """Say how large a terminal is; its programs hear of it."""
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", min(max(rows, 1), 1000), min(max(columns, 1), 1000), 0, 0))


def read_some(descriptor: int, size: int = 65536) -> bytes | None:
    """What is there to read; empty at the end, None if there is nothing now. A terminal without programs ends with EIO."""
    try:
        return os.read(descriptor, size)
    except BlockingIOError:
        return None
    except OSError:
        return b""


async def readable(descriptor: int) -> None:
    """Wait until a descriptor can be read."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)
