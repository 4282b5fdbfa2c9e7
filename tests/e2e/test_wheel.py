"""What `pip install` gets: a wheel that carries the built pages and serves them on a machine without Node."""

import os
import re
import subprocess
import sys
import threading
import urllib.request
import zipfile
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(__file__).parents[2]
MOST_BYTES = 30_000_000
START_SECONDS = 60


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not hatch_build.is_built(ROOT):
        pytest.skip("the pages are not built from these sources: make pages")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_it_is_small_and_holds_all_and_nothing_else(wheel: Path) -> None:
    assert wheel.stat().st_size < MOST_BYTES
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for name in ("static/index.html", "static/sw.js", "static/runner/frame.html", "static/runner/preview.html", "execution/languages/python.toml"):
        assert f"fourhands/{name}" in names
    assert any(name.startswith("fourhands/store/sql/migrations/versions/") for name in names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"fourhands"}
    assert [name for name in names if ".test." in name or name.endswith((".ts", ".tsx", ".map", ".pyc"))] == []


def test_it_serves_the_pages_without_node(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    environment = {"PATH": "", "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "installed"), "LANG": os.environ.get("LANG", "C.UTF-8")}
    command = [sys.executable, "-m", "fourhands", "serve", "--port", "0", "--data-dir", str(tmp_path / "data")]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        patience = threading.Timer(START_SECONDS, server.kill)
        patience.start()
        try:
            assert server.stdout
            address = next(match[0] for line in server.stdout if (match := re.search(r"http://127\.0\.0\.1:\d+", line)))
            with urllib.request.urlopen(f"{address}/") as answer:
                page = answer.read().decode()
            assets = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)
            assert assets
            for path in (*assets, "/runner/frame.html", "/runner/preview.html", "/sw.js"):
                with urllib.request.urlopen(address + path) as answer:
                    assert answer.status == 200
        finally:
            server.terminate()
            server.wait(START_SECONDS)
            patience.cancel()
