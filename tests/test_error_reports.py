"""What broke reaches Sentry, without what people wrote."""

import itertools
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from fourhands.error_reports import LAST_SECONDS, ErrorReports
from fourhands.logs import configure_logs, error_hearers
from tests.collector import Collector, collecting
from tests.redis_server import free_port

WORD = "plantedsecret"
SECONDS = 30.0


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logs("info", "json")
    yield
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


def fail(text: str) -> None:
    structlog.contextvars.bind_contextvars(request="given-1", room="k7f3-9q2m-x4tz")
    try:
        raise ValueError(text)  # noqa: TRY301 - the log is what is tested
    except ValueError as error:
        structlog.get_logger("fourhands.test").error("request.failed", detail=WORD, exc_info=error)
    finally:
        structlog.contextvars.clear_contextvars()


def events_of(collector: Collector) -> list[dict[str, Any]]:
    lines = [line for _, body in collector.taken for line in body.splitlines()]
    return [json.loads(line) for header, line in itertools.pairwise(lines) if b'"type":"event"' in header.replace(b" ", b"")]


def test_a_failure_is_told_by_its_kind_place_and_ids() -> None:
    with collecting() as collector:
        reports = ErrorReports(f"http://publickey@127.0.0.1:{collector.server_port}/7")
        reports.start()
        fail(WORD)
        structlog.get_logger("fourhands.test").error("without.exception", detail=WORD)
        assert collector.came.wait(SECONDS)
        reports.stop()
        (event,) = events_of(collector)
    (failure,) = event["exception"]["values"]
    assert (failure["type"], failure["value"]) == ("ValueError", "")
    assert failure["stacktrace"]["frames"][-1]["function"] == "fail"
    assert set(failure["stacktrace"]["frames"][-1]) <= {"filename", "function", "module", "lineno", "in_app"}
    assert event["tags"] == {"event": "request.failed", "request": "given-1", "room": "k7f3-9q2m-x4tz", "logger": "fourhands.test"}
    assert not {"request", "user", "extra", "breadcrumbs", "server_name", "modules"} & event.keys()
    assert all(WORD.encode() not in body for _, body in collector.taken)
    assert error_hearers == []


def test_a_sentry_that_is_away_holds_nobody_up() -> None:
    reports = ErrorReports(f"http://publickey@127.0.0.1:{free_port()}/7")
    reports.start()
    fail("x")
    reports.stop()
    assert LAST_SECONDS <= SECONDS
    assert error_hearers == []


def test_without_one_nothing_is_told() -> None:
    reports = ErrorReports("")
    reports.start()
    assert error_hearers == []
    reports.stop()
