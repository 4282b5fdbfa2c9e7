"""Bodies hold what is described, and little of it."""

import httpx
import pytest

from fourhands.edge.http.body import FIELDS


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/rooms"),
        ("POST", "/api/rooms/nothing/join"),
        ("PATCH", "/api/rooms/nothing"),
        ("POST", "/api/rooms/nothing/runs"),
        ("POST", "/api/rooms/nothing/erasures"),
        ("POST", "/api/rooms/nothing/invites"),
        ("PATCH", "/api/rooms/nothing/members/nobody"),
        ("POST", "/api/login"),
        ("POST", "/api/accounts"),
        ("PATCH", "/api/me"),
        ("PATCH", "/api/me/rooms/nothing"),
    ],
)
async def test_a_body_of_very_many_fields_is_refused_in_one_sentence(browser: httpx.AsyncClient, method: str, path: str) -> None:
    many = await browser.request(method, path, json={f"field{number}": 1 for number in range(FIELDS + 1)})
    assert (many.status_code, many.json()["code"]) == (422, "invalid_request")
    assert len(many.json()["detail"]) < 200
    assert "64 fields" in many.json()["detail"]
    few = await browser.request(method, path, json={f"field{number}": 1 for number in range(FIELDS - 1)})
    assert few.status_code == 422
    assert all(f"field{number}:" in few.json()["detail"] for number in range(FIELDS - 1))
