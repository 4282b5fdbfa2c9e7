"""The files of a room as they are now, for its members."""

from collections.abc import Sequence

from fourhands.actions.join_room import reader_of
from fourhands.actions.place import Place
from fourhands.errors import NotFound
from fourhands.model.room import File


async def read_files(place: Place, room_id: str, member_id: str | None) -> Sequence[File]:
    """In their order. Raises `NotFound`, `Gone`, `Unauthenticated`, `Forbidden`."""
    await reader_of(place, room_id, member_id)
    return (await place.registry.get(room_id)).document.files()


async def read_file(place: Place, room_id: str, member_id: str | None, file_id: str) -> str:
    """Its text. Raises `NotFound`, also for a file that is not there (any more), `Gone`, `Unauthenticated`, `Forbidden`."""
    await reader_of(place, room_id, member_id)
    document = (await place.registry.get(room_id)).document
    if file_id not in {file.id for file in document.files()}:
        raise NotFound("There is no such file in this room.")
    return document.text(file_id)
