"""What administrators do, and that it stands in the audit log."""

import pytest

from fourhands.errors import Unavailable
from tests.edge.http.admins import Admin, admin

__all__ = ["admin"]


async def test_a_room_is_warned_and_that_is_called_off(admin: Admin) -> None:
    room_id = await admin.room()
    address = f"/api/admin/rooms/{room_id}/ending"
    started = await admin.browser.put(address, json={"erases": True})
    assert (started.status_code, started.json()["seconds"], started.json()["erases"]) == (202, 30, True)
    again = await admin.browser.put(address, json={})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert (await admin.browser.delete(address)).status_code == 204
    assert (await admin.browser.delete(address)).status_code == 404
    assert (await admin.guest.get(f"/api/rooms/{room_id}")).status_code == 200
    assert await admin.lines() == [("admin.room_ending", room_id, ""), ("admin.room_ending_cancelled", room_id, "")]


async def test_a_room_that_is_not_there_is_not_ended(admin: Admin) -> None:
    assert (await admin.browser.put("/api/admin/rooms/aaaa-bbbb-cccc/ending", json={})).status_code == 404
    assert await admin.lines() == []


async def test_what_cannot_be_noted_is_not_done(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    room_id = await admin.room()

    async def away(noted: object) -> None:
        raise Unavailable("The disk is full.", "database")

    monkeypatch.setattr(admin.place.store.audit, "add", away)
    assert (await admin.browser.put(f"/api/admin/rooms/{room_id}/ending", json={})).status_code == 503
    assert admin.desk.endings.get(room_id) is None
    assert (await admin.browser.put("/api/admin/mode", json={"mode": "drain"})).status_code == 503
    assert admin.desk.mode.name == "open"


async def test_a_message_is_one_line_of_text(admin: Admin) -> None:
    room_id = await admin.room()
    said = await admin.browser.post("/api/admin/messages", json={"text": "  Back\nat six.\u202e ", "room": room_id})
    assert (said.status_code, said.json()) == (200, {"heard": 0})
    assert (await admin.browser.post("/api/admin/messages", json={"text": "Hello"})).json() == {"heard": 0}
    for text, status in (("", 400), (" \u200b ", 400), ("x" * 501, 400), ("x" * 500, 200), ("x" * 4001, 422)):
        assert (await admin.browser.post("/api/admin/messages", json={"text": text})).status_code == status, text
    assert (await admin.browser.post("/api/admin/messages", json={"text": "Hi", "room": "aaaa-bbbb-cccc"})).status_code == 404


async def test_maintenance_takes_nobody_new_in(admin: Admin) -> None:
    opened = (await admin.guest.post("/api/rooms", json={"name": "Ada"})).json()
    mode = await admin.browser.put("/api/admin/mode", json={"mode": "maintenance", "message": "Back at six."})
    assert (mode.json()["mode"], mode.json()["message"]) == ("maintenance", "Back at six.")
    refused = await admin.guest.post("/api/rooms", json={})
    assert (refused.status_code, refused.json()["detail"], refused.headers["retry-after"]) == (503, "Back at six.", "5")
    join = f"/api/rooms/{opened['id']}/join"
    member = {"Authorization": f"Bearer {opened['token']}"}
    assert (await admin.guest.post(join, json={"name": "Ada"}, headers=member)).status_code == 200, "who was in comes back"
    admin.guest.cookies.clear()
    assert (await admin.guest.post(join, json={"name": "Lin"})).status_code == 503
    ready = await admin.browser.get("/readyz")
    if ready.status_code == 200:  # the sandbox may be tested still
        assert "Back at six." in ready.json()["off"]
    assert (await admin.browser.put("/api/admin/mode", json={"mode": "open"})).json()["message"] == ""
    assert (await admin.guest.post(join, json={"name": "Lin"})).status_code == 200
    assert await admin.lines() == [("admin.mode", "", "maintenance"), ("admin.mode", "", "open")]


async def test_a_server_that_is_drained_is_not_ready_and_sends_everybody_away(admin: Admin) -> None:
    room_id = await admin.room()
    assert (await admin.browser.put("/api/admin/mode", json={"mode": "drain"})).status_code == 200
    ready = await admin.browser.get("/readyz")
    assert (ready.status_code, "being stopped" in ready.json()["detail"]) == (503, True)
    assert (await admin.browser.get("/healthz")).status_code == 200
    assert admin.place.registry.live(room_id) is None
    assert (await admin.browser.get("/api/admin/mode")).json()["mode"] == "drain", "the desk itself goes on"
    await admin.browser.put("/api/admin/mode", json={"mode": "open"})
    assert (await admin.guest.post("/api/rooms", json={})).status_code == 201


async def test_the_log_level_is_changed_at_once(admin: Admin) -> None:
    import logging

    before = logging.getLogger().level
    try:
        assert (await admin.browser.put("/api/admin/log-level", json={"level": "error"})).json() == {"level": "error"}
        assert logging.getLogger().level == logging.ERROR
        assert (await admin.browser.get("/api/admin/stats")).json()["server"]["log_level"] == "error"
        assert (await admin.browser.put("/api/admin/log-level", json={"level": "loud"})).status_code == 422
        assert await admin.lines() == [("admin.log_level", "", "error")]
    finally:
        logging.getLogger().setLevel(before)
