"""A program as it lies in Redis: it comes out as it went in, and what is none is refused."""

import pytest

from fourhands.errors import ProtocolViolation
from fourhands.execution.cluster.taken import unpack
from fourhands.execution.cluster.words import Packed
from fourhands.execution.frames import pack_frame
from fourhands.execution.link import encode, split_job
from fourhands.execution.port import Data, Exit, Job, Limits, SourceFile, Terminal
from tests.execution.cluster.conftest import Installation
from tests.redis_server import needs_redis

JOB = Job(
    id="x", language="c", files=(SourceFile("a", b"\0\xff"), SourceFile("b", b"")), args=("1",), stdin=b"in", terminal=Terminal(), limits=Limits(disk_bytes=5)
)


def test_a_program_comes_out_as_it_went_in() -> None:
    head, body = split_job(JOB)
    whole = pack_frame(encode(Packed(head)), body)
    assert unpack(whole) == JOB
    for wrong in (b"", whole[:-1], pack_frame(b"{}", body), pack_frame(encode(Packed(head)), b"x")):
        with pytest.raises(ProtocolViolation):
            unpack(wrong)


@needs_redis
async def test_what_is_said_to_a_run_before_it_started_reaches_it(installation: Installation) -> None:
    await installation.runner()
    server = await installation.server(runners=1)
    run = await server.run("echo", open_input=True)
    run.resize(10, 20)
    events = aiter(run)
    await anext(events)
    await run.write(b"hello")
    await run.close_input()
    said = [event async for event in events]
    assert (b"".join(event.data for event in said if isinstance(event, Data)), type(said[-1])) == (b"hello", Exit)
