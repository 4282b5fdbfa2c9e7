"""The files of a room, for its members."""

from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from fourhands.actions.read_files import read_file, read_files
from fourhands.errors import Forbidden, Gone, NotFound, Unauthenticated
from fourhands.model.room import File
from fourhands.room.edits import edit
from tests.house import House


async def test_a_member_reads_what_was_just_typed(house: House) -> None:
    opened = await house.open(language="go")
    room, peer, _ = await house.enter(opened.room.id)
    typed: Doc[Any] = Doc()
    typed.apply_update(room.document.state())
    before = typed.get_state()
    typed.get("file:main", type=Text).insert(0, "package main")
    typed.get("files", type=Map)["two"] = Map({"name": "two.go", "language": "go", "order": 1.0})
    edit(room, peer, typed.get_update(before), whole=False)
    assert await read_files(house.place, opened.room.id, opened.host.id) == [File("main", "main.go", "go"), File("two", "two.go", "go")]
    assert await read_file(house.place, opened.room.id, peer.member.id, "main") == "package main"
    assert await read_file(house.place, opened.room.id, peer.member.id, "two") == ""
    with pytest.raises(NotFound, match="no such file"):
        await read_file(house.place, opened.room.id, opened.host.id, "three")


async def test_only_members_read(house: House) -> None:
    opened = await house.open()
    with pytest.raises(Unauthenticated):
        await read_files(house.place, opened.room.id, None)
    with pytest.raises(Forbidden):
        await read_file(house.place, opened.room.id, "nobody", "main")
    with pytest.raises(NotFound):
        await read_files(house.place, "aaaa-aaaa-aaaa", None)
    await house.store.end_room(opened.room.id, 1)
    with pytest.raises(Gone):
        await read_files(house.place, opened.room.id, opened.host.id)
