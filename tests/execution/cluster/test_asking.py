"""A run as the server that asked for it has it: what makes no sense costs the run alone, and a refusal is the error that the runner had."""

import pytest

from fourhands.errors import InvalidRequest, NotFound, Unavailable
from fourhands.execution.cluster.asking import refusal, ttl_ms
from fourhands.execution.cluster.keys import Keys
from fourhands.execution.link import Output, Pong, Refused, encode
from fourhands.execution.port import Event, Job, Limits, Stage
from tests.execution.cluster.conftest import Installation
from tests.execution.conftest import until
from tests.redis_server import needs_redis


def test_a_refusal_is_the_error_that_the_runner_had() -> None:
    assert [type(refusal(Refused(1, error.code, "why"))) for error in (InvalidRequest, NotFound, Unavailable)] == [InvalidRequest, NotFound, Unavailable]
    assert type(refusal(Refused(1, "unheard of", "why"))) is Unavailable


def test_streams_outlive_their_run() -> None:
    assert ttl_ms(Job(id="x", language="x", limits=Limits(wall_seconds=300, compile_wall_seconds=10))) > 310_000


@needs_redis
@pytest.mark.parametrize(
    "fields", [{"n": "2", "h": encode(Pong()), "b": ""}, {"n": "9", "h": encode(Output(1, "stdout")), "b": "x"}, {"n": "2", "h": "{}", "b": ""}, {"x": "y"}]
)
async def test_a_runner_that_makes_no_sense_costs_the_run_alone(installation: Installation, fields: dict[str, str | bytes]) -> None:
    await installation.runner()
    server = await installation.server(runners=1)
    other, run = [aiter(await server.run("wait", room=name, person=name)) for name in "ab"]
    assert [await anext(one) for one in (other, run)] == [Stage("run")] * 2
    first, asked = server.end._asked
    if fields.get("n") == "2":
        fields = fields | {"n": str(asked._inflow._heard + 1)}
    await installation.redis.xadd(Keys(installation.prefix).from_run(asked.name), fields)  # pyright: ignore[reportArgumentType]
    events: list[Event] = [event async for event in run]
    assert type(events[-1]).__name__ == "Error"
    await until(lambda: sum(one.batch for one in server.executor.machines()) <= 1)
    assert not first.over.is_set()
