"""What the desk's tables say of rooms and of people."""

from dataclasses import replace

from fourhands.desk.figures import Figures
from fourhands.desk.programs import Programs
from fourhands.desk.rows import CONNECTION_BYTES, MEASURED_SECONDS, ROOM_BYTES, PersonRow, RoomRow, Rows
from fourhands.execution.executor import switched_off
from fourhands.protocol import events
from fourhands.room.edits import edit
from tests.house import House
from tests.room.pages import Page, room_of


def rows_of(house: House) -> Rows:
    return Rows(house.registry, Figures(house.registry, Programs(switched_off(), house.clock), house.clock), house.clock)


async def rooms(rows: Rows) -> dict[str, RoomRow]:
    return {row_id: row async for row_id, row in rows.rooms()}


async def people(rows: Rows) -> list[PersonRow]:
    return [row async for _, row in rows.people()]


async def test_a_room_and_how_large_it_is(house: House) -> None:
    rows, room_id = rows_of(house), await room_of(house)
    room, ada, _ = await house.enter(room_id, "Ada")
    await house.enter(room_id, "Ada")
    row = (await rooms(rows))[room_id]
    assert (row.people, row.connections, row.document_bytes, row.ending_at) == (1, 2, 0, None)
    assert row.memory_bytes == ROOM_BYTES + 2 * CONNECTION_BYTES
    house.clock.pass_seconds(1)
    edit(room, ada, Page(1, room.document.state()).type("ü" * 50), whole=False)
    assert (await rooms(rows))[room_id].document_bytes == 0, "it is not measured at each look"
    house.clock.pass_seconds(MEASURED_SECONDS)
    house.registry.endings[room_id] = events.RoomEnding(5, 30, True)
    later = (await rooms(rows))[room_id]
    assert (later.document_bytes, later.edits, later.ending_at) == (100, row.edits + 1, 5)
    assert later.used_at == row.used_at + 1000


async def test_a_connection_that_is_as_it_was_is_not_written_anew(house: House) -> None:
    rows, room_id = rows_of(house), await room_of(house)
    room, peer, _ = await house.enter(room_id, "Ada")
    (before,) = await people(rows)
    (again,) = await people(rows)
    assert again is before
    peer.stand(replace(peer.member, name="Ada Lovelace"), room.room)
    (after,) = await people(rows)
    assert (after.name, after.id) == ("Ada Lovelace", before.id)
    room.leave(peer)
    assert await people(rows) == []


async def test_a_closed_room_is_shown_no_more(house: House) -> None:
    from fourhands.protocol.close import CloseCode

    rows, room_id = rows_of(house), await room_of(house)
    room, _, _ = await house.enter(room_id, "Ada")
    room.close(CloseCode.RESTART, "Later.")
    assert await rooms(rows) == {}


async def test_each_connection_is_a_row(house: House) -> None:
    rows, room_id = rows_of(house), await room_of(house)
    _, first, _ = await house.enter(room_id, "Ada")
    _, second, _ = await house.enter(room_id, "Ada", events=False)
    first.address, first.since_ms, second.account_id = "192.0.2.7", 5, "a1"
    one, two = await people(rows)
    assert (one.id, one.name, one.room, one.role, one.address, one.since, one.account, one.page) == (
        str(first.number), "Ada", room_id, "editor", "192.0.2.7", 5, None, True,
    )  # fmt: skip
    assert (two.member, two.account, two.page, two.rate) == (one.member, "a1", False, 0)
