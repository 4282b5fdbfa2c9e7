"""The topology of compose.yml as processes of this machine: PostgreSQL, Redis, a runner, three instances, nginx with TLS before them.

::

    Backends (PostgreSQL, Redis: one pair for a whole run)
        Cluster (a database and a prefix of its own) = instances + runner + nginx

What it is set to is read from compose.yml and deploy/compose, so that what is tested is what is shipped; replaced are addresses, ports and secrets.
"""

import atexit
import contextlib
import functools
import itertools
import os
import secrets
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from tests import postgres_server
from tests.cluster.parts import ROOT, ComposedRedis, Nginx, Program, nginx_program, runner_program
from tests.cluster.tls import believe, make_certificate
from tests.compose_file import read_compose, read_example
from tests.nursery import Forked
from tests.postgres_server import PostgresServer
from tests.redis_server import PROGRAM as REDIS
from tests.redis_server import free_port
from tests.server import START_SECONDS, UNHURRIED, ServerProcess, folder_in_memory

INSTANCES = 3
MISSING = postgres_server.MISSING or ("" if REDIS else "redis-server is not installed here") or ("" if nginx_program() else "nginx is not installed here")
"""Why the topology cannot be had here; empty where it can."""
NEVER_TAKEN = {"FOURHANDS_HOST", "FOURHANDS_PORT", "FOURHANDS_DATA_DIR", "FOURHANDS_LOG_FORMAT", "FOURHANDS_ENCRYPTION_KEYS", "FOURHANDS_API_TOKENS"}
"""Of compose.yml's settings those that are a container's, or that .env may leave empty."""


def moved(url: str, port: int, *, database: str | None = None) -> str:
    """An address of compose.yml's networks, as it is on this machine."""
    parts = urlsplit(url)
    host = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}"
    return urlunsplit(parts._replace(netloc=host, path=f"/{database}" if database else parts.path))


