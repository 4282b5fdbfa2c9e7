"""The small process that starts sandboxes: it forks, and the child limits itself and becomes bubblewrap. The standard library alone.

Run as `python -I -S launcher.py FD` with an empty environment: what bubblewrap inherits can be read inside, and a fork of a
small process with one thread is quick and safe. It lives as long as the other end of its socket; then it kills what is
left. It has one thread, so that "my parent died" means this process.

On the socket (SOCK_SEQPACKET): a request is JSON `{"id", "argv", "env", "targets", "joins", "limits", "uid", "oom"}` in a
memory file, the first descriptor; further descriptors go to the numbers in `targets`. Answers: `{"id", "pid"}` with a
descriptor of the process (pidfd), or `{"id", "error"}`.
"""

import ctypes
import json
import os
import resource
import select
import signal
import socket
import sys
from typing import Any

MOST_DESCRIPTORS = 250
REQUEST_BYTES = 64
ABOVE = 600
"""Descriptors are moved above this first, so that none is overwritten before it was moved."""
FAILURE = ABOVE - 1
"""Where a child says why it could not become bubblewrap; closed by exec."""
PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)


def receive(link: socket.socket) -> tuple[bytes, list[int]]:
    """A message and its descriptors; empty at the end."""
    data, ancillary, _, _ = link.recvmsg(REQUEST_BYTES, socket.CMSG_SPACE(4 * MOST_DESCRIPTORS), socket.MSG_CMSG_CLOEXEC)
    received: list[int] = []
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            received += memoryview(content[: len(content) - len(content) % 4]).cast("i").tolist()
    return data, received


def read_request(descriptor: int) -> dict[str, Any]:
    """The request in a memory file."""
    return json.loads(os.pread(descriptor, os.fstat(descriptor).st_size, 0))


def become(request: dict[str, Any], descriptors: list[int], parent: int) -> None:
    """In the child: enter the groups, take on limits, descriptors and user, and exec. Only raises or never returns."""
    os.setsid()
    for path in request["joins"]:  # before the change of user: groups belong to root
        group = os.open(path, os.O_WRONLY)
        os.write(group, b"0")
        os.close(group)
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(request["oom"]))
    place(descriptors, request["targets"])
    for name, soft, hard in request["limits"]:
        resource.setrlimit(getattr(resource, name), (soft, hard))
    if request["uid"] is not None:
        os.setgroups([])
        os.setresgid(request["uid"], request["uid"], request["uid"])
        os.setresuid(request["uid"], request["uid"], request["uid"])
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # after the change of user, which clears it
    if os.getppid() != parent:  # it died before
        return
    _LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execve(request["argv"][0], request["argv"], request["env"])


def place(descriptors: list[int], targets: list[int]) -> None:
    """Move each descriptor to its number and close all others."""
    moved: list[int] = []
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, ABOVE + number)
        moved.append(ABOVE + number)
    for descriptor, target in zip(moved, targets, strict=True):
        os.dup2(descriptor, target, inheritable=True)
    kept = sorted({*targets, FAILURE})
    for low, high in zip([-1, *kept], [*kept, ABOVE + MOST_DESCRIPTORS], strict=True):
        if low + 1 < high:  # closerange(0, 0) closes everything
            os.closerange(low + 1, high)


def start(link: socket.socket, descriptors: list[int]) -> None:
    """Start what a request asks for, and answer it."""
    request = read_request(descriptors[0])
    parent = os.getpid()
    failure_read, failure_write = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        try:
            os.dup2(failure_write, FAILURE, inheritable=False)
            become(request, descriptors[1:], parent)
        except BaseException as error:  # it must never go on as a second launcher
            os.write(FAILURE, f"{type(error).__name__}: {error}".encode()[:1000])
        finally:
            os._exit(126)
    os.close(failure_write)
    answer(link, request["id"], pid, failure_read)
    os.close(failure_read)


def answer(link: socket.socket, number: int, pid: int, failure: int) -> None:
    """Tell how a start went: `failure` ends empty when exec has closed it."""
    process = os.pidfd_open(pid)
    try:
        reason = os.read(failure, 1000).decode("utf-8", "replace")
        message = json.dumps({"id": number, "error": reason} if reason else {"id": number, "pid": pid}).encode()
        socket.send_fds(link, [message], [process])
    finally:
        os.close(process)


def _wake(number: int, frame: object) -> None:
    """Only so that a signal neither ends us nor is ignored by what we become; `reap` does the work."""


def reap() -> None:
    """Let the dead go."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def main(link_number: int) -> None:
    link = socket.socket(fileno=link_number)
    link.set_inheritable(False)
    _LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # what bubblewrap leaves comes to us: the first process of a container may let it lie
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * ABOVE) if hard != resource.RLIM_INFINITY else 2 * ABOVE, hard))
    wake_read, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, _wake)
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a terminal's Ctrl-C is for the server, which tells us by closing
        signal.signal(ignored, _wake)
    poll = select.poll()
    poll.register(link, select.POLLIN)
    poll.register(wake_read, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == wake_read:
                os.read(wake_read, 4096)
                reap()
                continue
            data, descriptors = receive(link)
            if not data:
                return  # the children are told by the kernel
            try:
                start(link, descriptors)
            finally:
                for received in descriptors:
                    os.close(received)


if __name__ == "__main__":
    main(int(sys.argv[1]))
