"""A document as a journal makes it, for tests beside this."""

from collections.abc import Iterable

from fourhands.model.limits import Limits
from fourhands.room.document import Document
from fourhands.room.restoring import made_of


def restored(limits: Limits, state: bytes | None, updates: Iterable[bytes] = ()) -> Document:
    """From a snapshot's state, if there is one, and what was taken since. Raises `InvalidRequest` or `DocumentBroken`."""
    document = made_of(limits, () if state is None else (state,))
    for update in updates:
        document.apply(update)
    document.set_limits(limits)
    return document
