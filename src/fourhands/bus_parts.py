"""Makes what joins this instance to others, as the settings say, and keeps it for as long as the server runs."""

from functools import partial

from fourhands.model.clock import Clock
from fourhands.model.ids import new_member_id
from fourhands.room.mending import mend
from fourhands.room.sharing import Sharing
from fourhands.settings import Settings
from fourhands.store.port import Store


def make_sharing(settings: Settings, store: Store, clock: Clock) -> Sharing | None:
    """None where Redis is not set."""
    if not settings.redis_url:
        return None
    from fourhands.bus.redis import RedisBus  # noqa: PLC0415 - it takes memory and time where nobody needs it

    bus = RedisBus(
        settings.redis_url,
        new_member_id(),
        prefix=settings.redis_prefix,
        shards=settings.bus_shards,
        entries=settings.bus_entries,
        lease_seconds=settings.instance_lease_seconds,
        backlog_bytes=settings.bus_backlog_bytes,
    )
    return Sharing(bus, clock, partial(mend, store))


async def keep_joined(sharing: Sharing | None) -> None:
    """Be one of several until cancelled; others are told then."""
    if sharing is None:
        return
    await sharing.start()
    try:
        await sharing.run()
    finally:
        await sharing.stop()
