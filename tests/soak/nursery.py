"""Servers that start at once: forked from a process that has loaded everything already. For tests that start hundreds.

Run as a program it is that process: each line that it reads is what one server is started with; it forks and says the process id.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from tests.server import ROOT, ServerProcess


class Forked:
    """A child of the nursery: what of `subprocess.Popen` is used."""

    def __init__(self, pid: int, stdout: IO[str]) -> None:
        self.pid, self.stdout = pid, stdout
        self._end = os.pidfd_open(pid)

    def poll(self) -> int | None:
        return 0 if select.select([self._end], [], [], 0)[0] else None

    def wait(self, timeout: float | None = None) -> int:
        if not select.select([self._end], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("the server", timeout or 0)
        return 0

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._end, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        os.close(self._end)


class Nursery:
    """The process that forks. `source`: the folder of sources; `env`: what is added to its environment, such as a disk's."""

    def __init__(self, folder: Path, source: str | None = None, env: dict[str, str] | None = None) -> None:
        folder.mkdir()
        self._folder, self._count = folder, 0
        self._turn = threading.Lock()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FOURHANDS_")}
        paths = os.pathsep.join([source or str(ROOT / "src"), str(ROOT)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.nursery"],
            env={**inherited, "PYTHONPATH": paths, "COLUMNS": "300", **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def fork(self, arguments: list[str], env: dict[str, str]) -> Forked:
        """Start a server with those arguments and that added environment."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._count += 1
            pipe = self._folder / str(self._count)
            os.mkfifo(pipe)
            reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            self._process.stdin.write(json.dumps({"pipe": str(pipe), "arguments": arguments, "env": env}) + "\n")
            self._process.stdin.flush()
            pid = int(self._process.stdout.readline())
        os.set_blocking(reading, True)
        pipe.unlink()
        return Forked(pid, os.fdopen(reading))

    def close(self) -> None:
        self._process.communicate()


class NurseryServer(ServerProcess):
    """A server of a nursery."""

    def __init__(self, nursery: Nursery, data_dir: Path, *, env: dict[str, str]) -> None:
        super().__init__(data_dir, env=env)
        self._nursery = nursery

    def _spawn(self, command: list[str], environment: dict[str, str]) -> Any:
        return self._nursery.fork(command[3:], {name: value for name, value in environment.items() if name.startswith("FOURHANDS_")})


def main() -> None:
    """Fork a server for each line of stdin, with a pipe for all that it writes."""
    import fourhands.app
    import fourhands.cli

    del fourhands.app  # loaded, that is all
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    for line in sys.stdin:
        asked = json.loads(line)
        pipe = os.open(asked["pipe"], os.O_WRONLY)
        if pid := os.fork():
            os.close(pipe)
            os.write(1, f"{pid}\n".encode())
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        for opened, number in ((null, 0), (pipe, 1), (pipe, 2)):
            os.dup2(opened, number)
        os.close(pipe)
        os.environ.update(asked["env"])
        sys.argv = ["fourhands", *asked["arguments"]]
        code = 0
        try:
            fourhands.cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


if __name__ == "__main__":
    main()
