"""Whatever one connection says about presence, by any sequence of messages, no other person's cursor changes for it."""

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fourhands.errors import InvalidRequest
from fourhands.model.limits import Limits
from fourhands.protocol.awareness import GONE, Entry, decode, encode
from fourhands.room.peer import Peer
from fourhands.room.presence import MOST_CLOCK, Presence
from tests.room.screen import connect, somebody

EVE, ADA, LIN = somebody("Eve"), somebody("Ada"), somebody("Lin")
VICTIMS = (11, 12)
SAFE = 2**53 - 1
"""Greater integers are none for JavaScript, and no varUint for us."""

clients = st.sampled_from([*VICTIMS, 1, 2, 3, SAFE])
clocks = st.integers(0, 6) | st.sampled_from([2**31, 2**47, 2**53 - 2, SAFE])
states = st.one_of(
    st.just(GONE),
    st.builds(lambda cursor, user: json.dumps({"cursor": cursor, "user": user}).encode(), st.integers(0, 3), st.sampled_from(["Ada", {"id": "ada"}, None])),
)
messages = st.lists(st.builds(Entry, clients, clocks, states), min_size=1, max_size=4)


def user_of(entry: Entry) -> str:
    return json.loads(entry.state)["user"]["id"]


class AttackOnPresence(RuleBasedStateMachine):
    """Eve says anything, by several connections; Ada and Lin have a cursor each, and move it now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.presence = Presence(Limits())
        self.victims: dict[int, Peer] = {}
        self.eves: list[Peer] = []
        self.clocks: dict[int, int] = {}

    @initialize()
    def everyone_comes(self) -> None:
        for member, client in zip((ADA, LIN), VICTIMS, strict=True):
            self.victims[client] = connect(member)[0]
            self.heard(self.victims[client], self.say(self.victims[client], [Entry(client, 1, b'{"cursor":0}')]))
        self.connect()

    @rule()
    def connect(self) -> None:
        if len(self.eves) < 3:
            self.eves.append(connect(EVE)[0])

    @rule(which=st.integers(0, 2), message=messages)
    def lie(self, which: int, message: list[Entry]) -> None:
        eve = self.eves[which % len(self.eves)]
        before = self.of_victims()
        try:
            relayed = self.say(eve, message)
        except InvalidRequest:  # costs Eve that connection
            relayed = []
            self.leave(which)
        self.heard(eve, relayed)
        assert self.of_victims() == before

    @rule(which=st.integers(0, 2))
    def echo(self, which: int) -> None:
        self.lie(which, list(self.presence.everyone()))

    @rule(which=st.integers(0, 2))
    def leave(self, which: int) -> None:
        eve = self.eves.pop(which % len(self.eves))
        before = self.of_victims()
        self.heard(eve, self.presence.leave(eve))
        assert self.of_victims() == before
        if not self.eves:
            self.connect()

    @rule(client=st.sampled_from(VICTIMS), cursor=st.integers(0, 9))
    def move(self, client: int, cursor: int) -> None:
        peer, clock = self.victims[client], self.of_victims()[client].clock + 1
        relayed = self.say(peer, [Entry(client, clock, b'{"cursor":%d}' % cursor)])
        assert [(entry.client, json.loads(entry.state)["cursor"]) for entry in relayed] == [(client, cursor)]
        self.heard(peer, relayed)

    def say(self, peer: Peer, message: list[Entry]) -> list[Entry]:
        """As the room takes it: by the fast way if it is open."""
        if moved := self.presence.move(peer, encode(message)):
            return list(decode(moved, 1))
        return list(self.presence.take(peer, encode(message)).entries)

    def of_victims(self) -> dict[int, Entry]:
        return {entry.client: entry for entry in self.presence.everyone() if entry.client in VICTIMS}

    def heard(self, sender: Peer, relayed: Iterable[Entry]) -> None:
        for entry in relayed:
            assert entry.clock > self.clocks.get(entry.client, -1) or (entry.state == GONE and entry.clock == self.clocks[entry.client])
            assert entry.clock <= SAFE
            assert entry.state == GONE or user_of(entry) == sender.member.id
            assert entry.client not in VICTIMS or sender is self.victims[entry.client]
            self.clocks[entry.client] = entry.clock

    @invariant()
    def everyone_is_who_they_are(self) -> None:
        whose = {client: peer.member.id for client, peer in self.victims.items()}
        for entry in self.presence.everyone():
            assert user_of(entry) == whose.get(entry.client, EVE.id)
        assert len(decode(encode(self.presence.everyone()), 100)) >= len(self.victims)


TestAttackOnPresence = AttackOnPresence.TestCase
TestAttackOnPresence.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


def state_of(presence: Presence, client: int) -> tuple[int, str, object]:
    """Clock, whose, and which cursor."""
    found = next(entry for entry in presence.everyone() if entry.client == client)
    return found.clock, user_of(found), json.loads(found.state)["cursor"]


@pytest.mark.parametrize("late", [False, True])
def test_who_shows_nothing_and_echoes_all_takes_nobodys_cursor(late: bool) -> None:
    """y-websocket with a hidden state begins with an echo: with the same member's token it would send the page away."""
    presence, page, program = Presence(Limits()), connect(ADA)[0], connect(ADA)[0]
    presence.take(page, encode([Entry(7, 1, b'{"cursor":1}')]))
    echoes = [encode(presence.everyone())]
    presence.take(page, encode([Entry(7, 2, b'{"cursor":2}')]))
    echoes += [encode(presence.everyone())]
    for echo in echoes if late else reversed(echoes):
        announced = presence.take(program, echo)
        assert (list(announced.entries), list(announced.replaced)) == ([], [])
    presence.take(page, encode([Entry(7, 3, b'{"cursor":3}')]))
    assert state_of(presence, 7) == (3, "ada", 3)


