"""The audit log and bans, over HTTP."""

import json

import pytest

from tests.edge.http.admins import Admin, admin

__all__ = ["admin"]


async def test_the_log_is_read_a_page_at_a_time_newest_first(admin: Admin) -> None:
    for level in ("info", "error", "warning"):
        await admin.browser.put("/api/admin/log-level", json={"level": level})
    first = (await admin.browser.get("/api/admin/audit", params={"limit": 2, "what": "admin"})).json()
    assert [line["on"] for line in first["lines"]] == ["warning", "error"]
    rest = (await admin.browser.get("/api/admin/audit", params={"limit": 2, "what": "admin", "before": first["before"]})).json()
    assert ([line["on"] for line in rest["lines"]], rest["before"]) == (["info"], None)
    assert rest["lines"][0]["by"]["kind"] == "account"
    await admin.browser.put("/api/admin/log-level", json={"level": "info"})


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 501}, {"before": 0}, {"since": "x"}, {"what": "x" * 65}])
async def test_a_question_that_makes_no_sense_is_refused(admin: Admin, asked: dict[str, str | int]) -> None:
    assert (await admin.browser.get("/api/admin/audit", params=asked)).status_code == 422


async def test_the_log_is_exported_as_lines_of_json_oldest_first(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourhands.edge.http.admin_audit.EXPORTED_AT_ONCE", 2)
    room_id = await admin.room()
    for _ in range(3):
        await admin.browser.put(f"/api/admin/rooms/{room_id}/ending", json={})
        await admin.browser.delete(f"/api/admin/rooms/{room_id}/ending")
    answer = await admin.browser.get("/api/admin/audit.jsonl", params={"room": room_id, "what": "admin"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["what"] for line in lines] == ["admin.room_ending", "admin.room_ending_cancelled"] * 3
    assert "attachment" in answer.headers["content-disposition"]
    assert (await admin.lines())[-1][0] == "admin.audit_exported"


async def test_an_address_is_banned_and_let_in_again(admin: Admin) -> None:
    asked = {"kind": "address", "subject": "203.0.113.0/24", "seconds": 3600, "reason": "Spam."}
    added = await admin.browser.post("/api/admin/bans", json=asked)
    assert added.status_code == 201
    ban = added.json()
    assert (ban["subject"], ban["reason"]) == ("203.0.113.0/24", "Spam.")
    assert 3_500_000 < ban["until"] - ban["at"] <= 3_600_000
    assert (await admin.browser.get("/api/admin/bans")).json() == [ban]
    assert (await admin.browser.delete(f"/api/admin/bans/{ban['id']}")).status_code == 204
    assert (await admin.browser.get("/api/admin/bans")).json() == []
    assert (await admin.browser.delete(f"/api/admin/bans/{ban['id']}")).status_code == 404
    assert [what for what, _, _ in await admin.lines()] == ["admin.ban", "admin.unban"]


async def test_a_ban_may_be_for_good(admin: Admin) -> None:
    ban = (await admin.browser.post("/api/admin/bans", json={"kind": "address", "subject": "203.0.113.9"})).json()
    assert ban["until"] is None


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"kind": "address", "subject": "here"}, 400),
        ({"kind": "address", "subject": "0.0.0.0/0"}, 400),
        ({"kind": "account", "subject": "nobody"}, 404),
        ({"kind": "member", "subject": "a"}, 400),
        ({"kind": "member", "subject": "aaaa-bbbb-cccc/a"}, 404),
        ({"kind": "person", "subject": "a"}, 422),
        ({"kind": "account", "subject": ""}, 422),
        ({"kind": "account", "subject": "a", "seconds": 0}, 422),
        ({"kind": "account", "subject": "a", "reason": "x" * 201}, 422),
    ],
)
async def test_a_ban_that_makes_no_sense_or_would_be_ones_own_is_refused(admin: Admin, asked: dict[str, object], status: int) -> None:
    assert (await admin.browser.post("/api/admin/bans", json=asked)).status_code == status
    assert (await admin.browser.get("/api/admin/bans")).json() == []
