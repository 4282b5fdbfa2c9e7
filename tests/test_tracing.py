"""Traces reach a collector, and nothing that people wrote is in them."""

import asyncio
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from structlog.testing import capture_logs

from fourhands.metrics.spans import NO_SPANS
from fourhands.tracing import OtlpSpans, make_spans
from tests.collector import Collector, collecting
from tests.redis_server import free_port
from tests.server import ServerProcess
from tests.wire.client import Client, Room

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def spans_of(collector: Collector) -> list[tuple[str, dict[str, Any], Any]]:
    """Name, attributes and the whole of each."""
    found: list[tuple[str, dict[str, Any], Any]] = []
    for path, body in collector.taken:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            assert {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"] == "fourhands"
            for scope in resource.scope_spans:
                found += [(span.name, {one.key: one.value.string_value or one.value.int_value for one in span.attributes}, span) for span in scope.spans]
    return found


async def test_requests_joins_and_runs_of_a_real_server(quick_dir: Path) -> None:
    word = f"planted{secrets.token_hex(4)}"
    with collecting() as collector:
        server = ServerProcess(quick_dir, env={"FOURHANDS_OTLP_ENDPOINT": collector.url})
        server.start()
        room = await asyncio.to_thread(lambda: Room.open(server.url, title=word, name=word))
        async with Client(server.url, room.id, room.host) as ada:
            await ada.insert(0, word)
            await ada.say("run.start", run="b0000000001", language="python", file="main", page=word)
            await ada.say("run.end", run="b0000000001", status="ok", code=0, ms=70)
            await ada.answered()
        async with httpx.AsyncClient(base_url=server.url) as client:
            await client.get(f"/healthz?token={word}", headers={"traceparent": f"00-{TRACE}-{PARENT}-01", "Authorization": f"Bearer {word}"})
            await client.get(f"/{word}?{word}")
        assert await asyncio.to_thread(server.stop) == 0
        spans = spans_of(collector)
    by_name = {name: (attributes, span) for name, attributes, span in spans}
    assert by_name["POST /api/rooms"][0]["http.response.status_code"] == 201
    joined = by_name["room.join"][0]
    assert (joined["room"], joined["role"]) == (room.id, "host")
    run, span = by_name["run"]
    assert (run["language"], run["status"], run["where"]) == ("python", "ok", "browser")
    assert span.end_time_unix_nano - span.start_time_unix_nano == 70_000_000
    health = by_name["GET /healthz"][1]
    assert (health.trace_id.hex(), health.parent_span_id.hex()) == (TRACE, PARENT)
    assert all(word.encode() not in body and room.host.encode() not in body for _, body in collector.taken)


async def test_a_failure_is_told_by_its_kind_alone() -> None:
    with collecting() as collector:
        spans = OtlpSpans(f"{collector.url}/v1/traces")
        with pytest.raises(ValueError, match="what somebody wrote"), spans.span("one"):
            raise ValueError("what somebody wrote")
        await spans.stop()
        ((name, attributes, _),) = spans_of(collector)
    assert (name, attributes) == ("one", {"error.type": "ValueError"})
    assert b"somebody" not in collector.taken[0][1]


async def test_a_collector_that_is_away_costs_a_line_in_the_log() -> None:
    spans = OtlpSpans(f"http://127.0.0.1:{free_port()}")
    with capture_logs() as logged:
        for _ in range(3000):
            with spans.span("one"):
                pass
        async with asyncio.timeout(30):
            await spans.stop()
    assert [line["event"] for line in logged] in ([], ["tracing.away"])


def test_without_one_nobody_traces_and_no_library_is_loaded() -> None:
    assert make_spans("") is NO_SPANS
    with NO_SPANS.span("one", parent="x", room="y") as span:
        span.name("two")
        span.set(member="z")
    heavy = "('opentelemetry.sdk', 'opentelemetry.exporter', 'sentry_sdk', 'requests')"  # FastAPI loads the bare interface by itself
    code = f"import sys, fourhands.serving; print([name for name in sys.modules if name.startswith({heavy})])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
