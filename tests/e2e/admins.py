"""Administrators of a server of the tests: an account that is written into its database, and the cookie of a login; invitations to register."""

import time
from pathlib import Path

from fourhands.access.account_tokens import AccountClaims, AccountTokens, digest_of, new_invite_key
from fourhands.edge.http.identity import ACCOUNT_COOKIE
from fourhands.model.account import Account, AccountInvite, Login
from fourhands.settings import Settings
from fourhands.storage import AnyStore, make_store
from tests.e2e.person import Person
from tests.server import ServerProcess

SECRET = "a secret of these tests alone"
HOUR_MS = 3_600_000


def store_of(server: ServerProcess | Path) -> AnyStore:
    """The store of a server that does not run yet, or of one that will be started on this data directory."""
    made = server if isinstance(server, ServerProcess) else ServerProcess(server)
    made.data_dir.mkdir(parents=True, exist_ok=True)
    return make_store(Settings(database_url=made.database_url))


async def make_admin(server: ServerProcess | Path) -> str:
    """Write an administrator into the database of a server that does not run yet; the access token of their login."""
    now_ms, store = time.time_ns() // 1_000_000, store_of(server)
    await store.start()
    try:
        await store.accounts.add(Account("root", "root", "Root", "#c2410c", admin=True, created_at_ms=now_ms), None)
        await store.accounts.add_login(Login("login-root", "root", 1, now_ms, now_ms, now_ms + HOUR_MS))
    finally:
        await store.stop()
    return AccountTokens(SECRET).access(AccountClaims("root", "login-root", 1, now_ms + HOUR_MS), now_ms)


async def log_in(person: Person, server: ServerProcess, token: str) -> None:
    """Let a browser be logged in by this token."""
    await person.context.add_cookies([{"name": ACCOUNT_COOKIE, "value": token, "url": server.url}])


async def invite(server: ServerProcess) -> str:
    """Write an invitation to register into the database of a server that does not run yet; its key."""
    now_ms, key, store = time.time_ns() // 1_000_000, new_invite_key(), store_of(server)
    await store.start()
    try:
        await store.accounts.add_invite(AccountInvite("first", None, now_ms, now_ms + HOUR_MS), digest_of(key))
    finally:
        await store.stop()
    return key
