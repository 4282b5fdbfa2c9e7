"""Moves that are told at once, and those that were put off."""

from fourhands.protocol.awareness import GONE, Entry, encode
from fourhands.room.cursors import move, tell_put_off
from tests.house import House
from tests.room.pages import room_of


async def test_moves_that_were_put_off_are_told_together_and_newest_alone(house: House) -> None:
    room_id = await room_of(house)
    room, ada, own = await house.enter(room_id, "Ada")
    _, lin, lins = await house.enter(room_id, "Lin")
    _, _, eves = await house.enter(room_id, "Eve")
    for clock in (1, 2, 3):
        move(room, ada, encode([Entry(7, clock, b'{"at":%d}' % clock)]), at_once=clock == 1)
    move(room, lin, encode([Entry(8, 1, b"{}")]), at_once=False)
    assert [(entry.client, entry.clock) for entry in eves.presence()] == [(7, 1)]
    for screen in (own, lins, eves):
        screen.take()
    tell_put_off(room)
    assert [(entry.client, entry.clock) for entry in eves.presence()] == [(7, 3), (8, 1)]
    assert len(eves.messages) == 1
    assert [(entry.client, entry.clock) for entry in own.presence()] == [(8, 1)], "nobody hears of themselves"
    assert [(entry.client, entry.clock) for entry in lins.presence()] == [(7, 3)]
    tell_put_off(room)
    assert len(eves.messages) == 1


async def test_who_goes_is_gone_at_once(house: House) -> None:
    room_id = await room_of(house)
    room, ada, _ = await house.enter(room_id, "Ada")
    _, lin, lins = await house.enter(room_id, "Lin")
    move(room, ada, encode([Entry(7, 1, b"{}")]))
    move(room, ada, encode([Entry(7, 2, b"{}")]), at_once=False)
    move(room, ada, encode([Entry(7, 3, GONE)]), at_once=False)
    assert [(entry.clock, entry.state == GONE) for entry in lins.presence()] == [(1, False), (3, True)]
    move(room, lin, encode([Entry(8, 1, b"{}")]), at_once=False)
    room.leave(lin)
    lins.take()
    tell_put_off(room)
    assert lins.messages == []
