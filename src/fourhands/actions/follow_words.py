"""Follow what administrators say at other instances and what holds until they say otherwise: whom we take in, and what is logged. `app` begins it."""

from fourhands.actions import admin_say, admin_set_log_level, admin_set_mode, hold_token
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

    async def said(origin: str, payload: bytes) -> bytes:
        del origin
        return await admin_say.answer_said(place, payload)

    if desk.others is not None:
        desk.others.answers[admin_say.TOPIC] = said
        desk.others.hears_all[hold_token.DELETED_ACCOUNT] = lambda origin, payload: hold_token.send_away_here(place, payload.decode())
        desk.endings.ended = lambda room_id: place.following.ended(room_id, None)
    place.words.hear(admin_set_mode.WORD, mode)
    place.words.hear(admin_set_mode.DRAIN + desk.instance, mode)
    place.words.hear(admin_set_log_level.WORD, log_level)
