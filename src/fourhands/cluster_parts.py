"""What instances have in common, put together as the settings say. `app` calls it."""

from fourhands.actions.follow_words import follow_words
from fourhands.actions.place import Place
from fourhands.desk.desk import Desk
from fourhands.model.clock import Clock
from fourhands.room.neighbours import Neighbours
from fourhands.settings import Settings
from fourhands.shared_state.port import SharedState


def make_shared(settings: Settings, clock: Clock) -> SharedState | None:
    """Counts and words of all instances; None where Redis is not set."""
    if not settings.redis_url:
        return None
    from fourhands.shared_state.redis import RedisState  # noqa: PLC0415 - it takes memory and time where nobody needs it

    return RedisState(settings.redis_url, settings.redis_prefix, clock)


def follow_others(place: Place, desk: Desk) -> None:
    """Hear what other instances say, from now on."""
    follow_words(place, desk)
    if (others := place.registry.sharing) is not None:
        Neighbours(place.registry, others)


async def keep_alike(place: Place) -> None:
    """Look for as long as the server runs whether the other instances have the same secrets."""
    if place.likeness is not None:
        await place.likeness.run()
