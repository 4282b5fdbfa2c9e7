"""What is said on the link arrives as it was said; what makes no sense ends it."""

import asyncio
import socket

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import ProtocolViolation
from fourhands.execution.frames import pack_frame
from fourhands.execution.link import Link, Ping, Said, Start, join_job, runner_end, server_end, split_job
from fourhands.execution.port import Exit, Job, Limits, SourceFile, Terminal

files = st.lists(st.builds(SourceFile, st.text("abc/.", min_size=1), st.binary(max_size=30)), max_size=4).map(tuple)


@given(files, st.binary(max_size=30), st.lists(st.text(), max_size=3).map(tuple))
def test_a_job_is_the_same_behind_the_link(files: tuple[SourceFile, ...], stdin: bytes, args: tuple[str, ...]) -> None:
    job = Job(id="a", language="python", files=files, stdin=stdin, args=args, terminal=Terminal(100, 30), open_input=True, limits=Limits(wall_seconds=2))
    head, body = split_job(job)
    start = msgspec.json.decode(msgspec.json.encode(Start(1, head, 5)), type=Start)
    assert join_job(start.job, body) == job


@pytest.mark.parametrize("body", [b"", b"print(1", b"print(1)and more"])
def test_a_job_whose_bytes_do_not_fit_its_head_is_refused(body: bytes) -> None:
    head, _ = split_job(Job(id="a", language="python", files=(SourceFile("a.py", b"print(1)"),)))
    with pytest.raises(ProtocolViolation, match="bytes came with"):
        join_job(head, body)


def test_a_size_below_nothing_is_refused() -> None:
    head, _ = split_job(Job(id="a", language="python", files=(SourceFile("a.py", b"1"), SourceFile("b.py", b"22"))))
    forged = msgspec.structs.replace(head, files=(("a.py", -1), ("b.py", 3)), stdin_bytes=0)
    with pytest.raises(ProtocolViolation):
        join_job(forged, b"ab")


async def ends() -> "tuple[Link, Link, asyncio.StreamWriter]":
    one, other = socket.socketpair()
    writer = (raw := await asyncio.open_connection(sock=one))[1]
    return server_end(*raw), runner_end(*await asyncio.open_connection(sock=other)), writer


async def test_messages_arrive_with_their_bodies_until_the_other_end_closes() -> None:
    server, runner, _ = await ends()
    runner.send(Said(3, Exit(stage="run", status="ok", code=0)), b"body")
    messages = server.messages()
    assert await anext(messages) == (Said(3, Exit(stage="run", status="ok", code=0)), b"body")
    runner.close()
    assert [message async for message in messages] == []
    server.close()


@pytest.mark.parametrize("header", [b"", b"{", b"[]", b'{"type":"format the disk"}', b'{"type":"stop"}', b'{"type":"stop","run":"one"}', b"\xff\xfe"])
async def test_what_makes_no_sense_ends_it(header: bytes) -> None:
    server, runner, writer = await ends()
    server.send(Ping())
    writer.write(pack_frame(header))
    messages = runner.messages()
    assert await anext(messages) == (Ping(), b"")
    with pytest.raises(ProtocolViolation, match="makes no sense"):
        await anext(messages)
    server.close()
    runner.close()


async def test_nothing_is_written_to_a_link_that_is_closed() -> None:
    server, runner, _ = await ends()
    server.close()
    server.send(Ping())
    assert [message async for message in runner.messages()] == []
    runner.close()
