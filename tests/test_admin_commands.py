"""`fourhands admin`, as an operator types it: alone, and beside a server that runs."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.nursery import ROOT
from tests.server import ServerProcess, nursery

PASSWORD = "correct horse battery"
QUICK = {"FOURHANDS_PASSWORD_MEMORY_BYTES": str(8 * 1024 * 1024), "FOURHANDS_PASSWORD_PASSES": "1"}


def admin(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    elsewhere = {"FOURHANDS_HOST": "0.0.0.0"}  # where the server listens does not matter here, nor that it would need a secret there
    return nursery().run(["admin", *words, "--data-dir", str(folder)], {**QUICK, **elsewhere}, folder, given=stdin)


def test_accounts_are_made_and_promoted_beside_a_server(quick_dir: Path) -> None:
    made = admin(quick_dir, "create-user", "Ada", stdin=PASSWORD + "\n")
    assert (made.returncode, made.stdout) == (0, "ada may log in now.\n"), made.stderr
    server = ServerProcess(quick_dir, env={**QUICK, "FOURHANDS_ACCOUNTS": "invite"})
    server.start()
    try:
        with httpx.Client(base_url=server.url) as api:

            def log_in(login: str, password: str) -> httpx.Response:
                return api.post("/api/login", json={"login": login, "password": password, "tokens": "body"})

            first = log_in("ada", PASSWORD).json()
            assert first["account"]["admin"] is False
            assert admin(quick_dir, "promote", "ada").stdout == "ada is an administrator now.\n"
            assert admin(quick_dir, "create-user", "root", "--admin", "--name", "Root", stdin=PASSWORD).returncode == 0
            assert (log_in("root", PASSWORD).json()["account"]["admin"], log_in("ada", PASSWORD).json()["account"]["admin"]) == (True, True)
            assert admin(quick_dir, "reset-password", "ADA", stdin="another fine password\n").returncode == 0
            assert api.post("/api/refresh", json={"refresh_token": first["refresh_token"]}).status_code == 401
            assert (log_in("ada", PASSWORD).status_code, log_in("ada", "another fine password").status_code) == (401, 200)
            link = admin(quick_dir, "invite", "--url", "https://pad.example.org/").stdout.strip()
            assert link.startswith("https://pad.example.org/register#")
            wanted = {"login": "lin", "password": PASSWORD, "tokens": "body"}
            assert api.post("/api/accounts", json=wanted).status_code == 403
            assert api.post("/api/accounts", json={**wanted, "invite": link.partition("#")[2]}).status_code == 201
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("words", "stdin", "sentence"),
    [
        (("create-user", "ada"), "short\n", "10 characters"),
        (("create-user", "a b"), PASSWORD, "login name"),
        (("promote", "nobody"), "", "Nobody logs in as nobody."),
        (("reset-password", "nobody"), PASSWORD, "Nobody logs in as nobody."),
        (("invite",), "", "--url"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(quick_dir: Path, words: tuple[str, ...], stdin: str, sentence: str) -> None:
    done = admin(quick_dir, *words, stdin=stdin)
    assert done.returncode in {1, 2}
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_no_password_is_taken_from_the_command_line() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "300"}
    command = [sys.executable, "-m", "fourhands", "admin", "create-user", "--help"]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "--password" not in shown.stdout
