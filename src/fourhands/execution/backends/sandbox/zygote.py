"""This side of the launcher: hands it sandboxes to start, and gets processes. One a backend, made in the main thread.

::

    new -> start() -> running -> close() | the launcher died -> dead (every launch raises Unavailable; `died` is called)
"""

import asyncio
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fourhands.errors import Unavailable
from fourhands.execution.backends.sandbox.command import Launch

LAUNCHER = Path(__file__).with_name("launcher.py")
ANSWER_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Started:
    """A process: its id, and a descriptor (pidfd) that means it alone and can be read when it has ended. The caller closes it."""

    pid: int
    descriptor: int


class Zygote:
    """The connection to the launcher. Requests are answered in any order, by their number."""

    def __init__(self, died: Callable[[], None] = lambda: None) -> None:
        self._died = died
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Started]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the launcher, with nothing of our environment."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
                [sys.executable, "-I", "-S", str(LAUNCHER), str(theirs.fileno())], env={}, cwd="/", stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )
        ours.setblocking(False)
        self._link = ours
        asyncio.get_running_loop().add_reader(ours, self._hear)

    async def launch(self, launch: Launch, *, joins: Sequence[str], uid: int | None, descriptors: dict[int, int]) -> Started:
        """Start a sandbox. `descriptors`: ours by the number they get there; they stay the caller's to close.

        Raises `Unavailable` if it could not be started, with the reason.
        """
        if self._link is None:
            raise Unavailable("What starts the sandboxes has ended.", "sandbox")
        number = next(self._numbers)
        files = {target: memory_file(content) for target, content in launch.contents.items()}
        targets = {**descriptors, **files}
        letter = memory_file(_request(number, launch, targets, joins, uid))
        answered: asyncio.Future[Started] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answered
        try:
            socket.send_fds(self._link, [b"launch"], [letter, *targets.values()])
        except OSError as error:
            del self._waiting[number]
            raise Unavailable(f"A sandbox could not be started: {error.strerror}.", "sandbox") from error
        finally:
            for file in (letter, *files.values()):
                os.close(file)
        try:
            return await asyncio.shield(answered)
        except asyncio.CancelledError:
            answered.add_done_callback(_discard)
            raise

    def close(self) -> None:
        """End the launcher, and with it everything that it started."""
        self._lose()
        if self._process:
            self._process.wait()
            self._process = None

    def _hear(self) -> None:
        if self._link is None:
            return
        try:
            data, descriptors, _, _ = socket.recv_fds(self._link, ANSWER_BYTES, 4)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data:
            self._lose()
            self._died()
            return
        answer = json.loads(data)
        waiting = self._waiting.pop(answer["id"], None)
        if waiting is None or waiting.done() or "error" in answer:
            for descriptor in descriptors:
                os.close(descriptor)
        if waiting is None or waiting.done():
            return
        if "error" in answer:
            waiting.set_exception(Unavailable(f"A sandbox could not be started: {answer['error']}.", "sandbox"))
        else:
            waiting.set_result(Started(answer["pid"], descriptors[0]))

    def _lose(self) -> None:
        if self._link:
            asyncio.get_running_loop().remove_reader(self._link)
            self._link.close()
            self._link = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Unavailable("What starts the sandboxes has ended.", "sandbox"))
        self._waiting.clear()


def _request(number: int, launch: Launch, targets: Iterable[int], joins: Sequence[str], uid: int | None) -> bytes:
    """What the launcher reads."""
    request = {
        "id": number,
        "argv": launch.argv,
        "env": launch.environment,
        "targets": list(targets),
        "joins": list(joins),
        "limits": launch.limits,
        "uid": uid if launch.own_user else None,
        "oom": launch.out_of_memory,
    }
    return json.dumps(request).encode()


def _discard(answered: asyncio.Future[Started]) -> None:
    """End a process that nobody waits for any more."""
    if not answered.cancelled() and not answered.exception():
        started = answered.result()
        signal.pidfd_send_signal(started.descriptor, signal.SIGKILL)
        os.close(started.descriptor)


def memory_file(content: bytes) -> int:
    """A descriptor of a file in memory with this content, to be read from its beginning."""
    descriptor = os.memfd_create("fourhands", os.MFD_CLOEXEC)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