class Backends:
    """PostgreSQL and Redis as compose.yml sets them up. A context; `secrets` is its .env."""

    def __init__(self) -> None:
        self.secrets = {**read_example(), **{name: secrets.token_hex(16) for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")}}
        self.postgres: PostgresServer
        self.redis: ComposedRedis
        self.folder: Path
        self._stack = contextlib.ExitStack()

    def compose(self, public_url: str = "https://127.0.0.1") -> dict[str, Any]:
        """The services, with this .env."""
        return read_compose({**self.secrets, "PUBLIC_URL": public_url, "TLS_CERTIFICATE": "/unused", "TLS_KEY": "/unused"})["services"]

    def __enter__(self) -> Self:
        services = self.compose()
        self.folder = self._stack.enter_context(folder_in_memory())
        self.certificate, self.key = make_certificate(self.folder)
        believe(self.certificate)
        words = services["postgres"]["command"]
        given = dict(pair.split("=", 1) for option, pair in itertools.pairwise(words) if option == "-c")
        self.postgres = self._stack.enter_context(postgres_server.running({**given, "shared_buffers": "64MB"}))
        self._make_role(services["postgres"]["environment"])
        self.redis = ComposedRedis(services["redis"], self.folder)
        self.redis.start()
        self._stack.callback(self.redis.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _make_role(self, environment: Mapping[str, str]) -> None:
        self.role = environment["POSTGRES_USER"]
        self.postgres.sql(f"CREATE ROLE {self.role} LOGIN PASSWORD '{environment['POSTGRES_PASSWORD']}'")

    def create(self) -> str:
        """A new database that belongs to the installation's role; its name."""
        name = self.postgres.create()
        self.postgres.sql(f'ALTER DATABASE "{name}" OWNER TO {self.role}')
        return name

    @property
    def log(self) -> str:
        return f"--- PostgreSQL\n{self.postgres.log[-2000:]}\n--- Redis\n{self.redis.log[-2000:]}"


class Instance(ServerProcess):
    """A server that is told the address which people use, and so does not print its own; its port is chosen before. `env` may be changed between starts."""

    def __init__(self, data_dir: Path, env: dict[str, str], root_path: str = "") -> None:
        super().__init__(data_dir, port=free_port(), env=env, root_path=root_path)
        self.env = self._env = env
        self.port = self._port

    def _read(self, process: Forked, told: threading.Event) -> None:
        with process.stdout as lines:
            for line in lines:
                self._lines.append(line)
                if line.strip().startswith("Open "):
                    self.url = f"http://127.0.0.1:{self.port}{self._root_path}"
                    self._listens = True
                    told.set()
        told.set()


class Cluster(ServerProcess):
    """One installation; `url` is nginx's. Whoever knows servers only by `ServerProcess` may have one: `kill` and `stop` end all
    instances, `start` starts them again.

    `env`: settings of the instances besides compose.yml's; FOURHANDS_RUNNER=child asks for the runner of compose.yml. `close` ends everything.
    """

    def __init__(self, backends: Backends, folder: Path, *, instances: int = INSTANCES, env: Mapping[str, str] | None = None, root_path: str = "") -> None:
        super().__init__(folder / "data", root_path=root_path)
        self.backends, self.folder = backends, folder
        self._given = dict(env or {})
        self._with_runner = self._given.pop("FOURHANDS_RUNNER", "off") != "off"
        folder.mkdir(parents=True, exist_ok=True)
        self.database = backends.create()
        self.instances = [Instance(self.data_dir / str(number), {}, root_path) for number in range(instances)]
        self.nginx = Nginx(folder, backends.certificate, backends.key, [instance.port for instance in self.instances])
        self.runner: Program | None = None
        for instance in self.instances:
            instance.env.update(self._environment(self.nginx.url))

    def start(self) -> None:
        """Start what does not run, and wait until everything takes people. Raises `AssertionError` with the logs."""
        if self._with_runner and self.runner is None:
            self.start_runner()
        told = [(instance, instance.launch()) for instance in self.instances if not instance.is_running]
        for instance, listening in told:
            listening.wait(2 * START_SECONDS)
            assert instance.is_running and instance.url, f"an instance did not start:\n{self.log}"
        if not self.url:
            self.nginx.start()
            self.url = self.nginx.url + self._root_path

    def _environment(self, public_url: str) -> dict[str, str]:
        services = self.backends.compose(public_url)
        shipped: dict[str, str] = services["server1"]["environment"]
        assert shipped == services["server2"]["environment"]
        taken = {name: value for name, value in shipped.items() if name not in NEVER_TAKEN}
        assert taken.pop("FOURHANDS_TRUSTED_PROXIES") == services["nginx"]["networks"]["front"]["ipv4_address"]
        return {
            **taken,
            "DATABASE_URL": moved(taken["DATABASE_URL"], self.backends.postgres.port, database=self.database),
            "REDIS_URL": moved(taken["REDIS_URL"], self.backends.redis.port),
            "FOURHANDS_REDIS_PREFIX": self.prefix,
            "FOURHANDS_RUNNER": taken["FOURHANDS_RUNNER"] if self._with_runner else "off",
            "FOURHANDS_TRUSTED_PROXIES": "127.0.0.1",
            **self._given,
        }

    @property
    def prefix(self) -> str:
        """What its keys in Redis begin with."""
        return self.database

    @property
    def database_url(self) -> str:
        return self.instances[0].env["DATABASE_URL"]

    @property
    def urls(self) -> list[str]:
        return [instance.url for instance in self.instances]

    def start_runner(self) -> None:
        """Start the runner as compose.yml does."""
        env = {**{name: value for name, value in os.environ.items() if not name.startswith("FOURHANDS_")}, **UNHURRIED}
        env |= {name: value for name, value in self._given.items() if name.startswith("FOURHANDS_PROGRAM")}
        env |= {"PYTHONPATH": str(ROOT / "src"), "FOURHANDS_REDIS_PREFIX": self.prefix}
        self.runner = runner_program(self.backends.compose()["runner"], self.instances[0].env["REDIS_URL"], self.folder, env)
        self.runner.start()

    @property
    def is_running(self) -> bool:
        return any(instance.is_running for instance in self.instances)

    @property
    def log(self) -> str:
        """What everything said last, for a test that failed."""
        instances = "".join(f"--- instance {number}\n{instance.log[-4000:]}\n" for number, instance in enumerate(self.instances))
        runner = f"--- runner\n{self.runner.log}" if self.runner else ""
        return "\n".join([instances, f"--- nginx\n{self.nginx.log}", runner, self.backends.log])

    def mend(self) -> None:
        """Start whatever of it was ended."""
        for part in (self.backends.redis, self.backends.postgres):
            if not part.is_running:
                part.start()
        self.start()

    def kill(self) -> None:
        """End all instances as a power cut would."""
        for instance in self.instances:
            instance.kill()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """End all instances as an operator would; the first exit code that is not 0, if there is one."""
        return max((instance.stop(number) or 0 for instance in self.instances), key=abs)

    def close(self) -> None:
        """End everything; its database is dropped."""
        with contextlib.ExitStack() as rest:
            rest.callback(self.backends.postgres.drop, self.database)
            if self.runner is not None:
                rest.callback(self.runner.stop)
            rest.callback(self.stop)
            rest.callback(self.nginx.stop)


@contextlib.contextmanager
def running_cluster(backends: Backends, **wishes: Any) -> Iterator[Cluster]:
    """A cluster that is gone afterwards; its logs are printed, which shows them where a test fails."""
    with folder_in_memory() as folder:
        cluster = Cluster(backends, folder / "cluster", **wishes)
        try:
            cluster.start()
            yield cluster
        finally:
            print(cluster.log)
            cluster.close()


@functools.cache
def backends_of_this_process() -> Backends:
    """For tests that know nothing of them; they end with the process."""
    made = Backends().__enter__()
    atexit.register(made.__exit__)
    return made
