"""The shared queue as one server has it: what was heard later counts, whoever leaves has left, and a queue that is away says so."""

import pytest

from fourhands.errors import Conflict, InvalidRequest, Unavailable
from fourhands.execution.cluster.queue import SharedTicket
from fourhands.execution.cluster.words import Capacity, Notice
from fourhands.execution.link import encode
from fourhands.execution.queue import Ask
from tests.execution.cluster.conftest import Installation, Server
from tests.execution.conftest import until
from tests.redis_server import needs_redis

pytestmark = needs_redis


def ask(name: str, *, language: str = "python", memory: int = 1) -> Ask:
    return Ask(room=name, person=name, memory_bytes=memory, language=language, job=name)


async def one_slot(installation: Installation) -> Server:
    await installation.runner(capacity=Capacity(1, 1, 1000))
    return await installation.server(runners=1)


async def test_what_is_heard_late_changes_nothing(installation: Installation) -> None:
    turns = (await one_slot(installation)).end.turns
    first, second = await turns.enter(ask("a")), await turns.enter(ask("b"))
    assert (first.is_granted, second.position) == (True, 1)
    turns.notice(b"1-1", {b"said": encode(Notice(0, ((second.id, 9, ""), ("unknown", 1, ""))))})
    turns.notice(b"1-2", {b"wake": b"1"})
    assert second.position == 1
    first.leave()
    first.leave()
    await until(lambda: second.is_granted)
    assert turns.of_job("b") is second
    with pytest.raises(Unavailable, match="stopped before"):
        turns.of_job("a")


async def test_what_can_never_run_or_runs_already_is_refused_and_leaves_nothing(installation: Installation) -> None:
    turns = (await one_slot(installation)).end.turns
    for wrong, error, why in ((ask("x", memory=1001), InvalidRequest, "1,000 for one"), (ask("x", language="cobol"), Unavailable, "cobol")):
        with pytest.raises(error, match=why):
            await turns.enter(wrong)
    ticket = await turns.enter(ask("x"))
    with pytest.raises(Conflict):
        await turns.enter(ask("x"))
    assert list(turns.waiting()) == []
    ticket.refuse("No.")
    with pytest.raises(Unavailable, match="No"):
        turns.of_job("x")


async def test_a_turn_that_was_not_taken_is_waited_for_again_unless_it_is_left(installation: Installation) -> None:
    turns = (await one_slot(installation)).end.turns
    ticket = await turns.enter(ask("x"))
    await turns.again(ticket)  # there is a place: at once
    assert ticket.is_granted
    assert ticket.runner
    ticket.leave()
    with pytest.raises(Unavailable):
        await turns.again(ticket)


async def test_while_redis_is_away_who_waits_is_at_no_position_and_who_comes_is_told() -> None:
    from fourhands.execution.cluster.server_end import ServerEnd
    from fourhands.execution.queue import QueueLimits
    from tests.redis_server import free_port

    end = ServerEnd(f"redis://127.0.0.1:{free_port()}/0", "p", QueueLimits(), lease_seconds=60)
    with pytest.raises(Unavailable, match="cannot be reached"):
        await end.turns.enter(ask("x"))
    waits = SharedTicket(end.turns, ask("y"))
    waits.hear(3, 2, "")
    end.turns._mine[waits.id] = waits
    end.turns.away()
    assert (waits.position, end.turns.waiting_lengths()["batch"]) == (0, 0)
    name = end.turns.server
    end.turns.rename()
    assert end.turns.server != name
    waits.hear(1, 5, "")  # Redis has forgotten, and counts anew
    assert waits.position == 5
    await end.close()
