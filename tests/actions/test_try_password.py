"""The password of a room at its door."""

import asyncio

import pytest

from fourhands.actions.change_room import Change, change_room
from fourhands.actions.join_room import Wish, join_room
from fourhands.errors import Forbidden, InvalidRequest, LimitExceeded
from fourhands.model.role import Role
from tests.house import House


async def test_newcomers_give_it_and_hosts_and_those_who_are_in_do_not(house: House) -> None:
    opened = await house.open()
    _, before = await join_room(house.place, opened.room.id, Wish("Lin"))
    room = await change_room(house.place, opened.room.id, opened.host.id, Change(password="open sesame"))
    assert room.password_hash is not None
    assert room.password_hash.startswith("$argon2id$")
    for wish in (Wish("Eve"), Wish("Eve", password="wrong"), Wish("Eve", key=opened.keys[Role.EDITOR])):
        with pytest.raises(Forbidden, match="password"):
            await join_room(house.place, opened.room.id, wish)
    for wish in (Wish("Eve", password="open sesame"), Wish("Eve", key=opened.keys[Role.HOST]), Wish("Lin", member_id=before.id)):
        await join_room(house.place, opened.room.id, wish)
    await change_room(house.place, opened.room.id, opened.host.id, Change(password=""))
    await join_room(house.place, opened.room.id, Wish("Grace"))


async def test_ten_wrong_ones_of_a_client_are_counted_and_others_and_other_rooms_are_not_touched(house: House) -> None:
    opened, other = await house.open(), await house.open()
    for one in (opened, other):
        await change_room(house.place, one.room.id, one.host.id, Change(password="open sesame"))
    tries = [join_room(house.place, opened.room.id, Wish("Eve", password=f"guess {number}", client="192.0.2.1")) for number in range(12)]
    failed = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Forbidden) for one in failed) == house.limits.password_guesses_per_15_minutes == 10
    assert sum(isinstance(one, LimitExceeded) for one in failed) == 2
    right = Wish("Eve", password="open sesame", client="192.0.2.1")
    with pytest.raises(LimitExceeded):
        await join_room(house.place, opened.room.id, right)
    await join_room(house.place, other.room.id, right)
    await join_room(house.place, opened.room.id, Wish("Lin", password="open sesame", client="192.0.2.2"))


async def test_a_missing_one_is_no_guess_and_a_long_one_is_refused(house: House) -> None:
    opened = await house.open()
    await change_room(house.place, opened.room.id, opened.host.id, Change(password="open sesame"))
    for _ in range(12):
        with pytest.raises(Forbidden, match="has a password"):
            await join_room(house.place, opened.room.id, Wish("Eve"))
    with pytest.raises(InvalidRequest, match="256"):
        await change_room(house.place, opened.room.id, opened.host.id, Change(password="x" * 257))
