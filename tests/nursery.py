"""Servers that start at once: forked from a process that has loaded everything already, which takes most of the time of a start.

Run as a program it is that process: each line that it reads is what one server is started with; it forks, says the process id,
hears that it was seen, and writes down how the server ended.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
SEEN = b"seen"
END_SECONDS = 30.0
RUN_SECONDS = 120.0


class Forked:
    """A child of the nursery: what of `subprocess.Popen` is used. `ended`: the file that tells its exit code when it has one."""

    def __init__(self, pid: int, stdout: IO[Any], ended: Path) -> None:
        self.pid, self.stdout = pid, stdout
        self._ended = ended
        self._code: int | None = None
        self._end = os.pidfd_open(pid)

    def poll(self) -> int | None:
        return self._told() if select.select([self._end], [], [], 0)[0] else None

    def wait(self, timeout: float | None = None) -> int:
        if not select.select([self._end], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("the server", timeout or 0)
        return self._told()

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._end, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _told(self) -> int:
        """It is dead; the nursery is about to say how that went."""
        until = time.monotonic() + END_SECONDS
        while self._code is None:
            assert time.monotonic() < until, "the nursery does not say how the server ended"
            with contextlib.suppress(FileNotFoundError):
                self._code = int(self._ended.read_text())
                self._ended.unlink()
                break
            time.sleep(0.001)
        return self._code

    def __del__(self) -> None:
        os.close(self._end)


class Nursery:
    """The process that forks. `source`: the folder of sources; `env`: what is added to its environment, such as a disk's."""

    def __init__(self, folder: Path, source: str | None = None, env: dict[str, str] | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self._folder, self._count = folder, 0
        self._turn = threading.Lock()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FOURHANDS_")}
        paths = os.pathsep.join([source or str(ROOT / "src"), str(ROOT)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"],
            env={**inherited, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1", "COLUMNS": "300", **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def fork(self, arguments: list[str], env: dict[str, str]) -> Forked:
        """Start a server with those arguments and that environment, in which this process' own is kept."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._count += 1
            pipe, ended = self._folder / str(self._count), self._folder / f"{self._count}.ended"
            os.mkfifo(pipe)
            reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            asked = {"pipe": str(pipe), "ended": str(ended), "folder": str(Path.cwd()), "arguments": arguments, "env": env}
            self._tell(json.dumps(asked).encode())
            forked = Forked(int(self._process.stdout.readline()), os.fdopen(reading), ended)
            self._tell(SEEN)
        os.set_blocking(reading, True)
        pipe.unlink()
        return forked

    def run(self, arguments: list[str], env: dict[str, str], folder: Path, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a command to its end there, as `subprocess.run` would; `given`: what it reads."""
        with self._turn:
            self._count += 1
            said, errors, ended, read = (self._folder / f"{self._count}.{kind}" for kind in ("said", "errors", "ended", "read"))
            read.write_text(given)
            with said.open("w+b") as pipe, errors.open("w+b"):
                places = {"pipe": str(said), "errors": str(errors), "ended": str(ended), "read": str(read)}
                asked = {**places, "folder": str(folder), "arguments": arguments, "env": env}
                self._tell(json.dumps(asked).encode())
                assert self._process.stdout is not None
                forked = Forked(int(self._process.stdout.readline()), pipe, ended)
                self._tell(SEEN)
        code = forked.wait(RUN_SECONDS)
        texts = [path.read_text() for path in (said, errors)]
        for path in (said, errors, read):
            path.unlink()
        return subprocess.CompletedProcess(["fourhands", *arguments], code, *texts)

    def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End it, and what of its servers still runs."""
        self._process.communicate()


class _Forking:
    """Forks as it is told on stdin, until nobody is there any more.

    Invariant: no child is waited for before the other side has seen its process id, or the id could be another's by then.
    """

    def __init__(self) -> None:
        self._children: dict[int, Path] = {}
        self._unseen = False
        self._awake, self._wake = os.pipe()
        os.set_blocking(self._wake, False)

    def run(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake)
        rest = b""
        while True:
            ready = select.select([0, self._awake], [], [])[0]
            if self._awake in ready:
                os.read(self._awake, 1024)
            if 0 in ready:
                data = os.read(0, 1 << 16)
                if not data:
                    break
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    if line == SEEN:
                        self._unseen = False
                    else:
                        self._start(json.loads(line))
            if not self._unseen:
                self._reap()
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _start(self, asked: dict[str, Any]) -> None:
        pipe = os.open(asked["pipe"], os.O_WRONLY | os.O_NONBLOCK)  # raises where whoever asked has ended meanwhile, and so do we
        os.set_blocking(pipe, True)
        errors = os.open(asked["errors"], os.O_WRONLY) if "errors" in asked else pipe
        if pid := os.fork():
            for opened in {pipe, errors}:
                os.close(opened)
            self._children[pid], self._unseen = Path(asked["ended"]), True
            os.write(1, f"{pid}\n".encode())
            return
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        read = os.open(asked.get("read", os.devnull), os.O_RDONLY)
        for opened, number in ((read, 0), (pipe, 1), (errors, 2)):
            os.dup2(opened, number)
        for opened in {read, pipe, errors, self._awake, self._wake}:
            os.close(opened)
        serve(asked)

    def _reap(self) -> None:
        for pid, ended in tuple(self._children.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                del self._children[pid]
                written = ended.with_suffix(".writing")
                with contextlib.suppress(FileNotFoundError):  # the folder is gone: nobody asks any more
                    written.write_text(str(os.waitstatus_to_exitcode(status)))
                    written.rename(ended)


def serve(asked: dict[str, Any]) -> None:
    """Be the server, to its end."""
    import fourhands.cli

    code = 1
    try:
        os.chdir(asked["folder"])
        os.environ.update(asked["env"])
        sys.argv = ["fourhands", *asked["arguments"]]
        fourhands.cli.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:  # noqa: BLE001 - as an interpreter ends of it
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def load() -> None:
    """What a start loads and makes before it knows its settings, and what libraries make of the first application for all later ones."""
    for name in ("fourhands.cli", "fourhands.serving", "httptools", "uvicorn.lifespan.on", "uvloop"):
        importlib.import_module(name)
    from fourhands.app import create_app
    from fourhands.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        create_app(Settings(data_dir=Path(folder), runner="off"))
    assert threading.active_count() == 1, "a thread would not be there in what is forked"
    gc.collect()
    gc.freeze()  # what is forked need neither look at it nor copy it


if __name__ == "__main__":
    load()
    _Forking().run()
