"""What administrators see, and that nobody else does."""

import pytest

from tests.edge.http.admins import Admin, admin

__all__ = ["admin"]

READ = ("/api/admin/stats", "/api/admin/rooms", "/api/admin/people", "/api/admin/executions")


async def test_the_server_is_described(admin: Admin) -> None:
    stats = (await admin.browser.get("/api/admin/stats")).json()
    assert stats["server"]["versions"]["fourhands"]
    assert (stats["server"]["database"]["kind"], stats["server"]["database"]["writing"], stats["server"]["mode"]) == ("sqlite", True, "open")
    assert stats["server"]["database"]["milliseconds"] >= 0
    assert stats["server"]["started_at"] <= stats["now"]


async def test_samples_are_told_from_a_time_on(admin: Admin) -> None:
    sample = await admin.desk.figures.sample()
    told = (await admin.browser.get("/api/admin/stats")).json()["samples"]
    assert told[-1]["at"] == sample.at
    assert (await admin.browser.get("/api/admin/stats", params={"after": sample.at})).json()["samples"] == []


async def test_rooms_and_then_only_what_has_changed(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourhands.desk.tables.FRESH_SECONDS", 0)
    first, second = await admin.room("One"), await admin.room("Two")
    whole = (await admin.browser.get("/api/admin/rooms")).json()
    assert whole["whole"] is True
    assert {row["id"]: row["title"] for row in whole["rows"]} == {first: "One", second: "Two"}
    assert (await admin.browser.get("/api/admin/rooms", params={"since": whole["tick"]})).json()["rows"] == []
    await admin.browser.put(f"/api/admin/rooms/{first}/ending", json={"erases": True})
    changed = (await admin.browser.get("/api/admin/rooms", params={"since": whole["tick"]})).json()
    assert (changed["whole"], [row["id"] for row in changed["rows"]]) == (False, [first])
    assert changed["rows"][0]["ending_at"] > whole["tick"] - 60_000


async def test_programs_that_ended_are_told(admin: Admin) -> None:
    from fourhands.model.execution import Execution

    admin.desk.programs.heard(Execution("r1", None, None, "python", "server", "error", 5, 4, 3, 2))
    told = (await admin.browser.get("/api/admin/executions")).json()
    assert (told["under_way"], told["languages"]) == ([], [{"language": "python", "ended": 1, "failed": 1}])
    assert told["recent"][0]["status"] == "error"


@pytest.mark.parametrize("path", READ)
async def test_what_is_told_is_as_described(admin: Admin, path: str) -> None:
    await admin.room("One")
    await admin.desk.figures.sample()
    answer = await admin.browser.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    openapi = (await admin.browser.get("/openapi.json")).json()
    described = openapi["paths"][path]["get"]["responses"]
    assert {"200", "401", "403"} <= set(described)
    name = described["200"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
    schema = openapi["components"]["schemas"][name]
    assert set(answer.json()) == set(schema["properties"]) == set(schema["required"])
    for key, part in schema["properties"].items():
        if "items" in part and "$ref" in part["items"] and answer.json()[key]:
            row = openapi["components"]["schemas"][part["items"]["$ref"].split("/")[-1]]
            assert set(answer.json()[key][0]) == set(row["properties"])


@pytest.mark.parametrize("since", ["-1", "x", str(1 << 60)])
async def test_a_tick_that_makes_no_sense_is_refused(admin: Admin, since: str) -> None:
    answer = await admin.browser.get("/api/admin/rooms", params={"since": since})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
