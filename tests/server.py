"""A real server as a process of its own, for tests that need one: started on a free port, killed, and started again on the
same port and data. It knows no test; `kill` is SIGKILL, `stop` is what an operator does. It is forked (tests/nursery.py);
tests/test_cli.py starts one as people do."""

import atexit
import contextlib
import functools
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.nursery import Forked, Nursery

ADDRESS = re.compile(r"Open\s+(http://\S+)")
UNHURRIED = {
    f"FOURHANDS_{name}": "1000000"
    for name in (
        "API_REQUESTS_PER_15_MINUTES",
        "JOINS_PER_15_MINUTES",
        "ROOMS_PER_15_MINUTES",
        "LOGINS_PER_MINUTE",
        "PASSWORD_GUESSES_PER_15_MINUTES",
        "WRONG_LOGINS_PER_15_MINUTES",
        "REGISTRATIONS_PER_15_MINUTES",
        "PASSWORDS_EACH",
    )
}
"""All tests come from one address, and oftener than people do; those of rates say what they want."""
START_SECONDS = 60.0
STOP_SECONDS = 30.0
SHARED_MEMORY = Path("/dev/shm")
MEMORY_BYTES = 1 << 30
"""What shared memory has to have left: containers often have next to none."""


@contextlib.contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder that is gone afterwards, in shared memory where there is enough of it."""
    place = SHARED_MEMORY if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > MEMORY_BYTES else None
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@functools.cache
def nursery() -> Nursery:
    """Where this process' servers come from."""
    folder = Path(tempfile.mkdtemp(prefix="fourhands-nursery-"))
    made = Nursery(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(made.close)
    return made


class ServerProcess:
    """`python -m fourhands serve` over one data directory.

    `env` is added to the environment; no programs run on it unless FOURHANDS_RUNNER is in there.
    `url` is what the server printed; from then on it keeps its port, also over restarts.
    """

    def __init__(self, data_dir: Path, *, port: int = 0, env: dict[str, str] | None = None, root_path: str = "") -> None:
        self.data_dir = data_dir
        self.url = ""
        self._port = port
        self._root_path = root_path
        self._env = env or {}
        self._process: Forked | None = None
        self._lines: list[str] = []
        self._listens = False
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """The process id of the server that runs now."""
        assert self._process is not None
        return self._process.pid

    @property
    def database_url(self) -> str:
        """Where it keeps everything, as DATABASE_URL says it."""
        return f"sqlite:///{self.data_dir / 'fourhands.db'}"

    @property
    def urls(self) -> list[str]:
        """Where each of its instances is: there is one."""
        return [self.url]

    def close(self) -> None:
        """End it, and what it needed."""
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether it was started, and has not ended since."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """Everything it wrote so far, over all its starts."""
        return "".join(self._lines)

    def start(self) -> None:
        """Start it and wait until it has printed its address. Raises `AssertionError` with its output if it does not."""
        told = self.launch()
        came = told.wait(START_SECONDS)
        assert came, f"the server did not start in time:\n{self.log}"
        assert self._listens, f"the server ended at once:\n{self.log}"

    def launch(self) -> threading.Event:
        """Start it without waiting; the event is set when it has printed its address, or has ended."""
        arguments = ["serve", "--port", str(self._port), "--data-dir", str(self.data_dir), "--root-path", self._root_path]
        self._process = self._spawn(arguments, {"FOURHANDS_RUNNER": "off", **UNHURRIED, **self._env})
        told = threading.Event()
        self._listens = False
        self._reader = threading.Thread(target=self._read, args=(self._process, told), daemon=True)
        self._reader.start()
        return told

    def _spawn(self, arguments: list[str], environment: dict[str, str]) -> Forked:
        return nursery().fork(arguments, environment)

    def wait_ended(self, seconds: float = STOP_SECONDS) -> None:
        """Wait until it has ended by itself, or by somebody else's hand. Raises `subprocess.TimeoutExpired`."""
        if self._process is not None:
            self._process.wait(seconds)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """End it as an operator would; its exit code, None if it was not running."""
        return self._end(number)

    def _end(self, number: signal.Signals) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the server did not stop:\n{self.log}") from None
        finally:
            if self._reader is not None:
                self._reader.join(STOP_SECONDS)

    def _read(self, process: Forked, told: threading.Event) -> None:
        """Read what it writes until it ends, so that it never waits for a reader."""
        with process.stdout as lines:
            for line in lines:
                self._lines.append(line)
                if found := ADDRESS.search(line):
                    self.url = found[1]
                    self._port = int(self.url.split(":")[2].split("/")[0])
                    self._listens = True
                    told.set()
        told.set()  # it ended: nobody need wait longer
