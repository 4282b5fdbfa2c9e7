"""Follow what administrators say at other instances and what holds until they say otherwise: whom we take in, and what is logged. `app` begins it."""

from fourhands.actions import admin_set_log_level, admin_set_mode
from fourhands.actions.place import Place
from fourhands.desk.desk import Desk


def follow_words(place: Place, desk: Desk) -> None:
    """From now on."""

    async def mode(value: bytes) -> None:
        del value
        await admin_set_mode.follow_mode(place, desk)

    async def log_level(value: bytes) -> None:
        del value
        await admin_set_log_level.follow_log_level(place, desk)

    place.words.hear(admin_set_mode.WORD, mode)
    place.words.hear(admin_set_mode.DRAIN + desk.instance, mode)
    place.words.hear(admin_set_log_level.WORD, log_level)
