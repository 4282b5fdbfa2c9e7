"""What a run says, what is said to it, and where its limits end it."""

import asyncio
import re
import signal
import struct
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fourhands.errors import InvalidRequest
from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.backends.sandbox.run import LOST
from fourhands.execution.port import Error, Event, Exit, Limits, Picture, Run, Stage, Terminal
from tests.execution.backends.sandbox.test_pictures import framed, png
from tests.execution.sandboxes import checked_backend, job, needs_sandbox, outcome_of, run_job, until

IN_A_TERMINAL = """
import os, signal, sys
signal.signal(signal.SIGWINCH, lambda *_: print("now", *os.get_terminal_size()))
print(sys.stdin.isatty(), *os.get_terminal_size())
try:
    while True:
        try:
            print("got", input())
        except EOFError:
            print("eof")
except KeyboardInterrupt:
    print("stopped")
"""
WITH_SIGNALS = """
import signal, time
signal.signal(signal.SIGUSR1, lambda *_: print("usr1"))
try:
    print("ready")
    while True:
        time.sleep(0.01)  # short: Python runs no handler for a signal that came just before a system call
except KeyboardInterrupt:
    print("int")
"""

pytestmark = [needs_sandbox, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[SandboxBackend]:
    async with checked_backend() as made:
        yield made


def events(run: Run) -> AsyncIterator[Event]:
    return run.__aiter__()


async def test_a_program_gets_its_files_arguments_and_input(backend: SandboxBackend) -> None:
    source = "import sys, file1\nprint(sys.argv[1:], sys.stdin.read(), file1.x)"
    said = await run_job(backend, job("python", source, "x = 5", args=("a b", "--c"), stdin=b"in"))
    assert said.output == "['a b', '--c'] in 5\n"
    assert said.events[0] == Stage("run")
    assert (said.last.status, said.last.code, said.last.signal) == ("ok", 0, None)
    assert said.last.cpu_ms > 0 and said.last.wall_ms > 0 and said.last.memory_bytes > 1 << 20


async def test_streams_are_told_apart_and_ends_too(backend: SandboxBackend) -> None:
    said = await run_job(backend, job("sh", "echo out; echo err >&2; exit 7"))
    assert (said.output, said.errors, said.last.status, said.last.code) == ("out\n", "err\n", "error", 7)
    said = await run_job(backend, job("sh", "kill -SEGV $$"))
    assert (said.last.status, said.last.code, said.last.signal) == ("error", None, "SIGSEGV")


async def test_compiling_is_a_stage_of_its_own(backend: SandboxBackend) -> None:
    said = await run_job(backend, job("c", '#include <stdio.h>\n#warning careful\nint main() { puts("ran"); return 3; }'))
    kinds = [event.stage if isinstance(event, Stage | Exit) else "data" for event in said.events]
    assert [kind for place, kind in enumerate(kinds) if kinds[place - 1 : place] != [kind]] == ["compile", "data", "compile", "run", "data", "run"]
    ends = [event for event in said.events if isinstance(event, Exit)]
    assert [(end.stage, end.status, end.code) for end in ends] == [("compile", "ok", 0), ("run", "error", 3)]
    assert ends[0].cpu_ms > ends[1].cpu_ms
    assert "careful" in said.errors


async def test_what_does_not_compile_does_not_run(backend: SandboxBackend) -> None:
    said = await run_job(backend, job("c", "int main() { return x; }"))
    assert (said.last.stage, said.last.status) == ("compile", "compile_error")
    assert "undeclared" in said.errors
    assert Stage("run") not in said.events


async def test_output_is_kept_to_the_byte(backend: SandboxBackend) -> None:
    limits = Limits(output_bytes=10_000)
    whole = await run_job(backend, job("python", "print('x' * 9999)", limits=limits))
    assert (whole.status, len(whole.output)) == ("ok", 10_000)
    cut = await run_job(backend, job("python", "print('x' * 10000)", limits=limits))
    assert (cut.status, len(cut.output), cut.last.signal) == ("output_limit", 10_000, "SIGKILL")


async def test_processes_and_memory_are_kept_at_their_edge(backend: SandboxBackend) -> None:
    source = "import threading\nend = threading.Event()\nfor _ in range({0}):\n    threading.Thread(target=end.wait, daemon=True).start()\nprint('all')"
    limits = Limits(processes=10)
    assert (await run_job(backend, job("python", source.format(9), limits=limits))).output == "all\n"
    assert "can't start new thread" in (await run_job(backend, job("python", source.format(10), limits=limits))).errors
    source = "x = b'1' * ({0} << 20)\nprint('had it')"
    limits = Limits(memory_bytes=64 << 20)
    assert (await run_job(backend, job("python", source.format(45), limits=limits))).output == "had it\n"
    assert (await run_job(backend, job("python", source.format(70), limits=limits))).status == "memory_limit"


async def test_the_compiler_may_take_more_than_the_program(backend: SandboxBackend) -> None:
    build = "python3 -c \"x = b'1' * (60 << 20)\"; echo 'exec python3 -c \"x = bytes(1) * (60 << 20)\"' > /tmp/out"
    limits = Limits(memory_bytes=32 << 20, compile_memory_bytes=128 << 20)
    said = await run_job(backend, job("build", build, limits=limits))
    ends = [event for event in said.events if isinstance(event, Exit)]
    assert [(end.stage, end.status) for end in ends] == [("compile", "ok"), ("run", "memory_limit")]


async def test_input_may_stay_open(backend: SandboxBackend) -> None:
    run = await backend.start(job("python", "print(input()[::-1])\nprint(input())\nimport sys; print(repr(sys.stdin.read()))", stdin=b"one\n", open_input=True))
    stream = events(run)
    await until(stream, "eno")
    await run.write(b"two\n")
    await until(stream, "two")
    await run.close_input()
    assert "''" in await until(stream, "\n")
    assert isinstance([event async for event in stream][-1], Exit)
    await run.write(b"nobody")
    run.resize(1, 1)
    run.signal("SIGINT")
    run.stop()


async def test_a_terminal_is_one(backend: SandboxBackend) -> None:
    run = await backend.start(job("python", IN_A_TERMINAL, terminal=Terminal(91, 31)))
    stream = events(run)
    assert "True 91 31" in await until(stream, "31")
    run.resize(100, 40)
    await run.write("größe\r".encode())  # a program that reads hears of the size at the latest now: the signal may come just before it waits
    assert "now 100 40" in await until(stream, "got größe")
    await run.close_input()
    await until(stream, "eof")
    await run.write(b"\x03\r")  # and a line, for the same reason
    await until(stream, "stopped")
    ends = [event async for event in stream]
    assert ends[-1].status == "ok"  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("terminal", [None, Terminal()])
async def test_signals_reach_the_program(backend: SandboxBackend, terminal: Terminal | None) -> None:
    run = await backend.start(job("python", WITH_SIGNALS, terminal=terminal, open_input=True))
    stream = events(run)
    await until(stream, "ready")
    run.signal("SIGUSR1")
    await until(stream, "usr1")
    run.signal("SIGINT")
    await until(stream, "int")
    assert [event async for event in stream][-1].status == "ok"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(InvalidRequest, match="SIGSTOP"):
        run.signal("SIGSTOP")


async def test_many_signals_at_once_are_merged_and_the_last_of_each_arrives(backend: SandboxBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await backend.start(job("python", WITH_SIGNALS, open_input=True))
    stream, sent, send = events(run), list[int](), run._sandbox.signal
    monkeypatch.setattr(run._sandbox, "signal", lambda number: (sent.append(number), send(number)))
    await until(stream, "ready")
    for _ in range(50):
        run.signal("SIGUSR1")
    assert sent == [signal.SIGUSR1]
    run.signal("SIGINT")
    assert [event async for event in stream][-1].status == "ok"  # pyright: ignore[reportAttributeAccessIssue]
    assert sent == [signal.SIGUSR1, signal.SIGUSR1, signal.SIGINT]


async def test_a_run_is_stopped_with_all_that_it_wrote(backend: SandboxBackend) -> None:
    run = await backend.start(job("sh", "trap '' TERM INT; echo here; while :; do sleep 1; done"))
    stream = events(run)
    await until(stream, "here")
    run.stop()
    run.stop()
    last = [event async for event in stream][-1]
    assert isinstance(last, Exit)
    assert (last.status, last.signal) == ("killed", "SIGKILL")


async def test_pictures_come_between_the_lines(backend: SandboxBackend) -> None:
    source = "import os, sys\nprint('a', flush=True)\nos.write(int(os.environ['FOURHANDS_PICTURES']), sys.stdin.buffer.read())\nprint('b')"
    said = await run_job(backend, job("python", source, stdin=framed(png()) + framed(png(3, 3))))
    assert [event.data for event in said.events if isinstance(event, Picture)] == [png(), png(3, 3)]
    said = await run_job(backend, job("python", source, stdin=framed(png()) + struct.pack(">I", 5) + b"<svg>"))
    assert [event.data for event in said.events if isinstance(event, Picture)] == [png()]
    assert said.status == "ok"


async def test_pictures_that_nobody_fetches_wait_and_the_program_with_them(backend: SandboxBackend) -> None:
    large = png(data=300_000)
    size = len(framed(large))
    source = f"import os, sys\nfor _ in range(4): os.write(int(os.environ['FOURHANDS_PICTURES']), sys.stdin.buffer.read({size}))\nprint('done')"
    said = await run_job(backend, job("python", source, stdin=framed(large) * 4, limits=Limits(input_bytes=1 << 22, wall_seconds=60)))
    assert [type(event).__name__ for event in said.events] == ["Stage", "Picture", "Picture", "Picture", "Picture", "Data", "Exit"]


async def test_a_run_whose_sandbox_may_not_hold_any_more_is_lost(backend: SandboxBackend) -> None:
    run = await backend.start(job("sh", "echo here; sleep 100"))
    stream = events(run)
    await until(stream, "here")
    run.lose()
    run.stop()
    assert [event async for event in stream][-1] == Error(message=LOST)


async def test_a_sandbox_that_cannot_be_made_is_said_and_is_nobodys_fault(backend: SandboxBackend) -> None:
    said = await run_job(backend, job("python", "", limits=Limits(memory_bytes=1 << 20, disk_bytes=1 << 12), stdin=b""))
    assert said.status in {"memory_limit", "unavailable", "wall_time"}


async def test_fifty_at_once_all_end(backend: SandboxBackend) -> None:
    runs = await asyncio.gather(*(backend.start(job("sh", f"echo {number}")) for number in range(50)))
    said = await asyncio.gather(*(outcome_of(run) for run in runs))
    assert [re.fullmatch(r"\d+\n", one.output) and int(one.output) for one in said] == list(range(50))
