"""What the tests in a browser share: one browser process, one server a module, and people, each a browser profile of
their own. A test that ends leaves no complaint behind in any of their pages, or it fails."""

import json
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.cluster.topology import MISSING, Cluster, backends_of_this_process
from tests.e2e.person import Person
from tests.server import ServerProcess, folder_in_memory

__all__ = ["browser_path", "chromium", "make_server", "own_server", "people", "server", "wait_ready"]

TOPOLOGY = os.environ.get("TOPOLOGY", "one")
"""What the tests in a browser run against: `one` server over SQLite, or `cluster`, the topology of compose.yml (`make e2e TOPOLOGY=cluster`)."""

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--ignore-certificate-errors"] if TOPOLOGY == "cluster" else []),  # a service worker wants a certificate that is believed
)
EXPECT_MILLISECONDS = 30_000
READY_SECONDS = 60.0
STATIC = Path(__file__).resolve().parents[2] / "src" / "fourhands" / "static"


class ManyPeople(Protocol):
    """Brings in a person: `await people("Ada")`. Options are those of Playwright's `new_context`."""

    def __call__(self, name: str = "", **options: Any) -> Awaitable[Person]: ...


def browser_path() -> str:
    """The system's Chromium, at best without windows, or the one that FOURHANDS_CHROMIUM names."""
    found = os.environ.get("FOURHANDS_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "no Chromium was found: install it, or name it in FOURHANDS_CHROMIUM"
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser process for all tests."""
    expect.set_options(timeout=EXPECT_MILLISECONDS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield browser
        await browser.close()


def make_server(folder: Path, *, env: dict[str, str] | None = None, root_path: str = "") -> ServerProcess:
    """A server that is not started yet, in the topology that was asked for. `close` it."""
    if TOPOLOGY == "one":
        return ServerProcess(folder, env=env, root_path=root_path)
    assert TOPOLOGY == "cluster", f"TOPOLOGY is {TOPOLOGY}: there are one and cluster"
    if MISSING:
        pytest.skip(MISSING)
    return Cluster(backends_of_this_process(), folder, env=env, root_path=root_path)


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """One for a whole module; tests open rooms of their own."""
    with folder_in_memory() as folder:
        process = make_server(folder / "data")
        process.start()
        yield process
        process.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of the test's own, which it may kill."""
    process = make_server(tmp_path / "data")
    process.start()
    yield process
    process.close()


@pytest_asyncio.fixture(loop_scope="session")
async def people(chromium: Browser) -> AsyncIterator[ManyPeople]:
    """Brings people in; at the end of the test they leave, and nothing may have gone wrong in their pages."""
    assert (STATIC / "index.html").is_file(), "the pages are not built: run `make pages`"
    present: list[Person] = []

    async def bring(name: str = "", **options: Any) -> Person:
        present.append(await Person.enter(chromium, name, options))
        return present[-1]

    yield bring
    for person in present:
        await person.leave()
    complaints = [f"{person.name or 'somebody'}: {complaint}" for person in present for complaint in person.complaints]
    assert not complaints, "\n".join(complaints)


def wait_ready(process: ServerProcess) -> None:
    """Wait until a server that runs programs has tested its sandbox. Raises `AssertionError` with its output if it does not."""
    last = time.monotonic() + READY_SECONDS
    for url in process.urls:
        while not _is_ready(url):
            assert time.monotonic() < last, f"the sandbox was not ready in time:\n{process.log}"
            time.sleep(0.1)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=READY_SECONDS) as answer:
            return json.load(answer)["off"] == []  # an instance may be ready before it knows of a runner
    except urllib.error.HTTPError:
        return False
