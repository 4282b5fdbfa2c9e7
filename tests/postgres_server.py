"""A real PostgreSQL as a process of its own, for tests that need one: initialised in a folder, started on a free port of the
loopback, killed and started again on the same port and data, ended by its process id. It knows no test.

PostgreSQL refuses to be root: there it runs as the system's own `postgres`, or as `nobody`.
"""

import contextlib
import fcntl
import os
import pwd
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from tests.server import folder_in_memory
from tests.watch import Watch, when_nobody_holds

START_SECONDS = 60.0
STOP_SECONDS = 60.0
STEP_SECONDS = 0.05
TRIES = 5
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "max_wal_senders": "4",
    "hot_standby": "on",
    "log_min_messages": "warning",
    "autovacuum_naptime": "10s",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
}


def binaries() -> Path | None:
    """The folder of the newest server that is installed; None where there is none. Debian keeps them off the PATH."""
    on_path = shutil.which("postgres")
    if on_path is not None and (Path(on_path).resolve().parent / "initdb").exists():
        return Path(on_path).resolve().parent
    found = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


MISSING = "" if binaries() else "PostgreSQL is not installed (tools/apt.sh need_servers)"
"""Why tests that need it are skipped; empty where it is there."""


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


class PostgresServer:
    """A server over `folder`, whose superuser is `owner` with `password`. `start` initialises it the first time."""

    def __init__(self, folder: Path, *, port: int = 0, password: str = "", settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = port or free_port()
        self.password = password or "p@ss/word"  # what has to be quoted in a URL
        self._settings = {**SETTINGS, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _other_user()
        self._watch: Watch | None = None

    def url(self, database: str = "postgres", *, user: str = "owner", password: str | None = None) -> str:
        """How one of its databases is named in `DATABASE_URL`."""
        return f"postgresql://{user}:{quote(self.password if password is None else password, safe='')}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        """Make the data folder. Anybody may come from this machine who knows the password."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._give(self.folder)
        words = self.folder / "password"
        words.write_text(self.password)
        self._give(words)
        self.run("initdb", "-D", str(self.data), "-U", "owner", f"--pwfile={words}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        words.unlink()

    def start(self, *, watched: bool = True) -> None:
        """Start it and wait until it takes connections. Raises `AssertionError` with what it said if it does not.

        `watched`: it ends with this process, however that ends.
        """
        fresh = not self.data.exists()
        if fresh:
            self.initialise()
        for _ in range(TRIES if fresh else 1):
            if self._launch():
                if watched and self._watch is None:
                    self._watch = Watch(self.folder / "watched", self.ending())
                return
            self.port = free_port()  # somebody was quicker to take it
        raise AssertionError(f"PostgreSQL did not start:\n{self.log}")

    def _launch(self) -> bool:
        """Whether it takes connections; not if it ended at once."""
        given = [
            part for name, value in {**self._settings, "port": str(self.port), "unix_socket_directories": ""}.items() for part in ("-c", f"{name}={value}")
        ]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_user(), str(_bin("postgres")), "-D", str(self.data), *given],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._process.poll() is not None:
                return False
            assert time.monotonic() < deadline, f"PostgreSQL did not start:\n{self.log}"
            time.sleep(STEP_SECONDS)
        return self._process.poll() is None  # it is not somebody else's that answers

    @property
    def is_running(self) -> bool:
        """Whether it was started, and has not ended since."""
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        """Whether it takes connections."""
        asked = subprocess.run([str(_bin("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False, stdin=subprocess.DEVNULL)
        return asked.returncode == 0

    def kill(self) -> None:
        """End it, and all of its processes, as a power cut would."""
        assert self._process is not None
        self._signal(signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        self._process = None

    def stop(self) -> None:
        """End it in order; connections are cut."""
        if self._process is not None and self._process.poll() is None:
            self.resume()
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None
        if self._watch is not None:
            self._watch.end()
            self._watch = None

    def ending(self) -> list[str]:
        """The command that ends it and removes its folder, whoever started it."""
        stop = [*self._as_user(), str(_bin("pg_ctl")), "stop", "-D", str(self.data), "-m", "immediate"]
        return ["sh", "-c", f"{shlex.join(stop)}; rm -rf {shlex.quote(str(self.folder))}"]

    def pause(self) -> None:
        """Let it hang: connections stay, nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """To all its processes; each is a process group of its own. The first is stopped meanwhile, so that it makes no others."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in (*map(int, children), self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log_file(self) -> Path:
        return self.folder / "log"

    @property
    def log(self) -> str:
        """What it said so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What `psql` says to one statement, without decoration. Raises `AssertionError`."""
        done = subprocess.run(
            [str(_bin("psql")), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url(database)],
            check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def create(self, *, template: str = "template0") -> str:
        """A new database's name."""
        name = f"fh_{secrets.token_hex(6)}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def standby(self, folder: Path) -> "PostgresServer":
        """A server that follows this one; not started yet."""
        made = PostgresServer(folder, password=self.password)
        made.folder.mkdir(parents=True, exist_ok=True)
        made._give(made.folder)
        source = self.url().replace("/postgres", "/") + "?application_name=standby"
        made.run("pg_basebackup", "-D", str(made.data), "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", source)
        return made

    def run(self, program: str, *words: str) -> None:
        """One of PostgreSQL's programs, as the server's user. Raises `AssertionError`."""
        done = subprocess.run(
            [*self._as_user(), str(_bin(program)), *words], check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.folder
        )
        assert done.returncode == 0, done.stderr

    def _as_user(self) -> list[str]:
        if self._user is None:
            return []
        return ["setpriv", f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups", "--"]

    def _give(self, path: Path) -> None:
        """To the server's user."""
        if self._user is not None:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)


def _bin(program: str) -> Path:
    folder = binaries()
    assert folder is not None, MISSING
    return folder / program


def _other_user() -> pwd.struct_passwd | None:
    """Who the server is to be; None: who runs the tests."""
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise AssertionError("PostgreSQL does not run as root, and there is no other user.")


@contextlib.contextmanager
def running(settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """A server of one's own, to be killed and the like; gone afterwards."""
    with folder_in_memory() as folder:
        folder.chmod(0o755)
        server = PostgresServer(folder / "postgres", settings=settings)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def shared(run_id: str) -> Iterator[PostgresServer]:
    """The one server of a run of tests: whichever process comes first starts it, whichever goes last ends it.

    Every process that uses it holds a lock on a file, which the system lets go however the process ends.
    """
    place = Path(tempfile.gettempdir()) / f"fourhands-postgres-{os.getuid()}-{run_id}"
    place.mkdir(mode=0o755, exist_ok=True)
    with (place / "turn").open("a") as turn, (place / "users").open("a") as users:
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            fcntl.flock(users, fcntl.LOCK_SH)
            server = _join(place)
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)
        try:
            yield server
        finally:
            fcntl.flock(turn, fcntl.LOCK_EX)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # others still work with it
            else:
                _end(place)
            finally:
                fcntl.flock(turn, fcntl.LOCK_UN)


def _join(place: Path) -> PostgresServer:
    """The server that runs for this run, or one that is started now."""
    note = place / "server"
    if note.exists():
        folder, port = note.read_text().split("\n")
        there = PostgresServer(Path(folder), port=int(port))
        if there.answers():
            return there
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="fourhands-postgres-", dir=memory if memory.is_dir() and shutil.disk_usage(memory).free > 1 << 30 else None))
    folder.chmod(0o755)
    server = PostgresServer(folder / "postgres")
    server.start(watched=False)
    when_nobody_holds(place / "users", server.ending())  # our caller does
    note.write_text(f"{server.folder}\n{server.port}")
    return server


def _end(place: Path) -> None:
    note = place / "server"
    if not note.exists():
        return
    folder = Path(note.read_text().split("\n")[0])
    PostgresServer(folder).run("pg_ctl", "stop", "-D", str(folder / "data"), "-m", "immediate", "-w")
    shutil.rmtree(folder.parent, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
