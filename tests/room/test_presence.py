"""Presence that cannot be forged, seen by peers that keep the rules of y-protocols' `awareness.js`."""

import dataclasses
import json

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, precondition, rule

from fourhands.errors import InvalidRequest
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.protocol.awareness import GONE, Entry, encode
from fourhands.room import presence as presence_module
from fourhands.room.peer import Peer
from fourhands.room.presence import Presence
from tests.room.screen import connect, somebody

ADA, LIN = somebody("Ada", Role.HOST), somebody("Lin")


def state(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def peer_of(member=ADA) -> Peer:
    return connect(member)[0]


def say(presence: Presence, peer: Peer, client: int, clock: int, what: bytes) -> list[tuple[int, int, object]]:
    """What is relayed of it, with the state as JSON."""
    return [(entry.client, entry.clock, json.loads(entry.state)) for entry in presence.take(peer, encode([Entry(client, clock, what)])).entries]


def user(member=ADA) -> dict[str, str]:
    return {"id": member.id, "name": member.name, "color": member.color, "colorLight": member.color + "33", "role": member.role.value}


def test_who_somebody_is_says_the_server() -> None:
    relayed = say(Presence(Limits()), peer_of(), 7, 1, state(cursor=3, user={"name": "Lin", "id": "lin"}))
    assert relayed == [(7, 1, {"cursor": 3, "user": user()})]


def test_what_others_own_is_dropped_without_a_word() -> None:
    presence, ada, lin = Presence(Limits()), peer_of(ADA), peer_of(LIN)
    say(presence, ada, 7, 1, state(cursor=1))
    say(presence, lin, 8, 1, state(cursor=2))
    assert say(presence, lin, 7, 99, state(cursor=666)) == []
    assert say(presence, lin, 7, 99, GONE) == []
    assert [entry.client for entry in presence.everyone()] == [7, 8]
    assert say(presence, ada, 7, 2, state(cursor=3)) == [(7, 2, {"cursor": 3, "user": user()})]


def test_nobody_begins_as_somebody_else() -> None:
    """A first word may claim an id that returns, but not one that another person holds."""
    presence, ada, lin = Presence(Limits()), peer_of(ADA), peer_of(LIN)
    say(presence, ada, 7, 1, state(cursor=1))
    assert presence.take(lin, encode([Entry(7, 9, state(cursor=666))])) == ([], [], [])
    assert (set(ada.clients), lin.clients) == ({7}, {})


def test_two_tabs_of_one_person_that_echo_each_other_stay_two() -> None:
    presence, one, two = Presence(Limits()), peer_of(), peer_of()
    say(presence, one, 7, 1, state(cursor=1))
    say(presence, two, 8, 1, state(cursor=2))
    everyone = encode(presence.everyone())
    for peer in (one, two, one):
        announced = presence.take(peer, everyone)
        assert (announced.entries, announced.replaced) == ([], [])
    assert (set(one.clients), set(two.clients)) == ({7}, {8})


def test_a_newer_connection_of_the_same_person_takes_its_id_over() -> None:
    presence, older, newer = Presence(Limits()), peer_of(), peer_of()
    say(presence, older, 7, 5, state(cursor=1))
    announced = presence.take(newer, encode([Entry(7, 5, state(cursor=1))]))
    assert (announced.replaced, [entry.clock for entry in announced.entries]) == ([older], [6])
    assert presence.leave(older) == []
    assert say(presence, newer, 7, 6, state(cursor=9)) == [(7, 7, {"cursor": 9, "user": user()})]


def test_an_older_connection_takes_nothing_back() -> None:
    presence, older, newer = Presence(Limits()), peer_of(), peer_of()
    say(presence, newer, 7, 1, state())
    assert presence.take(older, encode([Entry(7, 9, state())])) == ([], [], [])


def test_somebody_who_returns_is_seen_although_its_clock_begins_anew() -> None:
    presence, before, after = Presence(Limits()), peer_of(), peer_of()
    say(presence, before, 7, 30, state())
    assert [(entry.clock, entry.state) for entry in presence.leave(before)] == [(31, GONE)]
    assert say(presence, after, 7, 1, state(cursor=1)) == [(7, 32, {"cursor": 1, "user": user()})]
    assert say(presence, after, 7, 2, state(cursor=2)) == [(7, 33, {"cursor": 2, "user": user()})]


def test_old_news_are_not_relayed() -> None:
    presence, ada = Presence(Limits()), peer_of()
    say(presence, ada, 7, 5, state(cursor=1))
    assert say(presence, ada, 7, 5, state(cursor=2)) == []
    assert say(presence, ada, 7, 4, GONE) == []
    assert say(presence, ada, 7, 5, GONE) == [(7, 5, None)]
    assert presence.everyone() == []


def test_who_says_that_it_is_gone_may_come_again() -> None:
    presence, ada = Presence(Limits()), peer_of()
    say(presence, ada, 7, 5, state())
    say(presence, ada, 7, 6, GONE)
    assert ada.clients == {}
    assert say(presence, ada, 7, 7, state()) == [(7, 7, {"user": user()})]


def test_a_new_name_is_seen_at_once_and_stays() -> None:
    presence, ada = Presence(Limits()), peer_of()
    say(presence, ada, 7, 5, state(cursor=1))
    ada.member = dataclasses.replace(ADA, name="Ada L.")
    assert [(entry.clock, json.loads(entry.state)["user"]["name"]) for entry in presence.rename(ada)] == [(6, "Ada L.")]
    assert say(presence, ada, 7, 6, state(cursor=2)) == [(7, 7, {"cursor": 2, "user": user(ada.member)})]


def test_a_connection_owns_a_few_ids_alone() -> None:
    presence, ada = Presence(Limits(clients_per_connection=2)), peer_of()
    relayed = presence.take(ada, encode([Entry(n, 1, state()) for n in (1, 2, 3)])).entries
    assert [entry.client for entry in relayed] == [1, 2]


NO_STATES = [b"", b"1", b"[]", b'"x"', b"{", b'{"a":"\xff"}', b'{"\xff":1}', b"{" * 5000, b'{"a":' + b"[" * 8000]


@pytest.mark.parametrize("what", NO_STATES, ids=range(len(NO_STATES)))
def test_a_state_that_peers_could_not_read_is_refused(what: bytes) -> None:
    with pytest.raises(InvalidRequest):
        Presence(Limits()).take(peer_of(), encode([Entry(7, 1, what)]))


def test_a_state_may_have_so_many_bytes() -> None:
    presence, ada = Presence(Limits(awareness_bytes=100)), peer_of()
    say(presence, ada, 7, 1, state(x="y" * 91))
    with pytest.raises(InvalidRequest, match="100 bytes"):
        say(presence, ada, 7, 2, state(x="y" * 92))


def test_clocks_of_the_departed_are_kept_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence_module, "KEPT_CLOCKS", 3)
    presence = Presence(Limits())
    for client in range(1, 6):
        ada = peer_of()
        say(presence, ada, client, 1, state())
        presence.leave(ada)
    again = peer_of()
    assert say(presence, again, 5, 1, state())[0][1] == 3, "the newest is remembered"
    assert say(presence, peer_of(), 1, 1, state())[0][1] == 1, "the oldest is forgotten"


