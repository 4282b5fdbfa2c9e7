"""The audit log as actions write it: what stands in a line, what is cut, and what happens when it cannot be written."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fourhands.errors import Unavailable
from fourhands.guard.audit import DETAILS, TEXT_CHARACTERS, Audit
from fourhands.model.audit import Noted, Who
from fourhands.model.role import Role
from fourhands.model.room import Member
from tests.house import open_house

ADA = Who.of_member(Member("ada", "aaaa-aaaa-aaaa", "Ada", "#c2410c", Role.HOST, 1), "192.0.2.7")


class FullDisk:
    """A store on which nothing can be written."""

    async def add(self, _: Noted) -> None:
        raise Unavailable("The disk is full.", "database")


async def test_a_line_says_who_what_on_what_where_from_and_when(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.place.audit.note("room.ended", ADA, room_id="aaaa-aaaa-aaaa", on="lin", detail={"people": 3})
        (line,) = await house.store.audit.newest(9)
        assert line == Noted("room.ended", Who("member", "ada", "", "192.0.2.7"), house.clock.now_ms(), "aaaa-aaaa-aaaa", "lin", {"people": 3}, 1)


async def test_nobody_fills_the_log_with_long_texts(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        long = "x" * 100_000
        await house.place.audit.note("account.login_failed", Who("stranger", long, long, long), on=long, detail={str(n): long for n in range(100)})
        (line,) = await house.store.audit.newest(9)
        assert {len(text) for text in (line.who.id, line.who.name, line.who.address, line.on, *map(str, line.detail.values()))} == {TEXT_CHARACTERS}
        assert len(line.detail) == DETAILS


async def test_what_cannot_be_noted_is_logged_and_what_admins_do_is_refused(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        audit = Audit(FullDisk(), house.clock)  # type: ignore[arg-type]
        with capture_logs() as logs:
            await audit.note("room.ended", ADA, room_id="aaaa-aaaa-aaaa")
        assert [(line["event"], line["what"], line["log_level"]) for line in logs] == [("audit.unwritten", "room.ended", "error")]
        with pytest.raises(Unavailable):
            await audit.note("admin.ban", ADA)
