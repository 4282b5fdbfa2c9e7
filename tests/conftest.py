"""What holds for all tests: machines differ in speed, so nothing has to be fast; the same examples of properties each time,
others in long runs; a test that fails is named at once; the options of long runs."""

import asyncio
import functools
import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import structlog
from _pytest.terminal import TerminalReporter
from httpx._config import DEFAULT_TIMEOUT_CONFIG, create_ssl_context
from httpx._transports import default as transports
from hypothesis import HealthCheck, settings

from tests.postgres_server import MISSING, PostgresServer, shared
from tests.redis_server import redis_server  # noqa: F401 - a fixture
from tests.server import UNHURRIED, folder_in_memory

ANSWER_SECONDS = 60.0
_configure = structlog.configure


def _configure_without_keeping(**given: Any) -> None:
    """Whoever sets up the log in one test does not decide where later ones say what they say, nor how loud."""
    _configure(**{**given, "cache_logger_on_first_use": False})


structlog.configure = _configure_without_keeping
settings.register_profile("others-each-time", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same-each-time", settings.get_profile("others-each-time"), derandomize=True)
for phase in ("connect", "read", "write", "pool"):  # the 5 s of httpx are for people who wait
    setattr(DEFAULT_TIMEOUT_CONFIG, phase, ANSWER_SECONDS)
setattr(transports, "create_ssl_context", functools.cache(create_ssl_context))  # noqa: B010 - each client reads all the machine's certificates otherwise
for name, value in {"FOURHANDS_RUNNER": "off", **UNHURRIED}.items():  # a server starts a runner only in tests that want one
    os.environ.setdefault(name, value)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("soak", "long runs (tests/soak)")
    group.addoption("--full", action="store_true", help="full counts instead of a tenth of them")
    group.addoption("--seed", type=int, help="the first round's seed; the next rounds count on from it")
    group.addoption("--rounds", type=int, help="this many rounds of each test that has rounds")
    group.addoption("--source", help="run servers from this folder of sources instead of src")


class NamesWhatFails:
    """Says the name of what fails when it fails: a run that is cut off later has said so."""

    def __init__(self, terminal: TerminalReporter) -> None:
        self._terminal = terminal

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._terminal.write_line("")
            self._terminal.write_line(f"FAILED {report.nodeid} ({report.when})", red=True)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("others-each-time" if config.option.full else "same-each-time")
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:  # the workers have none
        config.pluginmanager.register(NamesWhatFails(terminal))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, files are begun in an order that mixes those that wait with those that reckon: the processors have work at any time."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: zlib.crc32(item.nodeid.partition("::")[0].encode()))


@pytest.fixture
def quick_dir() -> Iterator[Path]:
    """A folder in memory, where the disk is not what is tested: syncing is most of what a database's test takes."""
    with folder_in_memory() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[PostgresServer]:
    """The PostgreSQL of this run of tests, for all its processes; each test takes a database of its own."""
    if MISSING:
        pytest.skip(MISSING)
    with shared(testrun_uid) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_schema(postgres: PostgresServer) -> Iterator[str]:
    """A database with our tables and nothing in them, to make others of."""
    from fourhands.store.sql.postgres_store import PostgresStore

    async def make() -> None:
        store = PostgresStore(postgres.url(name))
        await store.start()
        await store.stop()

    name = postgres.create()
    with ThreadPoolExecutor(1) as elsewhere:  # a test's loop may run here
        elsewhere.submit(lambda: asyncio.run(make())).result()
    yield name
    postgres.drop(name)


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_schema: str) -> Iterator[str]:
    """A database of the test's own on PostgreSQL, with our tables and nothing in them."""
    name = postgres.create(template=postgres_schema)
    yield postgres.url(name)
    postgres.drop(name)
