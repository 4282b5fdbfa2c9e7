"""The password of a room: asked of newcomers, compared off the loop, and wrong ones counted for each room and client."""

from fourhands.actions.place import Place
from fourhands.errors import Forbidden
from fourhands.model.audit import Who
from fourhands.model.room import Room

NEEDED = "This room has a password. Ask its host for it."
WRONG = "This is not the room's password."


async def require_password(place: Place, room: Room, password: str | None, client: str) -> None:
    """Raises `Forbidden` without the password or with a wrong one, and `LimitExceeded` after too many wrong ones."""
    if room.password_hash is None:
        return
    if not password:
        raise Forbidden(NEEDED)
    async with place.rates.guessing("password", f"{room.id} {client}"):
        if not await place.accounts.hashing.matches(room.password_hash, password, client):
            await place.audit.note("room.password_wrong", Who("stranger", address=client), room_id=room.id)
            raise Forbidden(WRONG)