class Observer:
    """A peer's awareness, by the rules of `applyAwarenessUpdate` in y-protocols."""

    def __init__(self) -> None:
        self.clocks: dict[int, int] = {}
        self.states: dict[int, bytes] = {}

    def hear(self, entry: Entry) -> bool:
        """Whether the entry counted."""
        known = self.clocks.get(entry.client, 0)
        if not (known < entry.clock or (known == entry.clock and entry.state == GONE and entry.client in self.states)):
            return False
        self.clocks[entry.client] = entry.clock
        if entry.state == GONE:
            self.states.pop(entry.client, None)
        else:
            self.states[entry.client] = entry.state
        return True


@dataclasses.dataclass(eq=False)
class Tab:
    """A page: its client id and clock outlive its connections."""

    member: int
    client: int
    clock: int = 0
    connection: "Connection | None" = None


@dataclasses.dataclass(eq=False)
class Connection:
    tab: Tab
    peer: Peer
    sees: Observer
    said: bool = False


class PresenceOfManyTabs(RuleBasedStateMachine):
    """Tabs of three people come, move, echo, lie, are renamed and go; whatever they do, all see the same truth."""

    tabs = Bundle("tabs")
    connections = Bundle("connections")

    def __init__(self) -> None:
        super().__init__()
        self.presence = Presence(Limits())
        self.members = [somebody(name) for name in ("Ada", "Lin", "Eve")]
        self.live: list[Connection] = []
        self.next_client = 1

    @initialize(target=connections)
    def everyone_comes(self):
        return multiple(*(self.connect(self.open_tab(member)) for member in (0, 1, 2, 0)))

    @rule(target=tabs, member=st.integers(0, 2))
    def open_tab(self, member: int) -> Tab:
        self.next_client += 1
        return Tab(member, self.next_client)

    @rule(target=connections, tab=tabs)
    def connect(self, tab: Tab) -> Connection:
        """Also while the older connection still hangs."""
        peer, _ = connect(self.members[tab.member])
        connection = Connection(tab, peer, Observer())
        for entry in self.presence.everyone():
            connection.sees.hear(entry)
        self.live.append(connection)
        tab.connection = connection
        return connection

    @rule(connection=connections, steps=st.integers(0, 2), cursor=st.integers(0, 9))
    def move(self, connection: Connection, steps: int, cursor: int) -> None:
        tab = connection.tab
        if connection in self.live and tab.connection is connection:
            tab.clock += steps or (tab.clock == 0)
            self.send(connection, [Entry(tab.client, tab.clock, state(cursor=cursor, tab=tab.client))])
            connection.said = True

    @rule(connection=connections)
    def echo(self, connection: Connection) -> None:
        """As y-websocket does with all that it hears."""
        if connection in self.live and connection.said:
            self.send(connection, [Entry(client, connection.sees.clocks[client], known) for client, known in connection.sees.states.items()])

    @rule(connection=connections, clock=st.integers(0, 50), gone=st.booleans(), data=st.data())
    def forge(self, connection: Connection, clock: int, gone: bool, data: st.DataObject) -> None:
        owned = sorted(client for other in self.live if other.tab.member != connection.tab.member for client in other.peer.clients)
        if connection in self.live and owned:
            client = data.draw(st.sampled_from(owned))
            assert self.send(connection, [Entry(client, clock, GONE if gone else state(tab=-1))]) == []

    @rule(connection=connections)
    def say_gone(self, connection: Connection) -> None:
        if connection in self.live and connection.tab.connection is connection and connection.said:
            connection.tab.clock += 1
            self.send(connection, [Entry(connection.tab.client, connection.tab.clock, GONE)])

    @rule(member=st.integers(0, 2), number=st.integers(0, 9))
    def rename(self, member: int, number: int) -> None:
        self.members[member] = dataclasses.replace(self.members[member], name=f"Name {number}")
        for connection in self.live:
            if connection.tab.member == member:
                connection.peer.member = self.members[member]
                self.spread(self.presence.rename(connection.peer), None)

    @rule(connection=consumes(connections))
    def leave(self, connection: Connection) -> None:
        self.gone(connection)

    def gone(self, connection: Connection) -> None:
        if connection in self.live:
            self.live.remove(connection)
            self.spread(self.presence.leave(connection.peer), connection)

    def send(self, connection: Connection, entries: list[Entry]) -> list[Entry]:
        announced = self.presence.take(connection.peer, encode(entries))
        for older in announced.replaced:
            assert older.member.id == connection.peer.member.id, "only one's own connection is taken over"
            assert older.number < connection.peer.number
            if not older.clients:
                self.gone(next(one for one in self.live if one.peer is older))
        for entry in announced.entries:
            if entry.state != GONE:
                told = json.loads(entry.state)
                assert told["tab"] == entry.client, "nobody speaks for another's tab"
                assert told["user"]["id"] == connection.peer.member.id
        self.spread(announced.entries, connection)
        return list(announced.entries)

    def spread(self, entries, sender: Connection | None) -> None:
        for connection in self.live:
            for entry in entries:
                if connection is not sender and entry.client != connection.tab.client:  # of itself it knows more
                    assert connection.sees.hear(entry), "what is relayed counts for everyone who hears it"

    @invariant()
    def all_see_the_same(self) -> None:
        truth = {entry.client: entry.state for entry in self.presence.everyone()}
        for connection in self.live:
            own = connection.tab.client
            assert {**connection.sees.states, own: b""} == {**truth, own: b""}

    @precondition(lambda self: self.live)
    @invariant()
    def names_are_those_of_now(self) -> None:
        names = {member.id: member.name for member in self.members}
        for entry in self.presence.everyone():
            told = json.loads(entry.state)["user"]
            assert told["name"] == names[told["id"]]


TestPresenceOfManyTabs = PresenceOfManyTabs.TestCase
TestPresenceOfManyTabs.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
