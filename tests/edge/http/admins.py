"""The application with an administrator in front of it, and a guest."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from fourhands.access.account_tokens import AccountClaims
from fourhands.actions.place import Place
from fourhands.app import create_app
from fourhands.desk.desk import Desk
from fourhands.model.account import Account, Login
from fourhands.settings import Settings
from tests.edge.http.conftest import OWN

HOUR_MS = 3_600_000


async def bearer_of(place: Place, account_id: str, *, admin: bool) -> dict[str, str]:
    """The header of somebody who is logged in to a new account."""
    now_ms = place.clock.now_ms()
    await place.store.accounts.add(Account(account_id, account_id, account_id.title(), "#c2410c", admin=admin, created_at_ms=now_ms), None)
    await place.store.accounts.add_login(Login(f"login-{account_id}", account_id, 1, now_ms, now_ms, now_ms + HOUR_MS))
    token = place.accounts.tokens.access(AccountClaims(account_id, f"login-{account_id}", 1, now_ms + HOUR_MS), now_ms)
    return {"Authorization": f"Bearer {token}"}


@dataclass
class Admin:
    """`browser` is logged in as an administrator, `guest` is nobody whom the server knows; `desk` is the server's own."""

    browser: httpx.AsyncClient
    guest: httpx.AsyncClient
    app: FastAPI

    @property
    def desk(self) -> Desk:
        return self.app.state.desk

    @property
    def place(self) -> Any:
        return self.app.state.place

    async def room(self, title: str = "") -> str:
        """A room that is in memory; its id."""
        answer = await self.guest.post("/api/rooms", json={"title": title, "name": "Ada"})
        assert answer.status_code == 201, answer.text
        room_id = answer.json()["id"]
        assert (await self.guest.get(f"/api/rooms/{room_id}", headers={"Authorization": f"Bearer {answer.json()['token']}"})).status_code == 200
        return room_id

    async def lines(self, what: str = "admin") -> list[tuple[str, str, str]]:
        """What the audit log says, oldest first: the word, the room, and what it was done to."""
        answer = await self.browser.get("/api/admin/audit", params={"what": what})
        return [(line["what"], line["room"], line["on"]) for line in reversed(answer.json()["lines"])]


@pytest.fixture
async def admin(tmp_path: Path) -> AsyncIterator[Admin]:
    app = create_app(Settings(data_dir=tmp_path))

    def client(**more: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN, **more)

    async with app.router.lifespan_context(app):
        headers = await bearer_of(app.state.place, "root", admin=True)
        async with client(headers=headers) as browser, client() as guest:
            yield Admin(browser, guest, app)
