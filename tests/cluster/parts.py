"""The programs of compose.yml beside the servers, as processes: each with the settings that stand there, on free ports of the loopback, ended by its id."""

import contextlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.redis_server import RedisServer, free_port

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 30.0
START_SECONDS = 60.0
LAST_CHARACTERS = 6000
MANY_A_SECOND = "100000r/s"


class Program:
    """One process, whose output goes to a file."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name, self._command, self._log, self._env = name, list(command), log, dict(env) if env is not None else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """The last of what it said."""
        return self._log.read_text(errors="replace")[-LAST_CHARACTERS:] if self._log.exists() else ""

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_for(self, said: str) -> None:
        """Until its log has this. Raises `AssertionError` with the log."""
        until = time.monotonic() + START_SECONDS
        while said not in self.log:
            assert self.is_running, f"{self.name} ended:\n{self.log}"
            assert time.monotonic() < until, f"{self.name} does not say {said!r}:\n{self.log}"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{self.name} did not stop:\n{self.log}") from None


class ComposedRedis(RedisServer):
    """Redis with the configuration and password of compose.yml."""

    def __init__(self, service: Mapping[str, Any], folder: Path) -> None:
        super().__init__()
        self.password: str = service["environment"]["REDIS_PASSWORD"]
        self.url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        script = service["command"][-1].replace("$REDIS_PASSWORD", self.password)
        lines = re.search(r"<<CONF\n(.*)\nCONF", script, re.DOTALL)
        assert lines, script
        assert "port 6379\n" in lines[1]
        self._configuration = folder / "redis.conf"
        self._configuration.write_text(lines[1].replace("port 6379\n", f"port {self.port}\nbind 127.0.0.1\ndir {folder}\n") + "\n")
        self._program = Program("redis", ["redis-server", str(self._configuration)], folder / "redis.log")

    @property
    def log(self) -> str:
        return self._program.log

    @property
    def is_running(self) -> bool:
        return self._program.is_running

    def start(self) -> None:
        self._program.start()
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self._program.is_running, f"redis-server ended:\n{self.log}"
            assert time.monotonic() < until, f"redis-server does not answer:\n{self.log}"
            time.sleep(0.02)

    def answers(self) -> bool:
        asked = subprocess.run(
            ["redis-cli", "-p", str(self.port), "ping"], env={"REDISCLI_AUTH": self.password, "PATH": "/usr/bin:/bin"}, capture_output=True, check=False
        )
        return asked.stdout.startswith(b"PONG")

    def kill(self) -> None:
        self._program.kill()

    def stop(self) -> None:
        self._program.stop()


class Nginx:
    """nginx with deploy/compose/nginx.conf in front of these servers (ports). One address makes all the requests of tests: it may make more than a person's."""

    def __init__(self, folder: Path, certificate: Path, key: Path, ports: Sequence[int]) -> None:
        self._folder, self._ports = folder, list(ports)
        self.port, self.plain_port = free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.configuration = folder / "nginx.conf"
        self.configuration.write_text(self._fitted(certificate, key))
        program = nginx_program()
        assert program, "nginx is not installed"
        command = [program, "-e", "stderr", "-p", str(folder), "-c", str(self.configuration), "-g", "daemon off;"]
        self._program = Program("nginx", command, folder / "nginx.log")

    @property
    def log(self) -> str:
        return self._program.log

    def _fitted(self, certificate: Path, key: Path) -> str:
        text = (ROOT / "deploy" / "compose" / "nginx.conf").read_text()
        servers = "".join(f"        server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;\n" for port in self._ports)
        for pattern, replacement in (
            (r"(?m)^user nginx;\n", ""),
            (r"(?m)^worker_processes auto;", "worker_processes 1;"),
            (r"(?m)^worker_rlimit_nofile \d+;\n", ""),
            (r"/tmp/", f"{self._folder}/"),
            (r"/dev/stdout", f"{self._folder}/access.log"),
            (r"/dev/stderr", "stderr"),
            (r"/etc/fourhands/tls/certificate\.pem", str(certificate)),
            (r"/etc/fourhands/tls/key\.pem", str(key)),
            (r"listen 8443 ", f"listen 127.0.0.1:{self.port} "),
            (r"listen 8080;", f"listen 127.0.0.1:{self.plain_port};"),
            (r"rate=\d+r/s", f"rate={MANY_A_SECOND}"),
            (r"(?:        server server\d:8000[^\n]*\n)+", servers),
        ):
            text, count = re.subn(pattern, lambda _, new=replacement: new, text)
            assert count, f"deploy/compose/nginx.conf has no {pattern} any more"
        return text

    def start(self) -> None:
        """Start it and wait until it listens. Raises `AssertionError` with what it said."""
        self._program.start()
        until = time.monotonic() + START_SECONDS
        while not self._listens():
            assert self._program.is_running, f"nginx ended:\n{self.log}"
            assert time.monotonic() < until, f"nginx does not listen:\n{self.log}"
            time.sleep(0.02)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5):
            return True
        return False

    def stop(self) -> None:
        self._program.stop()


def nginx_program() -> str | None:
    """Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def runner_program(service: Mapping[str, Any], redis_url: str, folder: Path, env: Mapping[str, str]) -> Program:
    """`fourhands runner` as compose.yml starts it, with this Redis."""
    settings = {**service["environment"], "REDIS_URL": redis_url}
    return Program("runner", [sys.executable, "-m", "fourhands", "runner"], folder / "runner.log", {**env, **settings})
