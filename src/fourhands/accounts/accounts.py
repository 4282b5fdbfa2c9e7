"""Everything about accounts that actions need, put together by `app`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fourhands.access.account_tokens import AccountTokens
from fourhands.access.login_attempts import LoginAttempts
from fourhands.accounts.hashing import Hashing
from fourhands.accounts.known import Known
from fourhands.model.account import AccountRules

if TYPE_CHECKING:
    from fourhands.accounts.provider import Provider


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where people may log in but here. `id`: the provider's in addresses."""

    provider: "Provider"
    attempts: LoginAttempts
    id: str = "oidc"


@dataclass(frozen=True, slots=True)
class Accounts:
    """`elsewhere`: None where there is only a password to log in with."""

    rules: AccountRules
    tokens: AccountTokens
    hashing: Hashing
    known: Known
    elsewhere: Elsewhere | None = None

    async def close(self) -> None:
        """End what is under way."""
        self.hashing.close()
        if self.elsewhere is not None:
            await self.elsewhere.provider.close()
