"""Makes the store that the settings name, with the keys they name: for the server, and for the operator's commands."""

from typing import TYPE_CHECKING, TypeAlias

from fourhands.errors import Unavailable
from fourhands.kept_secrets import load_encryption_keys
from fourhands.settings import Settings
from fourhands.store.encryption import Encryption
from fourhands.store.sealing import PLAIN
from fourhands.store.sql.postgres_url import names_postgres
from fourhands.store.sql.store import SqlStore

if TYPE_CHECKING:
    from fourhands.store.sql.postgres_store import PostgresStore

AnyStore: TypeAlias = "SqlStore | PostgresStore"


async def start_account_store(settings: Settings) -> AnyStore:
    """A started store for what is done to accounts: alone where no server runs, which makes the database if need be, or else beside the server.

    Raises `InvalidRequest` and `Unavailable`.
    """
    store = make_store(settings)
    try:
        await store.start()
    except Unavailable:
        if names_postgres(settings.database):
            raise
        store = make_store(settings, beside=True, accounts_alone=True)
        await store.start()
    return store


def make_store(settings: Settings, *, beside: bool = False, accounts_alone: bool = False) -> AnyStore:
    """A store that is not started yet, on the database that the URL names. `beside`: only to read, beside a server that may be running.

    Raises `InvalidRequest` for a database or a key that makes no sense.
    """
    keys = load_encryption_keys(settings)
    if names_postgres(settings.database):
        from fourhands.store.sql.postgres_store import PostgresStore  # noqa: PLC0415 - what it imports is not loaded for SQLite

        return PostgresStore(
            settings.database,
            read_url=settings.database_read_url,
            pool_size=settings.database_pool_size,
            timeout_seconds=settings.database_timeout_seconds,
            tidy_seconds=settings.fold_seconds,
            sealer=Encryption(keys) if keys else PLAIN,
            beside=beside,
        )
    return SqlStore(
        settings.database,
        busy_seconds=settings.database_busy_seconds,
        fold_seconds=settings.fold_seconds,
        log_bytes=settings.log_bytes,
        sealer=Encryption(keys) if keys else PLAIN,
        beside=beside,
        accounts_alone=accounts_alone,
    )
