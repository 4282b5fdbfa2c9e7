"""Piston's clients, unmodified, run programs through a whole server: its runner, its sandbox."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hatch_build import Node
from tests.e2e.fixtures import make_server, wait_ready
from tests.execution.sandboxes import needs_sandbox
from tests.server import ServerProcess

TOKEN = "a-token-of-the-tests"
HERE = Path(__file__).parent
SECONDS = 60

pytestmark = needs_sandbox


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that runs programs."""
    process = make_server(
        tmp_path_factory.mktemp("programs"), env={"FOURHANDS_RUNNER": "child", "FOURHANDS_API_TOKENS": TOKEN, "FOURHANDS_API_PROGRAM_SECONDS": "10"}
    )
    process.start()
    wait_ready(process)
    ready = httpx.get(f"{process.url}/readyz")
    assert ready.json()["off"] == [], ready.text
    yield process
    process.close()


def said_by(*command: str) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_aiopyston_runs_programs(running: ServerProcess) -> None:
    got = said_by(sys.executable, str(HERE / "aiopyston_client.py"), running.url, TOKEN)
    assert {"python", "bash"} <= set(got["languages"])
    assert got["run"][:2] == ["Hallo Ada ['x']\n", 0]
    assert got["c"] == ["from C\n", 3, 0]
    assert got["refused"] == "cobol-2000-* runtime is unknown"


def test_piston_client_runs_programs(running: ServerProcess, node: Node) -> None:
    address = running.url.replace("://", f"://{TOKEN}@")
    got = said_by(str(node.folder / "node"), str(HERE / "piston-client.mjs"), address)
    assert got["runtimes"] > 0
    assert got["ran"]["run"]["stdout"] == "Hallo Ada ['1', '2', '3']\n"
    assert got["failed"]["run"]["code"] == 1
    assert "ZeroDivisionError" in got["failed"]["run"]["stderr"]
    assert got["refused"] == {"message": "run_timeout cannot exceed the configured limit of 10000"}


async def test_fifty_at_once_and_a_bomb_among_them(running: ServerProcess) -> None:
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"

    async def run(client: httpx.AsyncClient, code: str, timeout_ms: int) -> dict[str, Any]:
        body = {"language": "python", "version": "*", "files": [{"content": code}], "run_timeout": timeout_ms}
        answer = await client.post(f"{running.url}/api/v2/execute", json=body, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.json()["run"]

    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=60)) as client:
        bombed, *rest = await asyncio.gather(run(client, bomb, 500), *(run(client, f"print({number})", 3000) for number in range(50)))
    assert bombed["code"] is None
    assert [one["stdout"] for one in rest] == [f"{number}\n" for number in range(50)]
