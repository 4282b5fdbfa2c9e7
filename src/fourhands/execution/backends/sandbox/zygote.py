"""This side of the launcher: gets forks of it, which wait in their control groups, and tells each what it is to be. One a backend,
made in the main thread.

::

    new -> start() -> running -> close() | the launcher died -> dead (every fork raises Unavailable; `died` is called)
"""

import asyncio
import contextlib
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fourhands.errors import Unavailable
from fourhands.execution.backends.sandbox.channels import readable
from fourhands.execution.backends.sandbox.command import Launch

LAUNCHER = Path(__file__).with_name("launcher.py")
ANSWER_BYTES = 4096


ENDED = "What starts the sandboxes has ended."


@dataclass(slots=True)
class Fork:
    """A process that waits: its id, a descriptor (pidfd) that means it alone and can be read when it has ended, and a socket to it.

    The caller `become`s it or `close`s it, once; the descriptor is the caller's to close after it became something.
    """

    pid: int
    descriptor: int
    link: socket.socket

    async def become(self, launch: Launch, *, uid: int | None, descriptors: dict[int, int]) -> None:
        """Have it be a sandbox. `descriptors`: ours by the number they get there; they stay the caller's to close.

        Raises `Unavailable` if that cannot be, with the reason; the fork has ended then.
        """
        files = {target: memory_file(content) for target, content in launch.contents.items()}
        targets = {**descriptors, **files}
        letter = memory_file(_request(launch, targets, uid))
        with self.link:
            try:
                socket.send_fds(self.link, [b"become"], [letter, *targets.values()])
                told = True
            except OSError:  # it has ended, and may have said why
                told = False
            for file in (letter, *files.values()):
                os.close(file)
            await readable(self.link.fileno())
            try:
                reason = self.link.recv(ANSWER_BYTES)
            except OSError:  # it ended before it read all: one hears that first, and what it said behind it
                told, reason = False, b""
                with contextlib.suppress(OSError):
                    reason = self.link.recv(ANSWER_BYTES)
        if not told and not reason:
            raise Unavailable(ENDED, "sandbox")
        if reason:
            raise Unavailable(f"A sandbox could not be started: {reason.decode('utf-8', 'replace')}.", "sandbox")

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self.descriptor, signal.SIGKILL)

    @property
    def ended(self) -> bool:
        """Whether it is no more."""
        poll = select.poll()
        poll.register(self.descriptor, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """End it: it was not needed."""
        self.kill()
        self.link.close()
        os.close(self.descriptor)


class Zygote:
    """The connection to the launcher."""

    def __init__(self, died: Callable[[], None] = lambda: None) -> None:
        self._died = died
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Fork]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, processors: Sequence[int] = ()) -> None:
        """Start the launcher, with nothing of our environment. All that comes of it runs on these processors; on any, if there are none."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
                [sys.executable, "-I", "-S", str(LAUNCHER), str(theirs.fileno()), *map(str, processors)],
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        ours.setblocking(False)
        self._link = ours
        asyncio.get_running_loop().add_reader(ours, self._hear)

    async def fork(self, joins: Sequence[str]) -> Fork:
        """A new process that waits; on its way into the groups whose files these are. Raises `Unavailable` if there can be none."""
        if self._link is None:
            raise Unavailable(ENDED, "sandbox")
        number = next(self._numbers)
        answered: asyncio.Future[Fork] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answered
        try:
            self._link.send(json.dumps({"id": number, "joins": list(joins)}).encode())
        except OSError as error:
            del self._waiting[number]
            raise Unavailable(f"A sandbox could not be started: {error.strerror}.", "sandbox") from error
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
            process, link = descriptors
            connection = socket.socket(fileno=link)
            connection.setblocking(False)
            waiting.set_result(Fork(answer["pid"], process, connection))

    def _lose(self) -> None:
        if self._link:
            asyncio.get_running_loop().remove_reader(self._link)
            self._link.close()
            self._link = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Unavailable(ENDED, "sandbox"))
        self._waiting.clear()


def _request(launch: Launch, targets: Iterable[int], uid: int | None) -> bytes:
    """What the fork reads."""
    request = {
        "argv": launch.argv,
        "env": launch.environment,
        "targets": list(targets),
        "limits": launch.limits,
        "uid": uid if launch.own_user else None,
        "oom": launch.out_of_memory,
    }
    return json.dumps(request).encode()


def _discard(answered: asyncio.Future[Fork]) -> None:
    """End a fork that nobody waits for any more."""
    if not answered.cancelled() and not answered.exception():
        answered.result().close()


def memory_file(content: bytes) -> int:
    """A descriptor of a file in memory with this content, to be read from its beginning."""
    descriptor = os.memfd_create("fourhands", os.MFD_CLOEXEC)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
