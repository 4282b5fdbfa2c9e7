"""The small process that sandboxes begin as: it forks ahead, each fork waits in its control groups for what it is to be, limits itself
and becomes bubblewrap. The standard library alone.

Run as `python -I -S launcher.py FD [PROCESSOR...]` with an empty environment: what bubblewrap inherits can be read inside, and a fork of a
small process with one thread is quick and safe. It lives as long as the other end of its socket; then the kernel kills what
is left. It has one thread, so that "my parent died" means this process.

Entering a control group waits for every processor of the machine (milliseconds), so it is done before anybody waits.

On the socket (SOCK_SEQPACKET): a request is JSON `{"id", "joins"}`. The answer is `{"id", "pid"}` with a descriptor of the fork
(pidfd) and one of a socket to it, or `{"id", "error"}`. On the fork's own socket comes what it is to be, once: JSON `{"argv",
"env", "targets", "limits", "uid", "oom"}` in a memory file, the first descriptor; further ones go to the numbers in `targets`.
It ends without a word when exec has closed it, else with the reason.
"""

import ctypes
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
from typing import Any

MOST_DESCRIPTORS = 250
REQUEST_BYTES = 4096
ABOVE = 600
"""Descriptors are moved above this first, so that none is overwritten before it was moved."""
OWN = ABOVE - 1
"""A fork's socket; closed by exec."""
PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
PR_SET_CHILD_SUBREAPER = 36
SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
SLICE_NANOSECONDS = 10_000_000
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


def wait(joins: list[str], own: int, parent: int) -> None:
    """In the fork: enter the groups, wait for what it is to be, and become that. Only raises or never returns."""
    signal.set_wakeup_fd(-1)
    os.dup2(own, OWN, inheritable=False)
    os.closerange(3, OWN)
    os.closerange(OWN + 1, ABOVE + MOST_DESCRIPTORS)
    os.setsid()
    die_with(parent)
    for path in joins:  # before the change of user: groups belong to root
        group = os.open(path, os.O_WRONLY)
        os.write(group, b"0")
        os.close(group)
    with socket.socket(fileno=os.dup(OWN)) as link:
        _, descriptors = receive(link)
    if descriptors:
        become(read_request(descriptors[0]), descriptors[1:], parent)


def become(request: dict[str, Any], descriptors: list[int], parent: int) -> None:
    """Take on limits, descriptors and user, and exec. Only raises or never returns."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(request["oom"]))
    place(descriptors, request["targets"])
    give_way()
    for name, soft, hard in request["limits"]:
        resource.setrlimit(getattr(resource, name), (soft, hard))
    if request["uid"] is not None:
        os.setgroups([])
        os.setresgid(request["uid"], request["uid"], request["uid"])
        os.setresuid(request["uid"], request["uid"], request["uid"])
    die_with(parent)  # once more: the change of user clears it
    _LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execve(request["argv"][0], request["argv"], request["env"])


def give_way() -> None:
    """Ask for longer slices of the processor than everybody else: whoever wakes up then goes before a program, at once, and not when its
    slice has ended (sched(7); Linux 6.12, before which this changes nothing)."""
    if (number := SCHED_SETATTR.get(os.uname().machine)) is not None:
        attributes = struct.pack("=IIQiIQQQ", 48, 0, 0, 0, 0, SLICE_NANOSECONDS, 0, 0)
        _LIBC.syscall(number, 0, attributes, 0)


def die_with(parent: int) -> None:
    """Have the kernel kill us when our parent dies; end if it has."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(126)


def place(descriptors: list[int], targets: list[int]) -> None:
    """Move each descriptor to its number and close all others."""
    moved: list[int] = []
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, ABOVE + number)
        moved.append(ABOVE + number)
    for descriptor, target in zip(moved, targets, strict=True):
        os.dup2(descriptor, target, inheritable=True)
    kept = sorted({*targets, OWN})
    for low, high in zip([-1, *kept], [*kept, ABOVE + MOST_DESCRIPTORS], strict=True):
        if low + 1 < high:  # closerange(0, 0) closes everything
            os.closerange(low + 1, high)


def start(link: socket.socket, request: dict[str, Any]) -> None:
    """Make a fork that waits, and hand it over."""
    parent = os.getpid()
    try:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            pid = os.fork()
            if pid == 0:
                try:
                    wait(request["joins"], theirs.fileno(), parent)
                except BaseException as error:  # it must never go on as a second launcher
                    os.write(OWN, f"{type(error).__name__}: {error}".encode()[:1000])
                finally:
                    os._exit(126)
            answer(link, {"id": request["id"], "pid": pid}, ours)
    except OSError as error:
        socket.send_fds(link, [json.dumps({"id": request["id"], "error": str(error)}).encode()], [])


def answer(link: socket.socket, said: dict[str, int], ours: socket.socket) -> None:
    """Tell of a fork, with what one speaks to it on."""
    process = os.pidfd_open(said["pid"])
    try:
        socket.send_fds(link, [json.dumps(said).encode()], [process, ours.fileno()])
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


def main(link_number: int, processors: list[int]) -> None:
    if processors:
        os.sched_setaffinity(0, processors)  # and of all that it forks: the filter lets nobody change it
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
            data, _ = receive(link)
            if not data:
                return  # the forks are told by the kernel
            start(link, json.loads(data))


if __name__ == "__main__":
    main(int(sys.argv[1]), list(map(int, sys.argv[2:])))
