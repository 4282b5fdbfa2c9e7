"""The command, as people type it: in a process of its own, with an environment of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from tests.server import nursery

ROOT = Path(__file__).parents[1]
START_SECONDS = 60


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "SYSTEMROOT"}}
    return {**kept, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100", "TERM": "dumb", "FOURHANDS_RUNNER": "off", **more}


def run(tmp_path: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fourhands", *words]
    return subprocess.run(command, env=environment(tmp_path, **more), cwd=tmp_path, capture_output=True, text=True, timeout=START_SECONDS, check=False)


def run_forked(tmp_path: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The same by a process that has loaded everything, for tests of what a command does."""
    return nursery().run(list(words), environment(tmp_path, **more), tmp_path)


def test_help_names_every_command_and_what_to_do_first(tmp_path: Path) -> None:
    said = run(tmp_path, "--help")
    assert said.returncode == 0
    assert "serve" in said.stdout
    assert "settings" in said.stdout
    assert "Start with  fourhands serve" in said.stdout
    assert run(tmp_path).stdout.split() == said.stdout.split()


def test_help_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    heavy = "{'fastapi', 'uvicorn', 'sqlalchemy', 'pydantic', 'pycrdt', 'picows', 'asyncio'}"
    code = f"import sys, fourhands.cli; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_version(tmp_path: Path) -> None:
    assert re.fullmatch(r"fourhands \d+\.\d+\.\d+\S*\n", run(tmp_path, "--version").stdout)


@pytest.mark.parametrize(
    ("words", "more", "sentence"),
    [
        (["--host", "0.0.0.0"], {}, "SECRET_KEY must be set"),
        (["--host", "0.0.0.0"], {"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ([], {"PORT": "99999"}, "PORT"),
        ([], {"FOURHANDS_IDLE_SECONDS": "soon"}, "IDLE_SECONDS"),
    ],
)
def test_settings_that_make_no_sense_are_one_line(tmp_path: Path, words: list[str], more: dict[str, str], sentence: str) -> None:
    said = run(tmp_path, "serve", *words, **more)
    assert said.returncode == 2
    assert sentence in said.stderr
    assert said.stderr.startswith("error: ")
    assert "Traceback" not in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_a_secret_is_never_repeated(tmp_path: Path) -> None:
    said = run(tmp_path, "serve", SECRET_KEY="hush-hush")
    assert said.returncode == 2
    assert "hush-hush" not in said.stderr + said.stdout


def test_an_option_goes_before_the_environment(tmp_path: Path) -> None:
    said = run(tmp_path, "serve", "--port", "70000", PORT="9000")
    assert "70000" in said.stderr


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = run(tmp_path, "serve", "--port", str(taken.getsockname()[1]))
    assert said.returncode == 1
    assert "Choose another with --port" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_data_directory_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = run(tmp_path, "serve", "--port", "0", "--data-dir", str(tmp_path / "file" / "below"))
    assert said.returncode == 1
    assert str(tmp_path / "file") in said.stderr
    assert "Traceback" not in said.stderr


def test_settings_are_listed(tmp_path: Path) -> None:
    said = run(tmp_path, "settings", PORT="9000")
    assert "FOURHANDS_PORT" in said.stdout
    assert "9000" in said.stdout


def test_it_serves_says_where_and_stops(tmp_path: Path) -> None:
    data = tmp_path / "kept"
    command = [sys.executable, "-m", "fourhands", "serve", "--port", "0", "--data-dir", str(data)]
    with subprocess.Popen(command, env=environment(tmp_path), cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        patience = threading.Timer(START_SECONDS, server.kill)
        patience.start()
        try:
            assert server.stdout
            said = ""
            for line in server.stdout:
                said += line
                if "Stop" in line:
                    break
            address = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert address, said
            assert str(data) in said
            with urllib.request.urlopen(f"{address[0]}/healthz", timeout=START_SECONDS) as answer:
                assert answer.status == 200
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(START_SECONDS)
            patience.cancel()
        assert server.returncode == 0
        assert (data / "secret").stat().st_mode & 0o777 == 0o600


def test_a_runner_must_be_told_where_servers_find_it(tmp_path: Path) -> None:
    said = run(tmp_path, "runner")
    assert said.returncode == 2
    assert "--listen unix:///" in said.stderr


def test_a_runner_that_cannot_listen_is_one_line(tmp_path: Path) -> None:
    said = run(tmp_path, "runner", "--listen", f"unix://{tmp_path}/none/s")
    assert said.returncode == 1
    assert "Cannot listen at" in said.stderr
    assert "Traceback" not in said.stderr
