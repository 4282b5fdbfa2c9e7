"""The queue: whatever comes and goes, the limits hold, nobody waits who could run, and rooms get their turns in turn."""

import asyncio
from collections import Counter

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from fourhands.errors import InvalidRequest, LimitExceeded
from fourhands.execution.queue import Ask, Lane, QueueLimits
from fourhands.execution.turns import Ticket, Turns

LIMITS = QueueLimits(batch=3, interactive=2, waiting=8, running=1, queued=3, memory_bytes=100)
LANES: tuple[Lane, ...] = ("batch", "interactive")


def ask(room: str = "a", person: str | None = None, memory: int = 1, lane: Lane = "batch", *, limited: bool = True) -> Ask:
    return Ask(room=room, person=person or f"{room}'s", memory_bytes=memory, lane=lane, limited=limited)


class Queue(RuleBasedStateMachine):
    places = Bundle("places")

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns(LIMITS)
        self.all: list[Ticket] = []

    @rule(
        target=places,
        room=st.sampled_from("abcde"),
        person=st.sampled_from("vwxyz"),
        memory=st.integers(1, 60),
        lane=st.sampled_from(LANES),
        limited=st.booleans(),
    )
    def enter(self, room: str, person: str, memory: int, lane: Lane, limited: bool) -> Ticket | None:
        wanted = ask(room if limited else f"machine {room}", person if limited else f"machine {room}", memory, lane, limited=limited)
        before = [len(self.turns.waiting(name)) for name in LANES]
        try:
            place = self.turns.put(wanted)
        except InvalidRequest:
            assert memory > LIMITS.most_bytes(lane)
            return None
        except LimitExceeded:
            waiting = self.turns.waiting(lane)
            of_room = sum(other.ask.room == wanted.room for other in waiting)
            of_person = sum(other.ask.person == wanted.person for other in waiting)
            assert sum(before) >= LIMITS.waiting or (limited and max(of_room, of_person) >= LIMITS.queued)
            assert [len(self.turns.waiting(name)) for name in LANES] == before
            return None
        self.all.append(place)
        return place

    @rule(place=consumes(places))
    def leave(self, place: Ticket | None) -> None:
        if place is not None:
            self.all.remove(place)
            place.leave()
            place.leave()

    @invariant()
    def everybody_runs_or_waits_once(self) -> None:
        known = [place for lane in LANES for place in (*self.turns.running(lane), *self.turns.waiting(lane))]
        assert Counter(map(id, known)) == Counter(map(id, self.all))
        for lane in LANES:
            assert all(place.is_granted for place in self.turns.running(lane))
            assert [place.position for place in self.turns.waiting(lane)] == list(range(1, len(self.turns.waiting(lane)) + 1))

    @invariant()
    def the_limits_hold(self) -> None:
        memory = {lane: sum(place.ask.memory_bytes for place in self.turns.running(lane)) for lane in LANES}
        assert sum(memory.values()) <= 100
        assert memory["interactive"] <= 50
        assert len(self.turns.running("batch")) <= 3
        assert len(self.turns.running("interactive")) <= 2
        assert sum(len(self.turns.waiting(lane)) for lane in LANES) <= 8
        for lane in LANES:
            limited = [place for place in self.turns.running(lane) if place.ask.limited]
            assert max(Counter(place.ask.room for place in limited).values(), default=0) <= 1
            assert max(Counter(place.ask.person for place in limited).values(), default=0) <= 1

    @invariant()
    def nobody_waits_who_could_run(self) -> None:
        free = 100 - sum(place.ask.memory_bytes for lane in LANES for place in self.turns.running(lane))
        for lane, slots in zip(LANES, (3, 2), strict=True):
            running = self.turns.running(lane)
            if len(running) == slots:
                continue
            rooms = {place.ask.room for place in running}
            people = {place.ask.person for place in running}
            could = [place for place in self.turns.waiting(lane) if not place.ask.limited or not (place.ask.room in rooms or place.ask.person in people)]
            room_for = free if lane == "batch" else min(free, 50 - sum(place.ask.memory_bytes for place in running))
            assert not could or any(place.ask.memory_bytes > room_for for place in could)


