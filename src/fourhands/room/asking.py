"""What instances say to all others, and ask of one: administrators' acts, whose program runs where. `sharing.py` is one of these."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from fourhands.bus.envelope import EVERYBODY, inbox_of
from fourhands.bus.messages import Message, Question, Reply, Word
from fourhands.bus.port import Bus
from fourhands.errors import FourhandsError, LimitExceeded, Unavailable

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.sharing")

HearsAll = Callable[[str, bytes], None]
Answers = Callable[[str, bytes], Awaitable[bytes]]
_ERRORS: Mapping[str, type[FourhandsError]] = {kind.code: kind for kind in FourhandsError.__subclasses__() if kind not in {LimitExceeded, Unavailable}}


class Asking:
    """`hears_all`, `answers`: who takes a word of a topic, said to all instances, or asked of this one.

    Invariant: `_asked` are the questions that wait for an answer, by their numbers.
    """

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.heard: int = 0  # messages of other instances so far
        self.hears_all: dict[str, HearsAll] = {}
        self.answers: dict[str, Answers] = {}
        self._asked: dict[int, asyncio.Future[bytes]] = {}
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def reached(self) -> bool:
        """Whether the others are."""
        return self.bus.reached

    def say_all(self, topic: str, payload: bytes) -> None:
        """To every other instance."""
        self.bus.publish(EVERYBODY, Word(topic, payload))

    async def ask(self, instance: str, topic: str, payload: bytes, seconds: float = 5.0) -> bytes:
        """Have one instance do something. Raises `Unavailable` if it does not answer, and what it raised there."""
        if not self.bus.reached:
            raise Unavailable("The other servers are not reached at the moment.", "redis")
        number = next(self._numbers)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            self.bus.publish(inbox_of(instance), Question(number, topic, payload))
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            raise Unavailable("Another server does not answer.", "redis") from None
        finally:
            del self._asked[number]

    def hear_all(self, origin: str, messages: Sequence[Message]) -> None:
        """What came for everybody, and for us alone."""
        self.heard += len(messages)
        for message in messages:
            try:
                match message:
                    case Word():
                        if (hears := self.hears_all.get(message.topic)) is not None:
                            hears(origin, message.payload)
                    case Question():
                        self.spawn(self._reply(origin, message))
                    case Reply():
                        self._replied(message)
                    case _:
                        pass
            except Exception:
                log.exception("sharing.failed", origin=origin, kind=type(message).__name__)

    async def _reply(self, origin: str, question: Question) -> None:
        try:
            reply = Reply(question.number, await self.answers.get(question.topic, _unknown)(origin, question.payload))
        except FourhandsError as error:
            reply = Reply(question.number, b"", error.code, str(error))
        except Exception:
            log.exception("sharing.failed", origin=origin, topic=question.topic)
            reply = Reply(question.number, b"", Unavailable.code, "Something broke at another server.")
        self.bus.publish(inbox_of(origin), reply)

    def _replied(self, reply: Reply) -> None:
        answer = self._asked.get(reply.number)
        if answer is None or answer.done():
            return
        if not reply.code:
            answer.set_result(reply.payload)
        elif (kind := _ERRORS.get(reply.code)) is not None:
            answer.set_exception(kind(reply.message))
        else:
            answer.set_exception(Unavailable(reply.message, "redis"))

    def spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Do something that takes its time; a failure that nobody expected is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("sharing.task_failed", exc_info=error)

    async def end_tasks(self) -> None:
        """Nothing is done any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _unknown(_origin: str, _payload: bytes) -> bytes:
    raise Unavailable("This server does not know how.", "redis")
