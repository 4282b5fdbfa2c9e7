"""Who is in a room, for somebody who asks at an instance that does not have it: those that do are asked. `actions/show_room.py` reads it."""

import asyncio
from collections.abc import Sequence

import msgspec
import structlog

from fourhands.errors import FourhandsError, Unavailable
from fourhands.model.room import Member
from fourhands.room.others import Others
from fourhands.room.registry import Registry

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.inside")

TOPIC = "inside"
ASKED_SECONDS = 1.0
"""Somebody waits before the door: who has not answered by then is left out."""

_decoder = msgspec.json.Decoder(list[Member])


class Inside:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._others = registry.sharing
        if self._others is not None:
            self._others.answers[TOPIC] = self._answer

    async def people(self, room_id: str) -> Sequence[Member]:
        """Who is connected now, each member once, longest here first. Nothing is loaded for it."""
        if (live := self._registry.live(room_id)) is not None:
            return live.people()
        if (others := self._others) is None:
            return ()
        try:
            holders = await others.holders(room_id)
        except Unavailable:
            return ()
        answers = await asyncio.gather(*(self._ask(others, instance, room_id) for instance in holders if instance != others.instance))
        there = {member.id: member for answer in answers for member in answer}
        return sorted(there.values(), key=lambda member: (member.joined_at_ms, member.id))

    async def _ask(self, others: Others, instance: str, room_id: str) -> Sequence[Member]:
        try:
            return _decoder.decode(await others.ask(instance, TOPIC, room_id.encode(), ASKED_SECONDS))
        except FourhandsError as error:
            log.info("inside.unanswered", instance=instance, reason=str(error))
            return ()

    async def _answer(self, origin: str, payload: bytes) -> bytes:
        del origin
        live = self._registry.live(payload.decode())
        return msgspec.json.encode(() if live is None else live.people())
