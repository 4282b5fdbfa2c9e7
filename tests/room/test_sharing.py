"""Rooms that several instances hold: closed, deleted and loaded together; words said into them."""

import asyncio

import pytest

from fourhands.errors import Conflict, NotFound, Unavailable
from fourhands.protocol.close import CloseCode
from fourhands.room.joint_room import JointRoom
from fourhands.room.live import LiveRoom
from fourhands.room.rewriting import rewriting
from fourhands.store.port import Stored
from tests.several import Instance, Several, cut, opened, reach, three, until

__all__ = ["three"]

NAMES = "Ada", "Lin", "Kim"


class TestClosing:
    async def test_an_erasure_closes_the_room_everywhere_and_keeps_it_shut_meanwhile(self, three: Several) -> None:
        room_id, (first, second, third) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        lin.write("secret")
        async with rewriting(first.registry, room_id, "ada"):
            for person in (ada, lin):
                assert person.screen.closed is not None
                assert person.screen.closed[0] is CloseCode.RESTART
            assert [event["by"] for event in lin.screen.events("room.erased")] == ["ada"]
            assert await three.house.text(room_id) == "secret"
            coming = asyncio.create_task(third.registry.get(room_id))
            with pytest.raises(Conflict):
                async with second.sharing.closed(room_id, "lin"):
                    pytest.fail("it is closed already")
            assert not coming.done()
        room = await asyncio.wait_for(coming, 60)
        assert room.document.text() == "secret"

    async def test_nothing_is_erased_while_others_are_not_reached(self, three: Several) -> None:
        room_id, (first, _, _) = await opened(three), three.instances
        await first.enter(room_id, "Ada", 1)
        cut(first)
        with pytest.raises(Unavailable):
            async with rewriting(first.registry, room_id, "ada"):
                pytest.fail("another instance may have it in memory")

    async def test_an_ephemeral_room_is_deleted_by_the_last_instance_that_leaves_it(self, three: Several) -> None:
        room_id, (first, second, third) = await opened(three, ephemeral=True), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        assert not await third.registry.delete_unused(room_id)
        ada.room.leave(ada.peer)
        await unload(first)
        assert await three.house.store.room(room_id) is not None
        assert first.registry.live(room_id) is None
        lin.room.leave(lin.peer)
        await unload(second)
        assert await three.house.store.room(room_id) is None
        with pytest.raises(NotFound):
            await first.registry.get(room_id)

    async def test_it_is_kept_while_others_are_not_reached(self, three: Several) -> None:
        room_id, (first, _, _) = await opened(three, ephemeral=True), three.instances
        ada = await first.enter(room_id, "Ada", 1)
        ada.room.leave(ada.peer)
        cut(first)
        await unload(first)
        assert first.registry.live(room_id) is None
        assert await three.house.store.room(room_id) is not None


class TestWords:
    async def test_a_word_in_a_room_comes_in_order_with_its_edits(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        heard: list[tuple[str, bytes, str]] = []

        def hear(room: LiveRoom, origin: str, payload: bytes) -> None:
            heard.append((origin, payload, room.document.text()))

        second.sharing.hears["topic"] = hear
        ada.write("a")
        assert ada.room.shared is not None
        ada.room.shared.say("topic", b"1")
        ada.room.shared.say("unknown", b"")
        ada.write("b", 1)
        await until(lambda: lin.pull() == "ab")
        assert heard == [(first.name, b"1", "a")]

    async def test_who_is_loaded_says_so(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        loaded: list[tuple[bool, bool]] = []
        for one in (first, second):
            one.sharing.on_loaded.append(lambda room, others: loaded.append((isinstance(room, JointRoom), others)))
        await first.enter(room_id, "Ada", 1)
        await second.enter(room_id, "Lin", 2)
        assert loaded == [(True, False), (True, True)]


async def unload(instance: Instance) -> None:
    instance.house.clock.pass_seconds(instance.house.limits.idle_seconds)
    await instance.written()
    await instance.registry.sweep()


class TestLoading:
    """What happens while a room is being read does not leave it apart from the others."""

    async def test_a_room_that_was_entered_alone_is_joined_if_others_are_reached_meanwhile(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        lin = await second.enter(room_id, "Lin", 2)
        cut(first)
        loading = await self.began(three, first, room_id)
        reach(first)
        three.house.store.release()
        await loading
        ada = await first.enter(room_id, "Ada", 1)
        await until(lambda: {member.id for member in ada.room.people()} == {"ada", "lin"})
        lin.write("b")
        await until(lambda: ada.pull() == "b")

    async def test_a_room_whose_words_were_lost_meanwhile_asks_for_them(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        await second.enter(room_id, "Lin", 2)
        mended: list[LiveRoom] = []
        first.sharing.on_mended.append(mended.append)
        loading = await self.began(three, first, room_id)
        first.bus.on_missed(room_id)
        three.house.store.release()
        await loading
        await until(lambda: mended)

    @staticmethod
    async def began(three: Several, instance: Instance, room_id: str) -> "asyncio.Task[LiveRoom]":
        """It is being read."""
        asked = three.house.store.load
        came = asyncio.Event()

        async def load(one: str) -> Stored | None:
            came.set()
            return await asked(one)

        three.house.store.hold("load")
        three.house.store.load = load  # type: ignore[method-assign]
        loading = asyncio.create_task(instance.registry.get(room_id))
        await asyncio.wait_for(came.wait(), 60)
        return loading
