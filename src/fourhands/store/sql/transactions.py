"""What all statements of this package are run by: transactions on one database, whichever it is. `engine` has SQLite's, `postgres` PostgreSQL's."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

Result = TypeVar("Result")


class Transactions(Protocol):
    """Work is done in a thread of the database's own; it may be done again if another transaction came between."""

    async def write(self, work: Callable[[Connection], Result], *, clash: str = ..., missing: str = ...) -> Result:
        """Do `work` in a transaction: durable when this returns; nothing of it stays if it or the commit raised.

        `clash` and `missing`: what `Conflict` and `NotFound` say if a key is taken, or what it refers to is not there.
        A caller who is cancelled waits until the transaction has ended, and cannot know how.
        """
        ...

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Do `work` in a transaction that sees one state of the database and waits for no writer."""
        ...
