"""When a server dies, however it dies, nothing that it started stays."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fourhands.execution.backends.sandbox.launcher import SLICE_NANOSECONDS, place
from tests.execution.sandboxes import checked_backend, groups_of, job, needs_sandbox, open_descriptors, processes_of_users, run_job

ROOT = Path(__file__).parents[4]
LOG = "import sys, structlog; structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))"
SERVER = """
import asyncio
from tests.execution.sandboxes import checked_backend, job, until
FORKS = "import os, signal\\nif os.fork() == 0: os.setsid()\\nprint('x')\\nsignal.pause()"
async def main():
    async with checked_backend() as backend:
        for run in [await backend.start(job("python", FORKS)) for _ in range(4)]:
            await until(run.__aiter__(), "x")
        print(backend._place.zygote.pid, *backend._place.slots._locks, flush=True)
        await asyncio.sleep(1000)
asyncio.run(main())
"""
NEXT = """
import asyncio
from tests.execution.sandboxes import checked_backend
async def main():
    async with checked_backend():
        pass
asyncio.run(main())
"""


def started(program: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", f"{LOG}\n{program}"], stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": "src:."})


@needs_sandbox
def test_a_killed_server_leaves_no_process_and_its_groups_are_swept() -> None:
    server = started(SERVER)
    assert server.stdout is not None
    launcher, *uids = map(int, server.stdout.readline().split())
    assert len(processes_of_users(set(uids))) >= 8
    groups = groups_of(server.pid)
    assert groups
    server.send_signal(signal.SIGKILL)
    server.wait()
    wait_for(lambda: not processes_of_users(set(uids)) and not Path(f"/proc/{launcher}").exists())
    assert started(NEXT).wait() == 0  # if another test's server, which started meanwhile, has not swept them
    assert not any(path.exists() for path in groups)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


SLICE = """
import ctypes, os, struct
number = {"x86_64": 315, "aarch64": 275}[os.uname().machine]
attributes = ctypes.create_string_buffer(48)
assert ctypes.CDLL(None).syscall(number, 0, attributes, 48, 0) == 0
print(struct.unpack("=IIQiIQQQ", attributes.raw)[5])
"""


def slice_here() -> int:
    """What a process of this machine gets; 0 where that cannot be chosen."""
    return int(subprocess.run([sys.executable, "-c", SLICE], capture_output=True, check=True).stdout)


@needs_sandbox
async def test_whoever_wakes_up_goes_before_a_program() -> None:
    ordinary = slice_here()
    async with checked_backend() as backend:
        said = await run_job(backend, job("python", SLICE))
    assert int(said.output) == (SLICE_NANOSECONDS if ordinary else 0)
    assert ordinary < SLICE_NANOSECONDS


def test_descriptors_are_moved_without_overwriting_each_other() -> None:
    pid = os.fork()
    if pid == 0:
        try:
            pairs = [os.pipe() for _ in range(3)]
            for number, (_, write) in enumerate(pairs):
                os.write(write, b"%d" % number)
            ours = [read for read, _ in pairs]
            place(ours, [ours[1], ours[2], ours[0]])  # in a circle
            fine = [os.read(descriptor, 1) for descriptor in (ours[1], ours[2], ours[0])] == [b"0", b"1", b"2"]
            os._exit(0 if fine and open_descriptors() == 4 else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
