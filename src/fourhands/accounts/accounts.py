"""Everything about accounts that actions need, put together by `app`."""

from dataclasses import dataclass

from fourhands.access.account_tokens import AccountTokens
from fourhands.accounts.hashing import Hashing
from fourhands.accounts.known import Known
from fourhands.model.account import AccountRules


@dataclass(frozen=True, slots=True)
class Accounts:
    rules: AccountRules
    tokens: AccountTokens
    hashing: Hashing
    known: Known
