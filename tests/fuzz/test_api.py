"""Every route of `/openapi.json`, asked what nobody would ask (schemathesis): no answer is a mistake of ours, and each is as described.

A tenth of the examples unless `--full`; always the same ones.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.server import ServerProcess
from tests.wire.client import Room, bearer

MACHINE = "a machine's token"
EXAMPLES, EXAMPLES_IN_FULL = 5, 100
SECONDS = 60
EXPECTED = [status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
AWAY = {503}
"""No runner stands behind this server, and it says so."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("data"), env={"FOURHANDS_RATE_LIMITS": "off", "FOURHANDS_API_TOKENS": MACHINE})
    process.start()
    yield process
    process.stop()


def people(url: str) -> dict[str, tuple[Room, dict[str, str]]]:
    """Whoever asks, each with a room of their own, which they may end."""
    found: dict[str, tuple[Room, dict[str, str]]] = {}
    for who in ("stranger", "guest", "host", "machine"):
        room = Room.open(url)
        token = {"stranger": None, "guest": room.join(), "host": room.host, "machine": MACHINE}[who]
        found[who] = room, bearer(token)
    return found


@pytest.mark.parametrize("who", ["stranger", "guest", "host", "machine"])
def test_every_answer_is_as_described_and_none_is_a_mistake(server: ServerProcess, request: pytest.FixtureRequest, who: str) -> None:
    examples = EXAMPLES_IN_FULL if request.config.getoption("--full") else EXAMPLES
    room, headers = people(server.url)[who]
    found: list[Any] = list(schemathesis.openapi.from_url(f"{server.url}/openapi.json").get_all_operations())
    operations = [one.ok() for one in found]
    assert len(operations) > 10
    for operation in operations:

        @settings(max_examples=examples, phases=[Phase.generate], database=None, derandomize=True, suppress_health_check=SLOW)
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            if "room_id" in (case.path_parameters or {}):
                case.path_parameters["room_id"] = room.id
            answer = case.call(headers=headers, timeout=SECONDS)
            assert answer.status_code < 500 or answer.status_code in AWAY, (case.as_curl_command(), answer.text)
            case.validate_response(answer, checks=EXPECTED)

        ask()
    assert "Traceback" not in server.log


def test_what_is_described_of_failures_is_what_is_sent(server: ServerProcess) -> None:
    import httpx

    described = httpx.get(f"{server.url}/openapi.json").json()
    for path, operations in described["paths"].items():
        if path.startswith("/api/"):
            assert all({"400", "401", "403", "404", "422", "429", "503"} <= set(one["responses"]) for one in operations.values()), path
    answer = httpx.get(f"{server.url}/api/rooms/k7f3-9q2m-x4tz")
    assert answer.status_code == 404
    assert set(answer.json()) == set(described["components"]["schemas"]["Problem"]["properties"])
