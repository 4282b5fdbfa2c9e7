"""A Piston server elsewhere: our own API is one, so that both ends are held to the same; what does not answer is told, and recovers."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from fourhands.errors import InvalidRequest, NotFound, Unavailable
from fourhands.execution.backends.piston import PistonBackend, api_url
from fourhands.execution.port import Data, Error, Event, Exit, Job, Limits, SourceFile, Stage, Terminal
from tests.edge.http.programs import TOKEN, House, Source, scripted_server
from tests.execution.conftest import until
from tests.execution.scripted import ScriptedRun

LIMITS = Limits(wall_seconds=3)
LISTED = [{"language": "python", "version": "3.10.0", "aliases": ["py"]}]


def job(language: str = "python", **fields: Any) -> Job:
    return Job(id="r", language=language, **{"files": (SourceFile("main", b"x"),), "limits": LIMITS, **fields})


async def all_of(run: Any) -> list[Event]:
    return [event async for event in run]


async def of(house: House, token: str = TOKEN) -> PistonBackend:
    backend = PistonBackend(house.url, token, {})
    await backend.check()
    return backend


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> PistonBackend:
    """Over a server that is a function."""

    def all_requests(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=LISTED) if request.url.path.endswith("runtimes") and request.method == "GET" else answer(request)

    return PistonBackend("http://piston.test", "", {}, transport=httpx.MockTransport(all_requests))


@pytest.mark.parametrize(("url", "api"), [
    ("https://piston.example.org", "https://piston.example.org/api/v2"),
    ("https://piston.example.org/", "https://piston.example.org/api/v2"),
    ("https://emkc.example/api/v2/piston/", "https://emkc.example/api/v2/piston"),
])  # fmt: skip
def test_an_address_is_that_of_the_server_or_of_the_api(url: str, api: str) -> None:
    assert api_url(url) == api


async def test_a_program_runs_there_and_its_events_are_ours(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        backend = await of(house)
        assert backend.health.ok
        assert {runtime.language: runtime.version for runtime in backend.runtimes()}["python"] == "3.11.2"
        files = (SourceFile("main.c", b"int"), SourceFile("data", b"\xff\x00"))
        events = await all_of(await backend.start(job("c", files=files, args=("a",), stdin=b"in")))
        assert events == [
            Stage("compile"),
            Data("stderr", b"a warning\n"),
            Exit(stage="compile", status="ok", code=0),
            Stage("run"),
            Data("stdout", b"hello\nin\na\n"),
            Exit(stage="run", status="ok", code=0, cpu_ms=12, wall_ms=15, memory_bytes=1_000_000),
        ]
        assert house.source.runs[0].job.files == files
        await backend.close()


async def test_a_program_with_open_input_is_talked_to(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        backend = await of(house)
        run = await backend.start(job("echo", open_input=True))
        await run.write("ü\n".encode())
        assert [await anext(run), await anext(run)] == [Stage("run"), Data("stdout", "ü\n".encode())]
        run.signal("SIGINT")
        with pytest.raises(InvalidRequest):
            run.signal("SIGNOT")
        await until(lambda: house.source.runs[0].told == ["SIGINT"])
        await house.source.runs[0].close_input()
        assert await all_of(run) == [Exit(stage="run", status="ok", code=0)]
        await asyncio.wait_for(run.write(b"late"), 20)
        await backend.close()


@pytest.mark.parametrize("open_input", [False, True])
async def test_a_stop_ends_it_there_too(tmp_path: Path, open_input: bool) -> None:
    async with scripted_server(tmp_path) as house:
        backend = await of(house)
        run = await backend.start(job("wait", open_input=open_input))
        await asyncio.wait_for(house.source.began.wait(), 20)
        run.stop()
        assert (await all_of(run))[-1] == Exit(stage="run", status="killed", signal="SIGKILL")
        await until(house.source.runs[0].stopped.is_set)
        await backend.close()


@pytest.mark.parametrize("open_input", [False, True])
async def test_a_limit_that_the_server_does_not_grant_is_lowered(tmp_path: Path, open_input: bool) -> None:
    async with scripted_server(tmp_path, api_program_seconds_most=2) as house:
        backend = await of(house)
        for _ in range(2):
            events = await all_of(await backend.start(job(open_input=open_input, limits=Limits(wall_seconds=300, memory_bytes=1 << 40))))
            assert events[-1].status == "ok"  # pyright: ignore[reportAttributeAccessIssue]
        assert house.source.runs[0].job.limits.wall_seconds == 2
        await backend.close()


async def test_what_the_server_refuses_is_told_with_its_reason(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        backend = await of(house)
        for open_input in (False, True):
            events = await all_of(await backend.start(job(files=(SourceFile("../x", b""),), open_input=open_input)))
            assert isinstance(events[-1], Error)
            assert "'../x'" in events[-1].message
        assert backend.health.ok
        with pytest.raises(NotFound):
            await backend.start(job("cobol"))
        with pytest.raises(InvalidRequest, match="no terminals"):
            await backend.start(job(terminal=Terminal()))
        await backend.close()


async def test_a_token_that_it_does_not_take_is_told_with_what_to_do(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        backend = await of(house, "wrong")
        assert "does not take our token" in backend.health.sentence
        with pytest.raises(Unavailable, match="FOURHANDS_PISTON_TOKEN"):
            await backend.start(job())
        await backend.close()


async def test_a_server_that_is_down_is_told_and_used_again_when_it_is_back() -> None:
    up, pauses, wake = False, [], asyncio.Event()

    def server(request: httpx.Request) -> httpx.Response:
        if not up:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, json=LISTED)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await wake.wait()
        wake.clear()

    backend = PistonBackend("http://piston.test", "", {}, transport=httpx.MockTransport(server))
    assert backend.is_pending
    with pytest.raises(Unavailable, match="being asked"):
        await backend.start(job())
    checking = asyncio.create_task(backend.keep_checking(3600, sleep=sleep))
    await until(lambda: pauses == [15])
    assert "does not answer (ConnectError: refused)" in backend.health.sentence
    assert backend.runtimes() == ()
    up = True
    wake.set()
    await until(lambda: pauses == [15, 3600])
    assert backend.health.ok
    up = False
    assert (await all_of(await backend.start(job())))[-1] == Error(
        message="The Piston server does not answer (ConnectError), so the run is lost. Start it again."
    )
    await until(lambda: pauses == [15, 3600, 15])  # it was asked at once
    assert not backend.health.ok
    checking.cancel()
    await backend.close()


@pytest.mark.parametrize(("answer", "status", "words"), [
    (httpx.Response(429, json={"message": "slow down"}), "busy", "too much to do"),
    (httpx.Response(400, json={"message": "python-3 runtime is unknown"}), "unavailable", "runtime is unknown"),
    (httpx.Response(500), "unavailable", "status 500"),
    (httpx.Response(200, content=b"<html>"), "unavailable", "makes no sense"),
    (httpx.Response(200, json={"run": None}), "unavailable", "makes no sense"),
    (httpx.Response(200, content=b"[" * 100_000), "unavailable", "makes no sense"),
])  # fmt: skip
async def test_every_other_answer_is_a_sentence(answer: httpx.Response, status: str, words: str) -> None:
    backend = answering(lambda _: answer)
    await backend.check()
    (event,) = await all_of(await backend.start(job()))
    assert isinstance(event, Error)
    assert event.status == status
    assert words in event.message
    await backend.close()


async def test_a_server_that_takes_too_long_is_told() -> None:
    def late(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    backend = answering(late)
    await backend.check()
    (event,) = await all_of(await backend.start(job()))
    assert isinstance(event, Error)
    assert "ReadTimeout" in event.message
    await backend.close()


async def test_a_conversation_that_breaks_off_is_told(tmp_path: Path) -> None:
    async def silent(run: ScriptedRun) -> None:
        await run.say(Stage("run"))
        await run.say(Error(message="The runner ended."))

    async with scripted_server(tmp_path, Source(silent=silent)) as house:
        backend = await of(house)
        events = await all_of(await backend.start(job("silent", open_input=True)))
        assert events == [Stage("run"), Error(message="The Piston server refused it: The runner ended.")]
        await backend.close()


async def test_nothing_is_left_running_when_we_close(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        backend = await of(house)
        run = await backend.start(job("wait"))
        await asyncio.wait_for(house.source.began.wait(), 20)
        await backend.close()
        assert (await all_of(run))[-1] == Exit(stage="run", status="killed", signal="SIGKILL")
        await until(house.source.runs[0].stopped.is_set)


@pytest.mark.parametrize("listed", [{}, [1], [{"language": "x"}], "x", [{"language": "x", "version": "1", "aliases": 3}]])
async def test_a_server_that_is_none_of_pistons_is_not_used(listed: object) -> None:
    backend = PistonBackend("http://piston.test", "", {}, transport=httpx.MockTransport(lambda _: httpx.Response(200, json=listed)))
    health = await backend.check()
    assert not health.ok or backend.runtimes() == ()
    await backend.close()


async def test_languages_have_our_names_and_their_newest_version() -> None:
    listed = [
        {"language": "c++", "version": "10.2.0", "aliases": ["cpp"], "runtime": "gcc"},
        {"language": "c++", "version": "9.9.9", "aliases": []},
    ]
    backend = PistonBackend("http://piston.test", "", {"c++": "cpp"}, transport=httpx.MockTransport(lambda _: httpx.Response(200, json=listed)))
    await backend.check()
    (runtime,) = backend.runtimes()
    assert (runtime.language, runtime.version, runtime.aliases) == ("cpp", "10.2.0", ("c++", "cpp"))
    await backend.close()
