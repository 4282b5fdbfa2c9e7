"""Invitations to register over HTTP: an administrator makes one, somebody comes by it, and nobody a second time."""

from pathlib import Path

from tests.edge.http.admins import bearer_of
from tests.edge.http.test_accounts import ADA, serving

PATH = "/api/admin/invitations"


async def test_somebody_registers_by_the_link_once(quick_dir: Path) -> None:
    async with serving(quick_dir, accounts="invite") as page:
        root = await bearer_of(page.app.state.place, "root", admin=True)  # type: ignore[attr-defined]
        made = await page.post(PATH, json={}, headers=root)
        assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
        link, key = made.json()["link"].split("#")
        assert link == "http://fourhands.test/register"
        assert (await page.post("/api/accounts", json={**ADA, "login": "eve"})).status_code == 403
        answer = await page.post("/api/accounts", json={**ADA, "invite": key, "tokens": "body"})
        assert answer.status_code == 201
        assert (await page.post("/api/accounts", json={**ADA, "login": "eve", "invite": key})).status_code == 403
        listed = (await page.get(PATH, headers=root)).json()["invitations"]
        assert [(one["id"], one["by"], one["used_by"], one["good"]) for one in listed] == [(made.json()["id"], "root", answer.json()["account"]["id"], False)]
        assert [one["made_by"] for one in (*listed, made.json())] == ["root", "root"]
        assert key not in (await page.get(PATH, headers=root)).text


async def test_a_revoked_one_is_good_for_nobody_and_administrators_alone_make_them(quick_dir: Path) -> None:
    async with serving(quick_dir, accounts="invite") as page:
        place = page.app.state.place  # type: ignore[attr-defined]
        root, eve = await bearer_of(place, "root", admin=True), await bearer_of(place, "eve", admin=False)
        made = (await page.post(PATH, json={"days": 1}, headers=root)).json()
        assert made["expires_at"] - made["created_at"] == 86_400_000
        for headers, status in (({}, 401), (eve, 403)):
            assert (await page.post(PATH, json={}, headers=headers)).status_code == status
            assert (await page.get(PATH, headers=headers)).status_code == status
            assert (await page.delete(f"{PATH}/{made['id']}", headers=headers)).status_code == status
        assert (await page.delete(f"{PATH}/{made['id']}", headers=root)).status_code == 204
        assert (await page.delete(f"{PATH}/{made['id']}", headers=root)).status_code == 404
        assert (await page.post("/api/accounts", json={**ADA, "invite": made["link"].split("#")[1]})).status_code == 403
        assert (await page.post(PATH, json={"days": 0}, headers=root)).status_code == 422
