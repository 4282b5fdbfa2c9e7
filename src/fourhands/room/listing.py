"""The files that a document lists. What clients wrote there is taken for what it should be, or left out. Called by `document.py` alone."""

from collections.abc import Mapping, Sequence
from math import isfinite
from operator import itemgetter

from fourhands.model.people import clean_file
from fourhands.model.room import File
from fourhands.room.replica import Replica


def files_of(replica: Replica) -> Sequence[File]:
    """The files in their order, their names without what nobody sees; a file without a name is called by its id."""
    found: list[tuple[float, File]] = []
    for file, (name, language, order) in replica.files("name", "language", "order").items():
        called = (clean_file(name) if isinstance(name, str) else "") or clean_file(file)
        shown = File(file, called, language if isinstance(language, str) else "plaintext")
        found.append((order if isinstance(order, int | float) and isfinite(order) else 0.0, shown))
    return [shown for _, shown in sorted(found, key=itemgetter(0))]


def languages_of(replica: Replica) -> Mapping[str, str]:
    """File id -> language, of those that have one."""
    return {file: language for file, (language,) in replica.files("language").items() if isinstance(language, str)}
