"""Everything below /api/admin is for administrators alone: 401 for strangers, 403 for everybody else."""

import httpx
import pytest

from fourhands.access.account_tokens import digest_of, new_personal_token
from fourhands.edge.http.identity import ACCOUNT_COOKIE
from fourhands.model.account import PersonalToken, Scope
from tests.edge.http.admins import Admin, admin, bearer_of

__all__ = ["admin"]


async def routes(admin: Admin) -> list[tuple[str, str]]:
    openapi = (await admin.guest.get("/openapi.json")).json()
    found = [(method, path) for path, methods in openapi["paths"].items() if path.startswith("/api/admin") for method in methods]
    assert len(found) >= 14
    return [(method, path.replace("{room_id}", "aaaa-bbbb-cccc").replace("{member_id}", "m").replace("{ban_id}", "b")) for method, path in found]


async def statuses(admin: Admin, headers: dict[str, str]) -> set[int]:
    return {(await admin.guest.request(method, path, headers=headers)).status_code for method, path in await routes(admin)}


async def test_strangers_have_to_log_in(admin: Admin) -> None:
    assert await statuses(admin, {}) == {401}
    assert await statuses(admin, {"Authorization": "Bearer nonsense"}) == {401}


async def test_others_are_refused_and_administrators_are_not(admin: Admin) -> None:
    assert await statuses(admin, await bearer_of(admin.place, "lin", admin=False)) == {403}
    for method, path in await routes(admin):
        answer = await admin.browser.request(method, path)
        assert answer.status_code not in {401, 403}, path
        assert answer.status_code < 500, path


@pytest.mark.parametrize(("scope", "status"), [(Scope.ADMIN, 200), (Scope.ROOMS_READ, 403)])
async def test_a_personal_token_has_to_be_made_for_it(admin: Admin, scope: Scope, status: int) -> None:
    token = new_personal_token()
    await admin.place.store.accounts.add_token(PersonalToken("t", "root", "CI", frozenset({scope}), 1, None), digest_of(token), most=9)
    assert (await admin.guest.get("/api/admin/stats", headers={"Authorization": f"Bearer {token}"})).status_code == status


async def test_a_write_by_cookie_comes_from_our_own_page(admin: Admin) -> None:
    admin.guest.cookies.set(ACCOUNT_COOKIE, admin.browser.headers["Authorization"].removeprefix("Bearer "))
    assert (await admin.guest.get("/api/admin/stats", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200, "nobody can read the answer"

    async def put(site: str) -> httpx.Response:
        return await admin.guest.put("/api/admin/mode", json={"mode": "open"}, headers={"Sec-Fetch-Site": site})

    assert (await put("cross-site")).status_code == 403
    assert (await put("same-origin")).status_code == 200
