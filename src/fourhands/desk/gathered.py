"""Tables of the desk over all instances: ours, and beside it those of the others, who are asked for what has changed since we asked last.

Whoever does not answer is left out; nothing is asked while nobody looks.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec
import structlog

from fourhands.desk.tables import Changes, Table
from fourhands.errors import FourhandsError
from fourhands.room.others import Others

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.desk")

ASKED_SECONDS = 3.0
"""How long an instance may take to answer an administrator who waits."""

Row = TypeVar("Row")
Answer = TypeVar("Answer")


async def ask_all(others: Others, instances: Iterable[str], topic: str, payload: Callable[[str], bytes]) -> Mapping[str, bytes]:
    """What those instances answer, by their names; who does not answer in time is left out."""

    async def asked(instance: str) -> tuple[str, bytes] | None:
        try:
            return instance, await others.ask(instance, topic, payload(instance), ASKED_SECONDS)
        except FourhandsError as error:
            log.info("desk.unanswered", instance=instance, topic=topic, reason=str(error))
            return None

    names = [instance for instance in instances if instance != others.instance]
    return dict(answer for answer in await asyncio.gather(*map(asked, names)) if answer is not None)


class Gathered(Generic[Row]):
    """Scans all instances. `joined`: what several rows of one id make together, by instance."""

    def __init__(self, own: Table[Row], others: Others, topic: str, *, kind: type[Row], joined: Callable[[Sequence[Row]], Row]) -> None:
        self._own = own
        self._others = others
        self._topic = topic
        self._joined = joined
        self._decoder: msgspec.msgpack.Decoder[Changes[Row]] = msgspec.msgpack.Decoder(Changes[kind])
        self._mirrors: dict[str, tuple[int, dict[str, Row]]] = {}
        self.instances: Callable[[], Sequence[str]] = tuple
        self._mine: tuple[int, dict[str, Row]] = (0, {})
        others.answers[topic] = self._answer

    async def _answer(self, origin: str, payload: bytes) -> bytes:
        del origin
        return msgspec.msgpack.encode(await self._own.changes(int(payload)))

    async def scan(self) -> AsyncIterator[tuple[str, Row]]:
        answers = await ask_all(self._others, self.instances(), self._topic, lambda instance: b"%d" % self._mirrors.get(instance, (0, {}))[0])
        self._mirrors = {instance: _followed(self._mirrors.get(instance), self._decoder.decode(answer)) for instance, answer in answers.items()}
        self._mine = _followed(self._mine, await self._own.changes(self._mine[0]))
        rows: dict[str, list[Row]] = {}
        for mirrored in (self._mine, *self._mirrors.values()):
            for row_id, row in mirrored[1].items():
                rows.setdefault(row_id, []).append(row)
        for row_id, found in rows.items():
            yield row_id, found[0] if len(found) == 1 else self._joined(found)


def _followed(known: tuple[int, dict[str, Row]] | None, changes: Changes[Row]) -> tuple[int, dict[str, Row]]:
    rows = {} if known is None or changes.whole else known[1]
    for gone in changes.gone:
        rows.pop(gone, None)
    return changes.tick, rows | {str(getattr(row, "id")): row for row in changes.rows}  # noqa: B009 - every row has one
