"""Closes a room while its past is rewritten: what is erased must not come back by what a room in memory still has. `actions` do the rewriting."""

import contextlib
from collections.abc import AsyncGenerator

from fourhands.protocol.close import CloseCode
from fourhands.protocol.events import RoomErased
from fourhands.room.joint_room import AGAIN
from fourhands.room.live import LiveRoom
from fourhands.room.registry import Registry


@contextlib.asynccontextmanager
async def rewriting(registry: Registry, room_id: str, by: str) -> AsyncGenerator[LiveRoom]:
    """The room, closed: everybody was told and sent away, all that they wrote is durable, and whoever asks for it waits until this ends.

    Raises as `Registry.get`, `Conflict` while it is rewritten already, and `Unavailable` where other instances may hold it and are not reached.
    """
    room = await registry.get(room_id)
    elsewhere = contextlib.nullcontext() if registry.joint is None else registry.joint.closed(room_id, by)
    with registry.gates.shut(room_id):
        async with elsewhere:
            room.announce(RoomErased(by))
            room.close(CloseCode.RESTART, AGAIN, rewritten=True)
            await registry.durable(room)
            yield room
