"""A program that somebody starts at one instance runs on the runner, and everybody sees it, at whichever instance they are."""

from collections.abc import Iterator

import pytest

from tests.cluster.topology import Backends, Cluster, running_cluster
from tests.e2e.fixtures import wait_ready
from tests.execution.sandboxes import needs_sandbox
from tests.wire.client import Client, Room, clients
from tests.wire.test_server_runs import output, rewrite

pytestmark = needs_sandbox


@pytest.fixture(scope="module")
def programs(backends: Backends) -> Iterator[Cluster]:
    """Three instances and a runner, whose sandbox has been tested."""
    unhurried = {"FOURHANDS_PROGRAM_SECONDS": "60", "FOURHANDS_PROGRAM_CPU_SECONDS": "60"}  # neither is about time, and a busy machine takes it
    with running_cluster(backends, env={"FOURHANDS_RUNNER": "child", **unhurried}) as cluster:
        wait_ready(cluster)
        yield cluster


async def test_everybody_sees_a_program_from_another_instance_and_it_runs_once(programs: Cluster) -> None:
    room = Room.open(programs.instances[0].url, language="python")
    tokens = [room.host, room.join("Lin", role="editor"), room.join("Vic", role="viewer")]
    async with clients(*(Client(instance.url, room.id, token) for instance, token in zip(programs.instances, tokens, strict=True))) as people:
        ada, lin, _ = people
        await rewrite(ada, "print('said once')")
        await lin.until_text("print('said once')")
        await lin.say("run.ask", run="c0000000001")
        for person in people:
            ended = await person.event("run.ended", run="c0000000001", seconds=60)
            assert (ended["status"], ended["code"]) == ("ok", 0), f"{ended}\n{programs.log}"
            assert output(person, "c0000000001") == "said once\n"


async def test_somebody_at_another_instance_types_into_a_terminal(programs: Cluster) -> None:
    room = Room.open(programs.instances[0].url, language="python")
    async with clients(
        Client(programs.instances[0].url, room.id, room.host), Client(programs.instances[1].url, room.id, room.join("Lin", role="editor"))
    ) as people:
        ada, lin = people
        await ada.say("run.ask", run="c0000000002", language="python", terminal={"columns": 80, "rows": 24}, repl=True)
        await lin.until(lambda: ">>>" in output(lin, "c0000000002"), 60)
        await lin.say("run.input", run="c0000000002", text="print(6 * 7)\r")
        for person in people:
            await person.until(lambda person=person: "42" in output(person, "c0000000002"), 60)
        await lin.say("run.input_end", run="c0000000002")
        for person in people:
            await person.event("run.ended", run="c0000000002", seconds=60)
