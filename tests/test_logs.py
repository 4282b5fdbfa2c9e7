"""What is logged, and what never is."""

import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from fourhands.logs import configure_logs, set_level

SECRET = "z13grvwxx731ygzdpvyhvn6tnq"


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


def logged_failure(form: Literal["text", "json"], capsys: pytest.CaptureFixture[str]) -> str:
    configure_logs("info", form)

    def fail(invite_key: str) -> None:
        raise ValueError(len(invite_key))

    try:
        fail(SECRET)
    except ValueError:
        structlog.get_logger("fourhands.test").exception("request.failed", path="/api/rooms")
    return capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_holds_no_values(form: Literal["text", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    said = logged_failure(form, capsys)
    assert "request.failed" in said
    assert "ValueError: 26" in said
    assert SECRET not in said


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = logged_failure("json", capsys).splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["request.failed"]


@pytest.mark.parametrize("logger", ["uvicorn", "anybody"])
def test_a_token_in_an_address_is_taken_out(logger: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "text")
    logging.getLogger(logger).warning("GET /sync/room?token=%s", SECRET)
    said = capsys.readouterr().err
    assert "token=…" in said
    assert SECRET not in said


def test_a_token_in_an_event_of_ours_is_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json")
    structlog.get_logger("fourhands.test").info("connection.refused", room=f"x/token={SECRET}")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["room"] == "x/token=…"


def test_less_than_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", "text")
    structlog.get_logger("fourhands.test").info("quiet")
    structlog.get_logger("fourhands.test").warning("loud")
    said = capsys.readouterr().err
    assert "quiet" not in said
    assert "loud" in said


def test_the_level_is_changed_while_the_server_runs_also_for_those_who_have_logged_before(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json")
    log = structlog.get_logger("fourhands.test")
    log.info("one")
    set_level("warning")
    log.info("two")
    log.warning("three")
    set_level("debug")
    log.debug("four")
    logging.getLogger("alembic").info("of a library")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["one", "three", "four"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_in_addresses_and_tracebacks_are_taken_out(form: Literal["text", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", form)

    def connect() -> None:
        raise ConnectionError(f"redis://default:{SECRET}@cache.example.org:6379 refused, Authorization: Bearer {SECRET}")

    try:
        connect()
    except ConnectionError:
        structlog.get_logger("fourhands.test").exception("redis.away", url=f"postgresql://ada:{SECRET}@db.example.org/rooms")
    said = capsys.readouterr().err
    assert SECRET not in said
    assert "cache.example.org" in said
    assert "db.example.org" in said


def test_each_worker_names_itself(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json", worker="3")
    structlog.get_logger("fourhands.test").info("one")
    logging.getLogger("anybody").warning("two")
    assert [json.loads(line)["worker"] for line in capsys.readouterr().err.splitlines()] == ["3", "3"]
