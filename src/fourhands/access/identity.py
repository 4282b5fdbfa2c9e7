"""Who asks: an account by a login or a personal token, or a stranger. Every edge asks here before it acts for an account."""

from dataclasses import dataclass

from fourhands.errors import Forbidden, Unauthenticated
from fourhands.model.account import Scope

LOG_IN = "Log in first."


@dataclass(frozen=True, slots=True)
class Identity:
    """`account_id`: None for a stranger. `scopes`: what a personal token is good for; None: a login, which is good for all.

    `address`: where the request comes from. `login_id`: the login, None for a token.
    """

    account_id: str | None
    name: str
    admin: bool
    scopes: frozenset[Scope] | None
    address: str
    login_id: str | None = None
    color: str | None = None


def stranger(address: str = "") -> Identity:
    """Nobody whom we know."""
    return Identity(None, "", admin=False, scopes=None, address=address)


def may_use(identity: Identity, scope: Scope) -> bool:
    """Whether it was given for that. A stranger's scopes are not asked: what strangers may is said elsewhere."""
    return identity.scopes is None or scope in identity.scopes


def require_scope(identity: Identity, scope: Scope) -> None:
    """Raises `Forbidden` for a personal token that was not made for this."""
    if not may_use(identity, scope):
        raise Forbidden(f"This token was not made for that: it would need {scope.value}.")


def require_account(identity: Identity, scope: Scope | None = None) -> str:
    """The account's id; without a scope, only a login will do. Raises `Unauthenticated` for a stranger, `Forbidden` for a token."""
    if identity.account_id is None:
        raise Unauthenticated(LOG_IN)
    if scope is not None:
        require_scope(identity, scope)
    elif identity.scopes is not None:
        raise Forbidden("This needs a login: a personal token is not enough.")
    return identity.account_id


def require_admin(identity: Identity) -> str:
    """The account's id. Raises `Unauthenticated` for a stranger, `Forbidden` for everybody who is no admin."""
    account_id = require_account(identity, Scope.ADMIN)
    if not identity.admin:
        raise Forbidden("This is for administrators.")
    return account_id
