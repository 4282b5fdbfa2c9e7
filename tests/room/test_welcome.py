"""What somebody who joins is told first."""

from fourhands import __version__
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.protocol import events
from fourhands.room.chat import say
from fourhands.room.welcome import welcome
from tests.house import open_house
from tests.room.pages import room_of
from tests.room.screen import somebody

RUN = events.Run("r0000000001", "ada", "Ada", "python", "main.py", "browser", 1_700_000_000_000)


async def test_all_that_the_room_has_and_what_it_allows(quick_dir) -> None:
    async with open_house(quick_dir, Limits(chat_characters=99)) as house:
        room, ada, _ = await house.enter(await room_of(house), "Ada")
        house.clock.pass_seconds(1)
        await house.enter(room.room.id, "Lin", Role.VIEWER)
        say(room, ada, "hi", None)
        await house.written()
        room.runs.start(ada, RUN)
        told = welcome(room, somebody("Eve", Role.VIEWER))
        assert (told.me.id, [member.id for member in told.members]) == ("eve", ["ada", "lin"])
        assert (told.room.id, told.epoch, told.version) == (room.room.id, room.room.epoch, __version__)
        assert ([said.text for said in told.chat], [run.id for run in told.runs]) == (["hi"], [RUN.id])
        assert told.limits.chat_characters == 99


async def test_a_room_without_a_run_makes_no_place_for_runs(quick_dir) -> None:
    async with open_house(quick_dir) as house:
        room, ada, _ = await house.enter(await room_of(house))
        assert welcome(room, ada.member).runs == []
        assert room._runs is None
