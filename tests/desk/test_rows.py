"""What the desk's tables say of rooms and of people."""

from dataclasses import replace

from fourhands.desk.figures import Figures
from fourhands.desk.programs import Programs
from fourhands.desk.rows import (
    CONNECTION_BYTES,
    MEASURED_BYTES,
    MEASURED_SECONDS,
    ROOM_BYTES,
    ROUNDED_BYTES,
    PersonRow,
    RoomRow,
    Rows,
    Size,
)
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
    size = len(room.document.state())
    assert (row.people, row.connections, row.document_bytes, row.ending_at) == (1, 2, size, None)
    memory = ROOM_BYTES + 2 * CONNECTION_BYTES + Size(0, 0, size, 0).memory_bytes
    assert row.memory_bytes == memory // ROUNDED_BYTES * ROUNDED_BYTES
    house.clock.pass_seconds(1)
    edit(room, ada, Page(1, room.document.state()).type("ü" * 50), whole=False)
    assert (await rooms(rows))[room_id].document_bytes == size, "it is not measured at each look"
    house.clock.pass_seconds(MEASURED_SECONDS + 1)
    house.registry.endings[room_id] = events.RoomEnding(5, 30, True)
    later = (await rooms(rows))[room_id]
    assert (later.document_bytes, later.edits, later.ending_at) == (len(room.document.state()), row.edits + 1, 5)
    assert later.document_bytes >= size + 100
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


def test_what_a_document_takes_in_memory_is_more_the_more_often_it_was_written_in() -> None:
    pasted, typed = Size(0, 0, 12_000, 10_000).memory_bytes, Size(0, 0, 140_000, 10_000).memory_bytes
    assert 50_000 < pasted < 150_000
    assert 2_000_000 < typed < 6_000_000
    assert Size(0, 0, 2, 0).memory_bytes == 0, "nothing was written"
    assert Size(0, 0, 120_000, 0).memory_bytes < 1_000_000, "texts that are no files are taken for pasted"


async def test_a_room_that_is_as_it_was_is_not_written_anew_and_one_that_somebody_left_is(house: House) -> None:
    table, room_id = rows_of(house), await room_of(house)
    room, ada, _ = await house.enter(room_id, "Ada")
    before = (await rooms(table))[room_id]
    assert (await rooms(table))[room_id] is before
    room.leave(ada)
    await house.enter(room_id, "Lin")
    after = (await rooms(table))[room_id]
    assert after is not before
    assert (after.people, after.connections) == (1, 1)


async def test_a_large_document_is_measured_more_rarely(house: House) -> None:
    rows, room_id = rows_of(house), await room_of(house)
    room, ada, _ = await house.enter(room_id, "Ada")
    edit(room, ada, Page(1, room.document.state()).type("x" * MEASURED_BYTES), whole=False)
    size = (await rooms(rows))[room_id].document_bytes
    assert size > MEASURED_BYTES
    edit(room, ada, Page(2, room.document.state()).type("y" * 1000), whole=False)
    house.clock.pass_seconds(2 * MEASURED_SECONDS)
    assert (await rooms(rows))[room_id].document_bytes == size
    house.clock.pass_seconds(MEASURED_SECONDS)
    assert (await rooms(rows))[room_id].document_bytes > size


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
    first.address, first.since_ms = "192.0.2.7", 5
    second.stand(replace(second.member, account_id="a1"), None)
    one, two = await people(rows)
    assert (one.id, one.name, one.room, one.role, one.address, one.since, one.account, one.page) == (
        str(first.number), "Ada", room_id, "editor", "192.0.2.7", 5, None, True,
    )  # fmt: skip
    assert (two.member, two.account, two.page, two.rate) == (one.member, "a1", False, 0)
