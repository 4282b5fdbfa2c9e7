"""A program on the server, as its room hears it: in bounded pieces, whole characters, harmless, and to its end."""

import asyncio

import pytest

from fourhands.errors import Conflict, LimitExceeded
from fourhands.execution.port import Data, Error, Exit, Picture, Queued, Stage
from fourhands.protocol import runs
from fourhands.room import program as module
from fourhands.room.program import Program, Text
from fourhands.room.runs import RunBook
from tests.room.programs import RUN, Hearers, Script, a_run

OK = Exit(stage="run", status="ok", code=0, cpu_ms=12, wall_ms=15, memory_bytes=4096)


class Stand:
    """A program that is listened to."""

    def __init__(self, *, terminal: bool = False, output_bytes: int = 1024 * 1024) -> None:
        self.script, self.hearers, self.run = Script(), Hearers(), a_run(terminal=terminal)
        self.book = RunBook(kept=5, output_bytes=output_bytes)
        self.program = Program(self.run, self.script, self.hearers, self.book, input_bytes=10, picture_bytes=10)
        self.book.start(self.program, self.run)
        self.listening = asyncio.create_task(self.program.carry())

    async def end(self, *last: Data | Exit | Error | Picture | Stage) -> runs.Run:
        await self.script.end(*last)
        await self.listening
        self.program.close()
        return self.run


async def test_a_run_tells_where_it_is_and_how_it_ended() -> None:
    stand = Stand()
    await stand.script.say(Queued(2))
    await stand.script.say(Stage("compile"))
    await stand.script.say(Exit(stage="compile", status="ok", code=0))
    await stand.script.say(Stage("run"))
    run = await stand.end(Data("stdout", b"hi"), OK)
    assert stand.hearers.heard == [
        runs.RunQueued(RUN, 2), runs.RunStage(RUN, "compile"), runs.RunStage(RUN, "run"), runs.RunOutput(RUN, "stdout", "hi"),
    ]  # fmt: skip
    assert (run.status, run.code, run.ms, run.cpu_ms, run.memory_bytes, run.position, run.stage) == ("ok", 0, 15, 12, 4096, None, "run")


async def test_what_does_not_compile_is_not_run() -> None:
    run = await Stand().end(Stage("compile"), Exit(stage="compile", status="compile_error", code=1))
    assert (run.status, run.code, run.stage) == ("compile_error", 1, "compile")


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ([Error(message="no room", status="busy")], "busy"),
        ([Error(message="it is away")], "unavailable"),
        ([Stage("run"), Error(message="it went away")], "lost"),
        ([Stage("run")], "lost"),
        ([Error(message="stopped early", status="killed")], "killed"),
    ],
)
async def test_a_run_that_did_not_come_to_its_end_says_why(last: list[Stage | Error], status: str) -> None:
    run = await Stand().end(*last)
    assert run.status == status
    assert run.message


async def test_output_after_a_pause_is_told_at_once_and_what_follows_is_gathered() -> None:
    stand = Stand()
    for letter in "abcd":
        await stand.script.print(letter)
    await stand.end(OK)
    assert [event.text for event in stand.hearers.of(runs.RunOutput)] == ["a", "bcd"]


async def test_streams_keep_their_order() -> None:
    stand = Stand()
    await stand.end(Data("stdout", b"1"), Data("stderr", b"2"), Data("stderr", b"3"), Data("stdout", b"4"), OK)
    assert [(event.stream, event.text) for event in stand.hearers.of(runs.RunOutput)] == [("stdout", "1"), ("stderr", "23"), ("stdout", "4")]


async def test_a_program_that_writes_fast_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOLD_CHARACTERS", 8)
    monkeypatch.setattr(module, "GATHER_SECONDS", 3600)
    stand = Stand()
    output = [Data("stdout", b"0123456789") for _ in range(20)]
    writing = asyncio.ensure_future(stand.end(*output, OK))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not writing.done()
    assert stand.script.said < 10
    assert max(len(event.text) for event in stand.hearers.of(runs.RunOutput)) <= 8
    for task in (writing, stand.listening):
        task.cancel()
    await asyncio.gather(writing, stand.listening, return_exceptions=True)


async def test_all_that_waits_is_told_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOLD_CHARACTERS", 64)
    stand = Stand()
    await stand.end(*(Data("stdout", b"x" * 50) for _ in range(10)), OK)
    assert stand.hearers.output == "x" * 500


async def test_output_past_the_limit_is_cut() -> None:
    stand = Stand(output_bytes=100)
    run = await stand.end(Data("stdout", b"x" * 101), OK)
    assert stand.hearers.output == "x" * 100
    assert run.truncated


async def test_pictures_stand_behind_what_was_written_before_and_have_a_limit() -> None:
    stand = Stand()
    run = await stand.end(Data("stdout", b"a"), Data("stdout", b"b"), Picture(b"0123456789"), Picture(b"x"), OK)
    assert [type(event) for event in stand.hearers.heard] == [runs.RunOutput, runs.RunOutput, runs.RunPicture]
    assert run.pictures == [runs.Picture("image/png", b"0123456789")]
    assert run.truncated


class TestInput:
    async def test_what_is_typed_arrives_in_order(self) -> None:
        stand = Stand(terminal=True)
        typing = asyncio.create_task(stand.program.type())
        stand.program.put("ü")
        stand.program.put_end()
        stand.program.put("1\r")
        assert [await stand.script.written.get() for _ in range(3)] == ["ü".encode(), None, b"1\r"]
        await stand.end(OK)
        await typing

    async def test_a_program_that_does_not_read_is_typed_into_up_to_a_limit(self) -> None:
        stand = Stand(terminal=True)
        stand.program.put("0123456789")
        with pytest.raises(LimitExceeded, match="has not read"):
            stand.program.put("x")
        typing = asyncio.create_task(stand.program.type())
        assert await stand.script.written.get() == b"0123456789"
        stand.program.put("x")
        await stand.end(OK)
        await typing

    async def test_every_terminal_follows_a_new_size_once(self) -> None:
        stand = Stand(terminal=True)
        for _ in range(2):
            stand.program.resize(100, 30)
        assert stand.hearers.heard == [runs.RunResized(RUN, 100, 30)]
        assert stand.script.told == [(100, 30)]
        assert stand.run.terminal == runs.Terminal(100, 30)
        await stand.end(OK)

    async def test_a_program_without_a_terminal_is_not_typed_into(self) -> None:
        stand = Stand()
        for said in (lambda: stand.program.put("x"), stand.program.put_end, lambda: stand.program.resize(1, 1)):
            with pytest.raises(Conflict, match="no terminal"):
                said()
        await stand.end(OK)


def test_bytes_become_harmless_text_wherever_they_are_cut() -> None:
    data = "世\x1b]52;c;QQ==\x07🚀\x1b[31m".encode() + b"\xff\xe4"
    for cut in range(len(data)):
        text = Text()
        assert text.take(data[:cut]) + text.take(data[cut:]) + text.end() == "世🚀\x1b[31m\ufffd\ufffd"
