"""Runs over HTTP: what is answered, and what is refused with which status."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fourhands.execution.port import Health
from tests.edge.http.programs import House, scripted_house


class Caller:
    """A room, and its host."""

    def __init__(self, house: House, room: dict[str, str]) -> None:
        self.house, self.address = house, f"/api/rooms/{room['id']}"
        self.host = {"Authorization": f"Bearer {room['token']}"}

    async def ask(self, method: str, path: str = "/runs", token: dict[str, str] | None = None, **body: object) -> tuple[int, Any]:
        answer = await self.house.client.request(method, self.address + path, headers=self.host if token is None else token, json=body or None)
        return answer.status_code, answer.json()


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    async with scripted_house(tmp_path, programs_per_minute=2) as house:
        opened = await house.client.post("/api/rooms", json={"name": "Ada", "language": "python"})
        house.client.cookies.clear()
        yield Caller(house, opened.json())


async def test_a_run_is_begun_and_told(caller: Caller) -> None:
    status, answer = await caller.ask("POST", file="main")
    run = answer["run"]
    assert (status, run["status"], run["where"]) == (202, "queued", "server")
    status, told = await caller.ask("GET")
    assert (status, [one["id"] for one in told["runs"]]) == (200, [run["id"]])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"language": "klingon"}, 400, "invalid_request"),
        ({"file": "nowhere"}, 404, "not_found"),
        ({"args": ["a\0b"]}, 400, "invalid_request"),
        ({"args": [1]}, 422, "invalid_request"),
        ({"code": "print(1)"}, 422, "invalid_request"),
    ],
)
async def test_what_makes_no_sense_is_refused(caller: Caller, body: dict[str, Any], status: int, code: str) -> None:
    answered, problem = await caller.ask("POST", **body)
    assert (answered, problem["code"]) == (status, code)


async def test_over_the_rate_it_says_when_again(caller: Caller) -> None:
    for _ in range(2):
        assert (await caller.ask("POST", file="main"))[0] == 202
    answer = await caller.house.client.post(caller.address + "/runs", headers=caller.host, json={})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60


async def test_only_people_in_the_room_read_and_only_those_who_may_run(caller: Caller) -> None:
    assert (await caller.ask("GET", token={}))[0] == 401
    assert (await caller.ask("POST", token={}, file="main"))[0] == 403


async def test_without_a_runner_it_is_503_with_the_reason(caller: Caller) -> None:
    caller.house.source.scripts = {}
    caller.house.source.health = Health(False, "It is off.", "Start it.")
    status, problem = await caller.ask("POST", file="main")
    assert (status, problem["code"], problem["detail"]) == (503, "unavailable", "It is off. Start it.")


async def test_the_host_says_where_programs_run(caller: Caller) -> None:
    assert (await caller.ask("GET", ""))[1]["run_where"] is None
    for said, kept in (("browser", "browser"), ("any", None), ("server", "server")):
        status, shown = await caller.ask("PATCH", "", run_where=said)
        assert (status, shown["run_where"]) == (200, kept)
    assert (await caller.ask("PATCH", "", run_where="moon"))[0] == 422
