"""Words for all instances: who hears them, in which order, and that none is lost while Redis is away."""

import asyncio
from collections.abc import Awaitable, Callable

from fourhands.shared_state.words import Words
from tests.house import HandClock
from tests.redis_server import RedisServer, needs_redis

PATIENCE_SECONDS = 60.0


def hearer(words: Words, word: str) -> list[bytes]:
    """What is heard of that word from now on."""
    heard: list[bytes] = []

    async def hears(value: bytes) -> None:
        heard.append(value)

    words.hear(word, hears)
    return heard


async def until(there: Callable[[], bool], again: Callable[[], Awaitable[object]]) -> None:
    """Do it again until that is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not there():
            await again()
            await asyncio.sleep(0.01)


async def test_alone_what_is_said_is_known_and_nobody_else_is_told() -> None:
    words = Words(HandClock())
    heard = hearer(words, "mode")
    await words.say("mode", b"open")
    assert words.known("mode") == b"open"
    assert await words.listen()
    await words.run()  # ends: there is nobody to listen to
    assert heard == []
    await words.say("mode", b"")
    assert words.known("mode") == b""


@needs_redis
async def test_others_hear_what_changes_and_whoever_said_it_does_not(redis_server: RedisServer) -> None:
    prefix = redis_server.prefix()
    states = [redis_server.state(prefix) for _ in range(2)]
    one, other = (Words(HandClock(), state) for state in states)
    own, heard = hearer(one, "mode"), hearer(other, "mode")
    try:
        await one.say("mode", b"a")
        await one.say("other", b"nobody listens to this")
        await until(lambda: heard == [b"a"], other.listen)
        assert await other.listen()
        await one.say("mode", b"")
        await until(lambda: heard == [b"a", b""], other.listen)
        assert await one.listen()
        assert own == []
        assert (one.known("mode"), other.known("mode"), other.known("other")) == (b"", b"", b"nobody listens to this")
    finally:
        for state in states:
            await state.close()


@needs_redis
async def test_what_fails_to_be_heard_ends_nothing(redis_server: RedisServer) -> None:
    prefix = redis_server.prefix()
    states = [redis_server.state(prefix) for _ in range(2)]
    one, other = (Words(HandClock(), state) for state in states)

    async def fails(value: bytes) -> None:
        raise ValueError(value)

    other.hear("bad", fails)
    heard = hearer(other, "good")
    listening = asyncio.create_task(other.run())
    try:
        await one.say("bad", b"!")
        await until(lambda: other.known("bad") == b"!", lambda: asyncio.sleep(0))
        await one.say("good", b"1")
        await until(lambda: heard == [b"1"], lambda: asyncio.sleep(0))
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        for state in states:
            await state.close()


@needs_redis
async def test_what_is_said_while_redis_is_away_is_said_when_it_is_back() -> None:
    server = RedisServer()
    server.start()
    states = [server.state("test") for _ in range(2)]
    one, other = (Words(HandClock(), state) for state in states)
    heard, away = hearer(other, "mode"), list[bool]()
    other.while_away.append(lambda: away.append(True))
    try:
        server.kill()
        await one.say("mode", b"maintenance")
        assert one.known("mode") == b"maintenance"
        assert not await other.listen()
        assert away == [True]
        server.start()
        await until(lambda: heard == [b"maintenance"], lambda: asyncio.gather(one.listen(), other.listen()))
        before = len(away)
        assert await other.listen()
        assert len(away) == before, "it is back, and that was told"
    finally:
        server.stop()
        for state in states:
            await state.close()


@needs_redis
async def test_what_was_said_last_outlives_a_redis_that_comes_back_empty() -> None:
    server = RedisServer()
    server.start()
    states = [server.state("test") for _ in range(2)]
    clocks = [HandClock(), HandClock()]
    one, other = (Words(clock, state) for clock, state in zip(clocks, states, strict=True))
    heard = [hearer(one, "mode"), hearer(other, "mode")]
    try:
        await one.say("mode", b"maintenance")
        await until(lambda: heard[1] == [b"maintenance"], other.listen)
        server.kill()
        clocks[1].pass_seconds(60)
        await other.say("mode", b"open")  # the other has not heard of it yet
        server.start()
        await until(lambda: one.known("mode") == b"open", lambda: asyncio.gather(one.listen(), other.listen()))
        assert await one.listen()
        assert await other.listen()
        assert (heard, other.known("mode")) == ([[b"open"], [b"maintenance"]], b"open")
        server.kill()
        server.start()
        await until(lambda: one.known("mode") == b"open", one.listen)
        late = Words(HandClock(), states[1])
        await until(lambda: late.known("mode") == b"open", lambda: asyncio.gather(one.listen(), late.listen()))
    finally:
        server.stop()
        for state in states:
            await state.close()
