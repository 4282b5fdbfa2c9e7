"""`/api/rooms/{id}/history`, as a page asks for it."""

import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map

from fourhands.edge.http.history import read_time
from fourhands.errors import InvalidRequest
from tests.edge.http.test_rooms import OURS, open_room


async def test_a_new_room_has_one_event(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser, language="go")
    answer = await browser.get(f"/api/rooms/{room['id']}/history")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    [event] = answer.json()["events"]
    assert (event["position"], event["kind"], event["member"], answer.json()["next"]) == (1, "edit", room["member"], None)
    replayed = Doc()
    replayed.apply_update(base64.b64decode(event["data"]["update"]))
    assert replayed.get("files", type=Map).to_py() == {"main": {"name": "main.go", "language": "go", "order": 0.0}}


async def test_texts_at_a_time(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    address = f"/api/rooms/{room['id']}/history"
    answer = await browser.get(address, params={"at": "2999-01-01T00:00:00Z"})
    assert answer.json() == {"at": 32472144000000, "position": 1, "files": [{"id": "main", "name": "main.py", "language": "python", "text": ""}]}
    before = await browser.get(address, params={"at": "0"})
    assert (before.status_code, before.json()["code"]) == (400, "invalid_request")
    assert "opened at" in before.json()["detail"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("after=-1", 422), ("after=x", 422), ("after=9007199254740992", 422), ("after=9007199254740991", 200), ("limit=0", 422), ("limit=1001", 422),
        ("limit=1000", 200), ("at=", 400), ("at=soon", 400), ("at=1e3", 400), ("at=-1", 400), ("at=9999999999999999", 200), ("at=99999999999999999", 400),
        ("at=2999-01-01", 400), ("at=2999-01-01T00:00:00", 400), ("at=2999-01-01T00:00:00+01:00", 200), ("at=2999-01-01T25:00:00Z", 400),
        ("at=" + "1" * 65, 422), ("at=2999-01-01T00:00:00Z&after=1", 400), ("at=2999-01-01T00:00:00Z&limit=1", 400), ("at=%00", 400),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_with_a_sentence(browser: httpx.AsyncClient, query: str, status: int) -> None:
    room = await open_room(browser)
    answer = await browser.get(f"/api/rooms/{room['id']}/history?{query}")
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.json()["code"] == "invalid_request"


async def test_who_may_not(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    address = f"/api/rooms/{room['id']}/history"
    bad = await browser.get(address, headers={"Authorization": "Bearer forged"})
    browser.cookies.clear()
    stranger = await browser.get(address)
    assert [(answer.status_code, answer.json()["code"]) for answer in (bad, stranger)] == [(401, "unauthenticated")] * 2
    assert (await browser.get("/api/rooms/aaaa-bbbb-cccc/history")).status_code == 404
    token = {"Authorization": f"Bearer {room['token']}"}
    assert (await browser.get(address, headers=token)).status_code == 200
    assert (await browser.delete(f"/api/rooms/{room['id']}", headers={**token, **OURS})).status_code == 204
    ended = await browser.get(address, headers=token)
    assert (ended.status_code, ended.json()["code"]) == (410, "gone")


async def test_it_is_described(browser: httpx.AsyncClient) -> None:
    described = (await browser.get("/openapi.json")).json()["paths"]["/api/rooms/{room_id}/history"]["get"]
    assert {parameter["name"] for parameter in described["parameters"]} == {"room_id", "after", "limit", "at"}
    assert "HistoryEvents" in str(described["responses"]["200"])
    assert "HistoryStanding" in str(described["responses"]["200"])


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=11))])))
def test_every_time_is_read_to_the_millisecond(time: datetime) -> None:
    ms = (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    text = time.isoformat()
    assert read_time(text) == ms
    assert read_time(text.replace("T", "t").replace("+", " ")) == ms
    if ms >= 0:
        assert read_time(str(ms)) == ms


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=40) | st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})\Z"))
def test_anything_else_is_refused_and_nothing_breaks(text: str) -> None:
    with suppress(InvalidRequest):
        assert isinstance(read_time(text), int)
