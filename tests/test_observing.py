"""What the server tells those who look after it, through a real one."""

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from fourhands.observing import OTHER, STATUSES, among
from tests.server import ServerProcess
from tests.wire.client import Client, Room, clients

SECONDS = 30.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("data"), env={"FOURHANDS_IDLE_SECONDS": "0.01"})
    process.start()
    yield process
    process.stop()


class Told:
    """What `/metrics` says now."""

    def __init__(self, server: ServerProcess) -> None:
        text = httpx.get(f"{server.url}/metrics").raise_for_status().text
        self.text = text
        self._samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def of(self, name: str, **labels: str) -> float:
        return sum(sample.value for sample in self._samples if sample.name == name and labels.items() <= sample.labels.items())


async def until(server: ServerProcess, name: str, least: float = 1, **labels: str) -> Told:
    """What is said once that is so many."""
    end = time.monotonic() + SECONDS
    while (told := await asyncio.to_thread(Told, server)).of(name, **labels) < least:
        assert time.monotonic() < end, f"{name} {labels} stays below {least}:\n{told.text}"
        await asyncio.sleep(0.01)
    return told


async def test_people_who_type(server: ServerProcess) -> None:
    before = Told(server)
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        end = time.monotonic() + SECONDS
        typed = 0
        while not typed or Told(server).of("fourhands_edit_relay_seconds_count") <= before.of("fourhands_edit_relay_seconds_count"):
            assert time.monotonic() < end, "no edit was sampled"
            for _ in range(5):
                await ada.insert(0, "x")
            typed += 5
            await lin.until_text("x" * typed)
        await ada.until_saved()
        told = Told(server)
        assert (told.of("fourhands_connections"), told.of("fourhands_people"), told.of("fourhands_rooms", state="occupied")) == (2, 2, 1)
        assert told.of("fourhands_edits_received_total") - before.of("fourhands_edits_received_total") >= typed
        assert told.of("fourhands_websocket_received_bytes_total") > typed * 10
        assert told.of("fourhands_websocket_sent_segments_total") > 5
        assert told.of("fourhands_journal_entries_total") >= typed
        assert told.of("fourhands_journal_commit_seconds_count") >= 1
        assert told.of("fourhands_event_loop_lag_seconds_count") >= 1
        assert told.of("process_resident_memory_bytes") > 10_000_000
        carried = told.of("fourhands_edits_received_total")
    told = await until(server, "fourhands_room_duration_seconds_count")
    assert told.of("fourhands_edits_received_total") >= carried, "what connections brought that are gone was taken back"
    assert told.of("fourhands_websocket_closed_total", by="client") >= 2
    assert room.id not in told.text
    assert not re.search(r"Ada|Lin", told.text)


async def test_connections_that_are_refused_and_requests_that_fail(server: ServerProcess) -> None:
    stranger = Client(server.url, "aaaa-aaaa-aaaa")
    await stranger.connect_only()
    assert await stranger.until_closed() == 4404
    assert httpx.get(f"{server.url}/api/rooms/aaaa-aaaa-aaaa").status_code == 404
    told = await until(server, "fourhands_websocket_closed_total", by="server", code="4404")
    assert told.of("fourhands_problems_total", code="not_found") >= 1
    assert told.of("fourhands_http_request_duration_seconds_count", route="/api/rooms/{room_id}", status="404") >= 1


async def test_runs_by_language_and_status(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        for run, language in (("b0000000001", "python"), ("b0000000002", "made-up-language")):
            await ada.say("run.start", run=run, language=language, file="main")
            await ada.say("run.end", run=run, status="ok", code=0, ms=70)
        told = await until(server, "fourhands_run_duration_seconds_count", language="python", where="browser", status="ok")
    assert "made-up-language" not in told.text


def test_labels_are_among_those_that_are_known(tmp_path: Path) -> None:
    assert (among("ok", STATUSES), among("whatever", STATUSES)) == ("ok", OTHER)
