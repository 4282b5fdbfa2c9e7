"""What the tests in a browser share: one browser process, one server a module, and people, each a browser profile of
their own. A test that ends leaves no complaint behind in any of their pages, or it fails."""

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

from tests.e2e.person import Person
from tests.server import ServerProcess
from tests.wire.conftest import server

__all__ = ["browser_path", "chromium", "own_server", "people", "server", "wait_ready"]

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
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


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of the test's own, which it may kill."""
    process = ServerProcess(tmp_path / "data")
    process.start()
    yield process
    process.stop()


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
    while not _is_ready(process):
        assert time.monotonic() < last, f"the sandbox was not ready in time:\n{process.log}"
        time.sleep(0.1)


def _is_ready(process: ServerProcess) -> bool:
    try:
        with urllib.request.urlopen(f"{process.url}/readyz", timeout=READY_SECONDS):
            return True
    except urllib.error.HTTPError:
        return False
