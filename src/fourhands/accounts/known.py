"""Who logins and personal tokens stand for at the moment. Every request with one asks here, so answers are kept for a second.

What this process changes it forgets at once (`forget`); what an operator's command or another server changes counts within that second.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

from fourhands.model.account import Account, Login, PersonalToken
from fourhands.model.clock import Clock
from fourhands.store.accounts import AccountStore

STALE_SECONDS = 1.0
MOST = 10_000
NOTED_EVERY_MS = 60_000

Key = TypeVar("Key")
Value = TypeVar("Value", bound=tuple[object, Account])


class _Recent(Generic[Key, Value]):
    """The newest answers, none of them older than a second. Of unknown keys nothing is kept: there are too many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[Key, tuple[float, Value]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        at, value = self._kept.get(key, (0.0, None))
        return value if value is not None and self._clock.monotonic() - at < STALE_SECONDS else None

    def put(self, key: Key, value: Value) -> None:
        self._kept[key] = self._clock.monotonic(), value
        self._kept.move_to_end(key)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def forget(self, account_id: str) -> None:
        for key in [key for key, (_, value) in self._kept.items() if value[1].id == account_id]:
            del self._kept[key]


class Known:
    """Invariant: an answer that was asked for before `forget` is not kept after it."""

    def __init__(self, store: AccountStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._logins: _Recent[str, tuple[Login, Account]] = _Recent(clock)
        self._tokens: _Recent[bytes, tuple[PersonalToken, Account]] = _Recent(clock)
        self._noted: OrderedDict[str, int] = OrderedDict()
        self._forgotten = 0

    async def login(self, login_id: str) -> tuple[Login, Account] | None:
        """Where somebody is logged in, and as whom; None if they are not (any more)."""
        found = self._logins.get(login_id)
        if found is None:
            forgotten = self._forgotten
            found = await self._store.login(login_id)
            if found is not None and forgotten == self._forgotten:
                self._logins.put(login_id, found)
        return found if found is not None and found[0].expires_at_ms > self._clock.now_ms() else None

    async def token(self, digest: bytes) -> tuple[PersonalToken, Account] | None:
        """Whose personal token that is; None if it is nobody's (any more). Its use is written down, once a minute at most."""
        found = self._tokens.get(digest)
        if found is None:
            forgotten = self._forgotten
            found = await self._store.token(digest)
            if found is not None and forgotten == self._forgotten:
                self._tokens.put(digest, found)
        now_ms = self._clock.now_ms()
        if found is None or (found[0].expires_at_ms is not None and found[0].expires_at_ms <= now_ms):
            return None
        await self._note_use(found[0], now_ms)
        return found

    def forget(self, account_id: str) -> None:
        """Something about the account, its logins or its tokens has changed."""
        self._forgotten += 1
        self._logins.forget(account_id)
        self._tokens.forget(account_id)

    async def _note_use(self, token: PersonalToken, now_ms: int) -> None:
        noted = self._noted.get(token.id, token.used_at_ms or 0)
        if now_ms - noted < NOTED_EVERY_MS:
            return
        self._noted[token.id] = now_ms
        self._noted.move_to_end(token.id)
        if len(self._noted) > MOST:
            self._noted.popitem(last=False)
        await self._store.use_token(token.id, now_ms)
