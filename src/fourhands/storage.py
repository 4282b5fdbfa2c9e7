"""Makes the store that the settings name, with the keys they name: for the server, and for the operator's commands."""

from fourhands.errors import Unavailable
from fourhands.kept_secrets import load_encryption_keys
from fourhands.settings import Settings
from fourhands.store.encryption import Encryption
from fourhands.store.sealing import PLAIN
from fourhands.store.sql.store import SqlStore


async def start_account_store(settings: Settings) -> SqlStore:
    """A started store for what is done to accounts: alone where no server runs, which makes the database if need be, or else beside the server.

    Raises `InvalidRequest` and `Unavailable`.
    """
    store = make_store(settings)
    try:
        await store.start()
    except Unavailable:
        store = make_store(settings, beside=True, accounts_alone=True)
        await store.start()
    return store


def make_store(settings: Settings, *, beside: bool = False, accounts_alone: bool = False) -> SqlStore:
    """A store that is not started yet. `beside`: only to read, beside a server that may be running.

    Raises `InvalidRequest` for a database or a key that makes no sense.
    """
    keys = load_encryption_keys(settings)
    return SqlStore(
        settings.database,
        busy_seconds=settings.database_busy_seconds,
        fold_seconds=settings.fold_seconds,
        log_bytes=settings.log_bytes,
        sealer=Encryption(keys) if keys else PLAIN,
        beside=beside,
        accounts_alone=accounts_alone,
    )
