"""A room under everything at once: people who type, come and go, and are made viewers; somebody hostile in between; rooms
that are unloaded, servers that are killed. What is refused reaches nobody and is not kept, and the honest agree in the end."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from fourhands.edge.ws.hub import Hub
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.model.room import Member
from fourhands.protocol import awareness, sync
from fourhands.protocol.close import CloseCode
from fourhands.protocol.update import read_state_vector
from fourhands.room.document import Document
from fourhands.room.live import LiveRoom
from fourhands.room.restoring import restore
from tests.fuzz.adversary import Adversary, damaged
from tests.fuzz.room import Page, kept
from tests.house import House, open_house
from tests.server import folder_in_memory

STEPS = 40
LIMITS = Limits(rates=False, idle_seconds=1)
OUR_MISTAKES = {"connection.failed", "connection.task_failed", "journal.telling_failed", "journal.failed", "room.damaged", "room.edits_set_aside"}
BROKEN_MESSAGES = (
    b"", b"\x00", b"\x00\x02", b"\x00\x02\x05\x01", b"\x00\x03\x00", b"\x07", b"\x01\x03\x01\x01", b"\x10\x01{", b"\x02\x00\x00", b"\xff" * 9,
    sync.update(b"\x01"), sync.update(b"\x01\x01\x01\x00\x04"), sync.step1(b"\x05"), sync.step2(b"\x00\x01"), sync.update(b"\x00" * 70_000),
    sync.event(b'{"type":"chat.send","text":7}'), sync.event(b'{"type":"run.end","run":"none"}'), sync.awareness(b"\x01\x05\x01\x03not"),
)  # fmt: skip


class Play:
    """One room, and all who act in it. `adversary`: somebody whose updates may be taken, too."""

    def __init__(self, house: House, chance: random.Random, folder: Path, adversary: Adversary | None) -> None:
        self.house, self.chance, self.folder = house, chance, folder
        self.hub = Hub(house.place, root_path="", own_origin=None, allowed_origins=())
        self.adversary = adversary
        self.copies = 0

    async def begin(self) -> None:
        self.room_id = (await self.house.open()).room.id
        start = (await self.room()).document.state()
        self.honest = [await self._page(name, Role.EDITOR, 1001 + number, start) for number, name in enumerate(("Ada", "Lin"))]
        self.viewer = await self._page("Vic", Role.VIEWER, 2001, start)
        self.hostile = await self._page("Eve", Role.EDITOR, 3001, start)

    async def _page(self, name: str, role: Role, client: int, start: bytes) -> Page:
        member = Member(name.lower(), self.room_id, name, "#1d4ed8", role, self.house.clock.now_ms())
        await self.house.store.add_member(member)
        return Page(self.house, self.hub, member, client, start, self.chance)

    async def room(self) -> LiveRoom:
        return await self.house.registry.get(self.room_id)

    @property
    def everybody(self) -> list[Page]:
        return [*self.honest, self.viewer, self.hostile]

    async def step(self) -> None:
        for page in self.everybody:
            if not page.here:
                page.leave()
                await page.join()
        match self.chance.choices(range(8), (12, 3, 6, 2, 2, 1, 1, 3))[0]:
            case 0:
                page = self.chance.choice(self.honest)
                page.send_edit(sync.update(page.typist.act()))
            case 1:
                self._move(self.chance.choice(self.everybody))
            case 2:
                await self._attack()
            case 3:
                self.chance.choice(self.everybody).leave()
            case 4:
                await self._change_role()
            case 5:
                await self._unload()
            case 6:
                await self._look_at_a_copy()
            case _:
                await self._hear()

    def _move(self, page: Page) -> None:
        page.clock += self.chance.choice((1, 1, 0, 5))
        client = page.client if self.chance.random() < 0.8 else self.chance.choice(self.everybody).client  # as if it were another's
        state = self.chance.choice((b'{"user":{"name":"Root"}}', b"{}", awareness.GONE))
        page.send(sync.awareness(awareness.encode([awareness.Entry(client, page.clock, state)])))

    async def _attack(self) -> None:
        """What is refused is told to nobody, and not kept."""
        room, chance = await self.room(), self.chance
        if self.adversary is not None and chance.random() < 0.8:
            page, message = self.hostile, sync.update(self.adversary.update())
        elif chance.random() < 0.3:
            page, message = self.viewer, sync.update(self.viewer.typist.act())
        else:
            page, message = self.hostile, chance.choice(BROKEN_MESSAGES)
            message = damaged(message, chance) if self.adversary is not None and chance.random() < 0.3 else message
        others = [other for other in self.everybody if other is not page]
        before = room.queue.ticket, [other.told() for other in others]
        page.sent.append({})
        page.send(message)
        after = room.queue.ticket, [other.told() for other in others]
        if page is self.viewer or (page.wire.close_code is not None and not room.closed):
            assert before == after
        assert page.wire.close_code is not CloseCode.INTERNAL_ERROR

    async def _change_role(self) -> None:
        """It counts at once; what was not taken meanwhile is asked for again."""
        page, room = self.chance.choice(self.honest), await self.room()
        for role in (Role.VIEWER, Role.EDITOR):
            page.member = replace(page.member, role=role)
            await self.house.store.change_member(self.room_id, page.member.id, role=role)
            room.member_changed(page.member)
            page.send_edit(sync.update(page.typist.act()))
            page.sent = [{} for _ in page.sent]  # what was refused is not saved
            page.durable, page.whole = {}, False

    async def _unload(self) -> None:
        for page in self.everybody:
            page.leave()
        await self.house.written()
        self.house.clock.pass_seconds(2)
        await self.house.registry.sweep()
        assert self.house.registry.live(self.room_id) is None

    async def _look_at_a_copy(self) -> None:
        """What was said to be saved is there after a kill."""
        await self._hear()
        self.copies += 1
        durable = [(page.client, page.durable.get(page.client, 0)) for page in self.honest]
        document = await kept(self.house, self.room_id, self.folder / f"copy{self.copies}")
        clocks = clocks_of(document)
        assert document.waiting or all(clocks.get(client, 0) >= clock for client, clock in durable)  # what waits is kept, too

    async def _hear(self) -> None:
        room = await self.room()
        for page in self.everybody:
            page.hear(room)
        if self.adversary is not None:
            clocks = clocks_of(room.document)
            self.adversary.clocks = {client: clocks.get(client, 0) for client in self.adversary.clocks}

    async def end(self) -> None:
        for page in self.everybody:
            if not page.here:
                page.leave()
                await page.join()
        for _ in range(4):
            await self._hear()
            await self.house.written()
        room = await self.room()
        again = await self.house.store.load(self.room_id)
        assert again is not None
        document = restore(again, self.house.limits)
        assert (clocks_of(document), document.text()) == (clocks_of(room.document), room.document.text())
        assert room.queue.settled and not any(peer.owed for peer in room.peers)
        self.house.journal.require_space(self.house.limits.backlog_bytes)  # nothing is counted as waiting
        if self.adversary is None:
            for page in self.honest:
                assert str(page.typist.text) == room.document.text()
                assert page.saved == len(page.sent)
        for page in self.everybody:
            page.leave()
        assert not room.peers


def clocks_of(document: Document) -> dict[int, int]:
    return {client: clock for client, clock in read_state_vector(document.state_vector()).items() if clock}


async def play(seed: int, *, hostile: bool) -> None:
    chance = random.Random(seed)
    adversary = Adversary(chance, two_tongued=chance.random() < 0.5) if hostile else None
    with folder_in_memory() as folder, capture_logs() as logs:
        async with open_house(folder, LIMITS) as house:
            game = Play(house, chance, folder, adversary)
            await game.begin()
            for _ in range(STEPS):
                await game.step()
            await game.end()
    wrong = [entry for entry in logs if entry["event"] in OUR_MISTAKES]
    assert not wrong


@pytest.mark.parametrize("hostile", [False, True])
def test_whoever_is_in_it_a_room_stays_whole(hostile: bool, pytestconfig: pytest.Config) -> None:
    """A few games, the same ones every time; `make soak` plays many, and others each time."""
    full = bool(pytestconfig.option.full)

    @settings(max_examples=300 if full else 8, deadline=None, derandomize=not full)
    @given(seed=st.integers(0, 2**32))
    def whole(seed: int) -> None:
        asyncio.run(play(seed, hostile=hostile))

    whole()
