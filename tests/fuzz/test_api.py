"""Every route of `/openapi.json`, asked what nobody would ask (schemathesis): no answer is a mistake of ours, and each is as described.

A fiftieth of the examples unless `--full`; always the same ones.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.admins import SECRET, make_admin
from tests.server import ServerProcess
from tests.wire.client import Room, bearer
from tests.wire.test_accounts import QUICK, account, room_of

MACHINE = "a machine's token"
EXAMPLES, EXAMPLES_IN_FULL = 2, 100
SECONDS = 60
EXPECTED = [status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
SLOW = [HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
AWAY = {503}
"""No runner stands behind this server, and it says so; an administrator may have it take in nobody."""
LAST = {"DELETE /api/me": 1, "POST /api/logout": 2}
"""Who has done that is a stranger from then on."""
ENV = {"FOURHANDS_RATE_LIMITS": "off", "FOURHANDS_API_TOKENS": MACHINE, "SECRET_KEY": SECRET, **QUICK}


class Served(ServerProcess):
    """A server with an administrator, whose access token is `root`."""

    root: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("data")
    process = Served(folder, env=ENV)
    process.root = asyncio.run(make_admin(folder))
    process.start()
    yield process
    process.stop()


def somebody(server: Served, who: str) -> tuple[Room, dict[str, str]]:
    """Whoever asks, with a room of their own, which they may end."""
    if who in {"account", "admin"}:
        token = server.root if who == "admin" else account(server.url, "somebody")[1]
        return room_of(server.url, token), bearer(token)
    room = Room.open(server.url)
    token = {"stranger": None, "guest": room.join(), "host": room.host, "machine": MACHINE}[who]
    return room, bearer(token)


@pytest.mark.parametrize("who", ["stranger", "guest", "host", "machine", "account", "admin"])
def test_every_answer_is_as_described_and_none_is_a_mistake(server: Served, request: pytest.FixtureRequest, who: str) -> None:
    examples = EXAMPLES_IN_FULL if request.config.getoption("--full") else EXAMPLES
    room, headers = somebody(server, who)
    found: list[Any] = list(schemathesis.openapi.from_url(f"{server.url}/openapi.json").get_all_operations())
    operations = sorted((one.ok() for one in found), key=lambda operation: LAST.get(operation.label, 0))
    assert len(operations) > 10
    for operation in operations:

        @settings(max_examples=examples, phases=[Phase.generate], database=None, suppress_health_check=SLOW)
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            if "room_id" in (case.path_parameters or {}):
                case.path_parameters["room_id"] = room.id
            answer = case.call(headers=headers, timeout=SECONDS)
            assert answer.status_code < 500 or answer.status_code in AWAY, (case.as_curl_command(), answer.text)
            case.validate_response(answer, checks=EXPECTED)

        ask()
    if who == "admin":  # whatever it was told, others are to be let in again
        assert httpx.put(f"{server.url}/api/admin/mode", headers=headers, json={"mode": "open"}).status_code in {200, 401}
    assert "Traceback" not in server.log


def test_what_is_described_of_failures_is_what_is_sent(server: Served) -> None:
    described = httpx.get(f"{server.url}/openapi.json").json()
    for path, operations in described["paths"].items():
        if path.startswith("/api/"):
            assert all({"400", "401", "403", "404", "422", "429", "503"} <= set(one["responses"]) for one in operations.values()), path
    answer = httpx.get(f"{server.url}/api/rooms/k7f3-9q2m-x4tz")
    assert answer.status_code == 404
    assert set(answer.json()) == set(described["components"]["schemas"]["Problem"]["properties"])