TestQueue = Queue.TestCase
TestQueue.settings = hypothesis_settings(max_examples=60, stateful_step_count=40)


def test_a_room_with_many_programs_does_not_hold_up_the_others() -> None:
    turns = Turns(QueueLimits(batch=1))
    many = [turns.put(ask("machine", limited=False)) for _ in range(20)]
    other = turns.put(ask("b"))
    assert other.position == 2  # behind the one of the machine that is next
    many[0].leave()
    many[1].leave()
    assert other.is_granted


def test_new_rooms_do_not_pass_one_that_waits_for_ever() -> None:
    turns = Turns(QueueLimits(batch=1, waiting=1000))
    first, second = [turns.put(ask("machine", limited=False)) for _ in range(2)]
    fresh = [turns.put(ask(f"room {number}")) for number in range(5)]
    first.leave()
    assert second.is_granted  # came before them
    third = turns.put(ask("machine", limited=False))
    for number, place in enumerate(fresh):
        assert not third.is_granted
        turns.put(ask(f"later {number}"))
        (second if number == 0 else fresh[number - 1]).leave()
        assert place.is_granted
    fresh[-1].leave()
    assert third.is_granted


def test_a_large_program_is_not_passed_by_small_ones() -> None:
    turns = Turns(QueueLimits(batch=4, memory_bytes=100))
    small = turns.put(ask("a", memory=40))
    large = turns.put(ask("b", memory=90))
    late = turns.put(ask("c", memory=10))
    assert (large.is_granted, late.is_granted) == (False, False)
    small.leave()
    assert (large.is_granted, late.is_granted) == (True, True)


def test_terminals_leave_half_of_the_memory_to_programs_that_end_soon() -> None:
    turns = Turns(QueueLimits(batch=2, interactive=16, memory_bytes=100))
    terminals = [turns.put(ask(f"room {number}", memory=25, lane="interactive")) for number in range(3)]
    assert [place.is_granted for place in terminals] == [True, True, False]
    assert turns.put(ask("x", memory=50)).is_granted


@pytest.mark.parametrize(("limits", "asks", "why"), [
    (QueueLimits(batch=1, waiting=2), [ask("a"), ask("b"), ask("c")], "2 programs wait already"),
    (QueueLimits(batch=1, queued=2), [ask("a", "x"), ask("a", "y"), ask("a", "z")], "of this room wait"),
    (QueueLimits(batch=1, queued=2), [ask("a", "x"), ask("b", "x"), ask("c", "x")], "of yours wait"),
])  # fmt: skip
def test_who_finds_no_place_is_told_why_and_when_to_come_back(limits: QueueLimits, asks: list[Ask], why: str) -> None:
    turns = Turns(limits)
    for one in asks:
        turns.put(one)
    with pytest.raises(LimitExceeded, match=why) as refused:
        turns.put(ask("a", "x"))
    assert refused.value.retry_after_seconds > 0


def test_what_could_never_run_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="101 bytes of memory"):
        Turns(LIMITS).put(ask(memory=101))


async def test_positions_are_told_as_they_change_until_the_turn_comes() -> None:
    turns = Turns(QueueLimits(batch=1))
    first, second, third = [turns.put(ask(room)) for room in "abc"]
    told: list[int] = []

    async def listen() -> None:
        told.extend([position async for position in third.positions()])

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    first.leave()
    for _ in range(3):
        await asyncio.sleep(0)
    second.leave()
    await asyncio.wait_for(listening, 20)
    assert told == [2, 1]
    assert third.is_granted


async def test_whoever_leaves_while_waiting_is_told_no_more() -> None:
    turns = Turns(QueueLimits(batch=1))
    turns.put(ask("a"))
    waiting = await turns.enter(ask("b"))
    positions = waiting.positions()
    assert await anext(positions) == 1
    waiting.leave()
    assert [position async for position in positions] == []
    assert not waiting.is_granted
