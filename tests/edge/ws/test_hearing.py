"""Events of a connection: what cannot be taken is answered, and nothing else happens."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from fourhands.edge.ws.hearing import hear
from fourhands.edge.ws.hub import Hub
from fourhands.errors import InvalidRequest
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from tests.house import House, open_house
from tests.room.pages import room_of
from tests.room.screen import Screen


def hub_of(house: House) -> Hub:
    return Hub(house.place, root_path="", own_origin=None, allowed_origins=())


def said(**event: Any) -> bytes:
    return json.dumps(event).encode()


async def until_told(screen: Screen, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while not screen.events(kind):  # noqa: ASYNC110 - the screen tells no events
            await asyncio.sleep(0)
    return screen.events(kind)[-1]


async def test_what_cannot_be_taken_is_answered_with_its_mark(quick_dir: Path) -> None:
    async with open_house(quick_dir) as house:
        room, ada, screen = await house.enter(await room_of(house), "Ada")
        hub = hub_of(house)
        for event in (b"{", said(type="chat", text="", ref="m1"), said(type="run.end", run="r0000000001", status="ok")):
            hear(hub, room, ada, event)
        assert [error.get("ref") for error in screen.events("error")] == [None, "m1", "r0000000001"]
        assert screen.closed is None


async def test_who_did_not_offer_events_may_not_say_them(quick_dir: Path) -> None:
    async with open_house(quick_dir) as house:
        room, ada, _ = await house.enter(await room_of(house), "Ada", events=False)
        with pytest.raises(InvalidRequest, match="subprotocol"):
            hear(hub_of(house), room, ada, said(type="chat", text="hi"))


async def test_what_takes_its_time_is_done_and_said_beside(quick_dir: Path) -> None:
    async with open_house(quick_dir, Limits(changes_per_minute=2)) as house:
        room, ada, screen = await house.enter(await room_of(house), "Ada")
        hub = hub_of(house)
        hear(hub, room, ada, said(type="member.change", name="Ada L."))
        assert (await until_told(screen, "member.changed"))["member"]["name"] == "Ada L."
        hear(hub, room, ada, said(type="member.change", name=""))
        assert "name" in (await until_told(screen, "error"))["message"]
        hear(hub, room, ada, said(type="member.change", name="Ada"))
        assert screen.events("error")[-1]["retry_after"] == 60


async def test_a_viewer_who_asks_for_a_run_hears_why_not(quick_dir: Path) -> None:
    async with open_house(quick_dir) as house:
        room, lin, screen = await house.enter(await room_of(house), "Lin", Role.VIEWER)
        hear(hub_of(house), room, lin, said(type="run.ask", run="r0000000001", file="main", language="python"))
        assert (await until_told(screen, "error"))["ref"] == "r0000000001"
