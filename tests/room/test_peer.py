"""A connection as the room sees it."""

import dataclasses

from fourhands.model.role import Role
from fourhands.room.peer import Peer
from tests.room.screen import Screen, connect, somebody


def test_a_newer_connection_has_a_higher_number_and_owns_nothing_yet() -> None:
    older, _ = connect(somebody("Ada"))
    newer = Peer(somebody("Ada"), Screen(), events=False)
    assert newer.number > older.number
    assert (newer.clients, newer.received, newer.said, list(newer.owed), newer.events) == ({}, 0, 0, [], False)


def test_what_somebody_may_follows_their_role() -> None:
    peer, _ = connect(somebody("Ada", Role.VIEWER))
    assert not peer.may_edit
    peer.member = dataclasses.replace(peer.member, role=Role.EDITOR)
    assert peer.may_edit
