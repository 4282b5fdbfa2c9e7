"""The rooms of an account: its own and its teams', searched by title and language."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from fourhands.access.identity import Identity, require_account
from fourhands.actions.place import Place
from fourhands.errors import InvalidRequest
from fourhands.model.account import OwnRoom, Scope

STEP = 100


@dataclass(frozen=True, slots=True)
class Page:
    """`here`: who is connected now, by room. `after`: where the next page begins; None: there is none. A page may be short, or empty, and
    not the last: a search reads so many rooms at a time."""

    rooms: Sequence[OwnRoom]
    here: dict[str, int]
    after: str | None


async def list_own_rooms(place: Place, who: Identity, *, search: str, archived: bool, team_id: str | None, after: str | None, limit: int) -> Page:
    """Raises `Unauthenticated`, `Forbidden` for a token that may not read rooms, `InvalidRequest` for a bad `after`."""
    account_id = require_account(who, Scope.ROOMS_READ)
    wanted, mark = search.casefold().split(), None if after is None else _mark(after)
    found: list[OwnRoom] = []
    read = 0
    while True:
        step = min(STEP, place.accounts.rules.rooms_searched - read) if wanted else limit + 1
        rooms = await place.store.accounts.rooms(account_id, archived=archived, team_id=team_id, before=mark, limit=step)
        read += len(rooms)
        for room in rooms:
            if len(found) == limit:
                return _page(place, found, mark)
            mark = room.mark
            if all(word in f"{room.title} {room.language}".casefold() for word in wanted):
                found.append(room)
        if len(rooms) < step:
            return _page(place, found, None)
        if wanted and read >= place.accounts.rules.rooms_searched:
            return _page(place, found, mark)


def _page(place: Place, rooms: Sequence[OwnRoom], mark: tuple[int, str] | None) -> Page:
    here = {room.id: len(live.people()) for room in rooms if (live := place.registry.live(room.id)) is not None}
    return Page(rooms, here, None if mark is None else base64.urlsafe_b64encode(f"{mark[0]} {mark[1]}".encode()).decode())


def _mark(after: str) -> tuple[int, str]:
    try:
        at_ms, _, room_id = base64.urlsafe_b64decode(after.encode()).decode().partition(" ")
        number = int(at_ms)
    except (ValueError, binascii.Error) as error:
        raise InvalidRequest("Give `after` as the page before told it.") from error
    if not 0 <= number < 2**53 or not room_id:
        raise InvalidRequest("Give `after` as the page before told it.")
    return number, room_id