def test_somebody_hides_and_shows_again() -> None:
    presence, ada, lin = Presence(Limits()), connect(ADA)[0], connect(LIN)[0]
    presence.take(lin, encode([Entry(8, 1, b'{"cursor":1}')]))
    presence.take(ada, encode([Entry(7, 1, b'{"cursor":1}')]))
    presence.take(ada, encode([Entry(7, 2, GONE)]))
    presence.take(ada, encode(presence.everyone()))
    presence.take(ada, encode([Entry(7, 3, b'{"cursor":3}')]))
    assert state_of(presence, 7)[1:] == ("ada", 3)
    assert state_of(presence, 8)[1:] == ("lin", 1)


@given(clock=st.integers(MOST_CLOCK + 1, SAFE))
def test_a_clock_that_no_client_reaches_is_not_taken(clock: int) -> None:
    """One more than the largest could be read by nobody, and everybody would be sent away for sending it on."""
    presence, eve = Presence(Limits()), connect(EVE)[0]
    assert list(presence.take(eve, encode([Entry(1, clock, b"{}")])).entries) == []
    presence.take(eve, encode([Entry(1, 5, b"{}")]))
    assert presence.move(eve, encode([Entry(1, clock, b"{}")])) is None
    assert list(presence.take(eve, encode([Entry(1, clock, b"{}")])).entries) == []


@given(lies=st.lists(clocks, max_size=3), clock=st.integers(0, 5))
def test_who_comes_back_is_above_all_that_was_heard(lies: list[int], clock: int) -> None:
    """Peers ignore a clock that they know, also after another one has used the id in between."""
    presence, highest = Presence(Limits()), -1
    for number, lie in enumerate([*lies, clock]):
        peer = connect(somebody(f"Person {number}"))[0]
        relayed = list(presence.take(peer, encode([Entry(1, lie, b"{}")])).entries)
        if lie > MOST_CLOCK:
            assert relayed == []
            continue
        assert [entry.clock > highest for entry in relayed] == [True]
        highest = next(iter(presence.leave(peer))).clock
        assert relayed[0].clock < highest <= SAFE
