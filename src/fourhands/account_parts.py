"""What accounts need, put together as the settings say. `app` calls it."""

from fourhands.access.account_tokens import AccountTokens
from fourhands.access.login_attempts import LoginAttempts
from fourhands.access.passwords import Cost, Passwords
from fourhands.accounts.accounts import Accounts, Elsewhere
from fourhands.accounts.hashing import Hashing
from fourhands.accounts.known import Known
from fourhands.kept_secrets import load_secret
from fourhands.model.account import AccountRules
from fourhands.model.clock import Clock
from fourhands.settings import Settings
from fourhands.store.accounts import AccountStore


def make_accounts(settings: Settings, store: AccountStore, clock: Clock) -> Accounts:
    """Hashing, tokens, who is known, and the provider where one is set."""
    passwords = Passwords(Cost(settings.password_memory_bytes, settings.password_passes))
    hashing = Hashing(passwords, at_once=settings.passwords_at_once, waiting=settings.passwords_waiting, each=settings.passwords_each)
    secret = load_secret(settings)
    return Accounts(rules_of(settings), AccountTokens(secret), hashing, Known(store, clock), elsewhere_of(settings, secret, clock))


def rules_of(settings: Settings) -> AccountRules:
    """What holds for accounts."""
    return AccountRules(
        mode=settings.accounts,
        rooms_by=settings.room_creation,
        access_seconds=settings.access_minutes * 60,
        login_seconds=settings.login_days * 86_400,
        grace_seconds=settings.refresh_grace_seconds,
        invite_seconds=settings.account_invite_days * 86_400,
        password_characters=settings.password_characters,
        tokens_each=settings.tokens_each,
        teams_each=settings.teams_each,
        people_per_team=settings.people_per_team,
        rooms_searched=settings.rooms_searched,
    )


def elsewhere_of(settings: Settings, secret: str, clock: Clock) -> Elsewhere | None:
    """The provider by which people may log in besides; None where none is set."""
    if not settings.oidc_issuer:
        return None
    from fourhands.accounts.provider import Provider, ProviderRules  # noqa: PLC0415 - it takes 2 MB, and most servers have none

    rules = ProviderRules(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        name=settings.oidc_name,
        seconds=settings.oidc_seconds,
        most_bytes=settings.oidc_bytes,
    )
    return Elsewhere(Provider(rules, clock), LoginAttempts(secret, settings.oidc_login_minutes * 60))
