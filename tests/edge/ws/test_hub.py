"""What connections share: tasks whose failures are seen, and one wheel of heartbeats."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from structlog.testing import capture_logs

from fourhands.actions.place import Place
from fourhands.edge.ws import hub as hub_module
from fourhands.edge.ws.hub import LARGE_AT_ONCE, LARGE_BYTES, Hub
from fourhands.errors import LimitExceeded
from fourhands.model.ban import BanKind
from fourhands.model.limits import Limits
from fourhands.protocol.awareness import Entry, encode
from fourhands.protocol.steps import Steps
from fourhands.room.cursors import move
from fourhands.room.live import LiveRoom
from fourhands.room.pace import Pace, connection_rates
from fourhands.room.programs import Starter
from tests.actions.conftest import house
from tests.house import House
from tests.room.programs import Script, a_run

__all__ = ["house", "place"]


@pytest.fixture
def place(house: House) -> Place:
    return house.place


class Beaten:
    def __init__(self) -> None:
        self.beats = 0
        self.ended = False

    def beat(self) -> None:
        self.beats += 1

    def end_if(self, is_for: Callable[[str, str | None], bool]) -> None:
        self.ended = is_for("192.0.2.7", "ada")


async def test_a_connection_beats_once_a_heartbeat(place: Place) -> None:
    hub = Hub(place, root_path="", own_origin=None, allowed_origins=())
    stays, leaves = Beaten(), Beaten()
    hub.add(stays)
    hub.add(leaves)
    hub.remove(leaves)
    for _ in range(3 * round(place.limits.heartbeat_seconds)):
        hub.beat()
    assert (stays.beats, leaves.beats) == (3, 0)


async def test_a_failure_that_nobody_expected_is_logged(place: Place) -> None:
    hub = Hub(place, root_path="", own_origin=None, allowed_origins=())

    async def fail() -> None:
        raise RuntimeError("unexpected")

    with capture_logs() as logs:
        task = hub.start(fail())
        with pytest.raises(RuntimeError):
            await task
        await asyncio.sleep(0)
    assert [entry["event"] for entry in logs] == ["connection.task_failed"]


async def test_others_go_on_between_the_steps_of_a_large_update(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(place, monkeypatch)
    tasks = [work.start("a"), work.start("b")]
    turns = 0
    while not all(task.done() for task in tasks):
        turns += 1
        await asyncio.sleep(0)
    assert turns >= 20, "one step of one of them in each turn of the loop"
    assert work.done[:6] in (["a", "b"] * 3, ["b", "a"] * 3), "in turn"


async def test_of_a_room_one_large_update_comes_after_the_other(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(place, monkeypatch)
    room = object()
    await asyncio.gather(work.start("a", room), work.start("b", room))
    assert work.done == ["a"] * 10 + ["b"] * 10


async def test_what_is_given_up_ends_and_lets_the_next_one_go_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(place, monkeypatch)
    room = object()
    await asyncio.gather(work.start("a", room, most=3), work.start("b", room))
    assert work.done == ["a"] * 3 + ["b"] * 10
    cut = [work.start("c", room), work.start("d", room)]
    await work.until("c", 3)
    cut[0].cancel()
    await asyncio.gather(*cut, return_exceptions=True)
    assert (work.done.count("c"), work.done.count("d")) == (3, 10)


async def test_so_many_are_worked_on_and_others_wait(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(place, monkeypatch)
    names = [str(number) for number in range(LARGE_AT_ONCE + 2)]
    await asyncio.gather(*(work.start(name, size=LARGE_BYTES + 1) for name in names))
    assert set(work.done[: 10 * LARGE_AT_ONCE]) == set(names[:LARGE_AT_ONCE])
    assert len(work.done) == 10 * len(names)


async def test_an_update_that_takes_very_long_is_refused_midway(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(place, monkeypatch)
    work.pace.worked(11.9)
    task = work.start("a")
    await work.until("a", 3)
    work.pace.worked(0.2)
    with pytest.raises(LimitExceeded, match="more time"):
        await task
    assert work.done == ["a"] * 3


class Work:
    """Updates of ten steps each, and whose steps were done."""

    def __init__(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hub_module, "STEP_SECONDS", 1e-9)
        self.hub = Hub(place, root_path="", own_origin=None, allowed_origins=())
        self.pace = Pace(connection_rates(Limits(), place.clock))
        self.done: list[str] = []
        self._stepped = asyncio.Event()

    def start(self, name: str, room: object = None, *, most: int = 100, size: int = 1) -> "asyncio.Task[None]":
        def steps() -> Steps[None]:
            for _ in range(10):
                self.done.append(name)
                self._stepped.set()
                yield

        room = cast("LiveRoom", object() if room is None else room)
        return asyncio.ensure_future(self.hub.work(room, size, steps, self.pace, lambda: self.done.count(name) >= most))

    async def until(self, name: str, most: int) -> None:
        while self.done.count(name) < most:
            self._stepped.clear()
            await self._stepped.wait()


async def test_what_was_put_off_is_told_once_in_a_moment(house: House, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PUT_OFF_SECONDS", 0.001)
    hub = Hub(place, root_path="", own_origin=None, allowed_origins=())
    room, ada, _ = await house.enter((await house.open(name="Host")).room.id, "Ada")
    _, _, screen = await house.enter(room.room.id, "Lin")
    come = asyncio.Event()
    monkeypatch.setattr(screen, "put", lambda frame, put=screen.put: (put(frame), come.set()))
    for clock in (1, 2):
        come.clear()
        move(room, ada, encode([Entry(7, clock, b"{}")]), at_once=False)
        hub.put_off(room)
        hub.put_off(room)
        await asyncio.wait_for(come.wait(), 20)
    assert [entry.clock for entry in screen.presence()] == [1, 2]


async def test_a_ban_reaches_everybody_who_is_connected(place: Place) -> None:
    hub, here = Hub(place, root_path="", own_origin=None, allowed_origins=()), Beaten()
    hub.add(here)
    await place.bans.add("account", "lin")
    assert not here.ended
    await place.bans.add("account", "ada")
    assert here.ended


@pytest.mark.parametrize(("kind", "subject"), [("address", "192.0.2.0/24"), ("account", "an-account"), ("member", "{room}/ada")])
async def test_who_is_banned_has_no_program_go_on_though_they_left(house: House, kind: BanKind, subject: str) -> None:
    place = house.place
    hub = Hub(place, root_path="", own_origin=None, allowed_origins=())
    room, ada, _ = await house.enter((await house.open()).room.id)
    of_ada, of_lin = Script(), Script()
    by = Starter(replace(ada.member, account_id="an-account"), "192.0.2.7")
    room.runs.start_program(a_run(), of_ada, by=by, input_bytes=10)
    room.runs.start_program(a_run(run="s0000000002"), of_lin, by=Starter(replace(ada.member, id="lin"), "198.51.100.7"), input_bytes=10)
    room.leave(ada)
    await place.bans.add(kind, subject.format(room=room.room.id))
    assert (of_ada.stopped.is_set(), of_lin.stopped.is_set()) == (True, False)
    for script in (of_ada, of_lin):
        await script.end()
    hub.beat()
