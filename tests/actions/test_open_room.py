"""Opening rooms."""

import pytest

from fourhands.actions import open_room as module
from fourhands.actions.open_room import Doors
from fourhands.errors import Conflict, InvalidRequest, Unavailable
from fourhands.model.ids import is_room_id
from fourhands.model.role import GuestRole, Role
from tests.house import House


async def test_a_room_has_a_host_three_keys_and_one_file(house: House) -> None:
    opened = await house.open(name=" Ada ", title="  Two   sum ", color="#C2410C")
    assert is_room_id(opened.room.id)
    assert (opened.room.title, opened.room.language, opened.room.guest_role, opened.room.ephemeral) == ("Two sum", "python", GuestRole.EDITOR, False)
    assert (opened.host.name, opened.host.role, opened.host.color) == ("Ada", Role.HOST, "#c2410c")
    assert await house.store.room(opened.room.id) == opened.room
    assert await house.store.member(opened.room.id, opened.host.id) == opened.host
    invites = await house.store.invites(opened.room.id)
    assert {invite.role: invite.key for invite in invites} == opened.keys
    assert len(set(opened.keys.values())) == len(Role)
    room = await house.registry.get(opened.room.id)
    assert (room.document.text(), room.document.language()) == ("", "python")


async def test_it_is_as_it_was_wished(house: House) -> None:
    opened = await house.open(language="rust", guest_role=GuestRole.NONE, ephemeral=True)
    assert (opened.room.language, opened.room.guest_role, opened.room.ephemeral) == ("rust", GuestRole.NONE, True)
    assert opened.host.name == "Host"


async def test_its_doors_stand_from_the_first_moment(house: House) -> None:
    ends = house.clock.now_ms() + 3_600_000
    opened = await house.open(doors=Doors("open sesame", True, ends))
    room = await house.store.room(opened.room.id)
    assert room is not None
    assert (room.lobby, room.expires_at_ms) == (True, ends)
    assert room.password_hash is not None
    assert await house.place.accounts.hashing.matches(room.password_hash, "open sesame")
    bare = (await house.open(doors=Doors("", False, 0))).room
    assert (bare.password_hash, bare.lobby, bare.expires_at_ms) == (None, False, None)


@pytest.mark.parametrize("doors", [Doors(password="x" * 257), Doors(expires_at_ms=1), Doors(expires_at_ms=1 << 52)])
async def test_doors_that_make_no_sense_open_nothing(house: House, doors: Doors) -> None:
    with pytest.raises(InvalidRequest):
        await house.open(doors=doors)
    assert await house.store.unused_rooms(1 << 60, 10) == []


@pytest.mark.parametrize("wishes", [{"language": "klingon"}, {"name": "  "}, {"name": "x" * 41}, {"color": "red"}, {"title": "x" * 81}])
async def test_what_makes_no_sense_opens_nothing(house: House, wishes: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        await house.open(**wishes)
    assert await house.store.unused_rooms(1 << 60, 10) == []


async def test_an_id_that_is_taken_is_drawn_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = (await house.open()).room.id
    drawn = iter([taken, taken, "free-free-free"])
    monkeypatch.setattr(module, "new_room_id", lambda: next(drawn))
    assert (await house.open()).room.id == "free-free-free"
    monkeypatch.setattr(module, "new_room_id", lambda: taken)
    with pytest.raises(Conflict):
        await house.open()


async def test_each_document_has_its_own_epoch(house: House) -> None:
    assert (await house.open()).room.epoch != (await house.open()).room.epoch


async def test_a_store_that_is_away_is_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("The disk is full.", "database")

    monkeypatch.setattr(house.store, "create_room", away)
    with pytest.raises(Unavailable):
        await house.open()
