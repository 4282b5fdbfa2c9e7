"""A room's people at three instances: what one does all hear, and nothing is lost with an instance."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from pycrdt import Map

from fourhands.bus.messages import People
from fourhands.errors import Unavailable
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.room.chat import say
from fourhands.room.sharing import JOURNAL_AFTER_SECONDS
from fourhands.store.snapshots import Snapshot
from tests.several import Person, Several, cut, opened, several, silence, three, until

__all__ = ["three"]

NAMES = "Ada", "Lin", "Kim"


class TestEdits:
    async def test_what_one_writes_all_see_and_the_journal_has_once(self, three: Several) -> None:
        room_id = await opened(three)
        ada, lin, kim = [
            await one.enter(room_id, name, number) for number, (one, name) in enumerate(zip(three.instances, ("Ada", "Lin", "Kim"), strict=True), 1)
        ]
        for number in range(20):
            for person in (ada, lin, kim):
                person.write(f"{number}")
            await asyncio.sleep(0)
        text = await three.converged(room_id, ada, lin, kim)
        assert len(text) == 3 * sum(len(str(number)) for number in range(20))
        for one in three.instances:
            await one.written()
        await until(lambda: all(one.registry.live(room_id).settled for one in three.instances))  # pyright: ignore[reportOptionalMemberAccess]
        assert await three.house.text(room_id) == text
        assert len(await three.house.edits(room_id)) == 61

    async def test_whoever_comes_later_sees_what_is_not_committed_yet(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        ada = await first.enter(room_id, "Ada", 1)
        await first.written()
        silence(first)
        ada.write("hello")
        lin = await second.enter(room_id, "Lin", 2)
        assert lin.pull() == "hello"

    async def test_what_was_shown_elsewhere_outlives_the_instance_that_took_it_in(self, three: Several) -> None:
        room_id, (first, second, third) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        await first.written()
        silence(first)
        ada.write("never committed there")
        await until(lambda: lin.pull() == "never committed there")
        first.kill()
        await until(lambda: lin.room.settled)
        again = await second.enter(room_id, "Ada", 3)
        again.catch_up()
        assert again.pull() == "never committed there"
        await second.written()
        assert await three.house.text(room_id) == "never committed there"
        assert (await three.house.edits(room_id))[-1][0] == "ada"
        kim = await third.enter(room_id, "Kim", 4)
        assert kim.pull() == "never committed there"

    async def test_what_is_not_said_to_be_durable_is_journaled_by_the_others_after_two_seconds(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        await first.written()
        silence(first)
        ada.write("hello")
        await until(lambda: lin.pull() == "hello")
        second.sharing.look()
        assert not lin.room.settled
        assert await three.house.text(room_id) == ""
        three.house.clock.pass_seconds(JOURNAL_AFTER_SECONDS)
        second.sharing.look()
        await second.written()
        assert await three.house.text(room_id) == "hello"
        assert lin.room.settled

    async def test_saved_is_said_after_a_commit_of_what_others_had_shown(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        await first.written()
        silence(first)
        ada.write("hello")
        await until(lambda: lin.pull() == "hello")
        assert not lin.room.settled
        lin.catch_up()  # its step 2 is empty, and yet `saved` says that what it shows is durable
        assert lin.screen.saved == []
        await until(lambda: lin.screen.saved == [1])
        assert await three.house.text(room_id) == "hello"

    async def test_a_room_stays_in_memory_while_something_of_others_is_outstanding(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        await first.written()
        silence(first)
        ada.write("hello")
        await until(lambda: lin.pull() == "hello")
        lin.room.leave(lin.peer)
        three.house.clock.pass_seconds(three.house.limits.idle_seconds)
        await second.registry.sweep()
        assert second.registry.live(room_id) is not None
        second.sharing.look()
        await second.written()
        await second.registry.sweep()
        assert second.registry.live(room_id) is None

    async def test_a_text_that_two_fill_at_once_is_taken_everywhere(self, quick_dir: Path) -> None:
        async with several(quick_dir, 2, limits=Limits(text_bytes=1000)) as two:
            room_id = await opened(two)
            ada, lin = await two.instances[0].enter(room_id, "Ada", 1), await two.instances[1].enter(room_id, "Lin", 2)
            ada.write("a" * 900)
            lin.write("b" * 900)  # before either heard of the other
            text = await two.converged(room_id, ada, lin)
            assert len(text) == 1800

    async def test_a_snapshot_is_of_what_the_store_has(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        cut(second)  # what the first one commits it does not hear of
        ada.write("from the first")
        await first.written()
        lin.write("from the second")
        await second.written()
        await second.registry._snapshots.take(lin.room)
        assert sorted([await three.house.text(room_id)]) in (["from the firstfrom the second"], ["from the secondfrom the first"])

    async def test_of_a_busy_room_one_instance_takes_the_snapshot(self, three: Several, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fourhands.room.registry.SNAPSHOT_EVERY_EDITS", 10)
        room_id, (first, second, _) = await opened(three), three.instances
        people = [await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)]
        written: list[int] = []
        write = three.house.store.write_snapshot

        async def count(room: str, snapshot: Snapshot, *, epoch: str | None = None) -> None:
            written.append(snapshot.position)
            await write(room, snapshot, epoch=epoch)

        monkeypatch.setattr(three.house.store, "write_snapshot", count)
        for number in range(1, 3):
            for _ in range(12):
                people[0].write("a")
            await three.converged(room_id, *people)
            await first.written()
            for instance in (first, second):
                await instance.registry.sweep()
            assert len(written) == number
        assert all(person.room.edits_since_snapshot < 10 for person in people)


class TestPeople:
    async def test_everybody_is_in_the_list_and_told_of_once(self, three: Several) -> None:
        room_id, (first, second, third) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        await until(lambda: ada.screen.events("member.joined"))
        kim = await third.enter(room_id, "Kim", 3)
        assert [member["name"] for member in kim.screen.events("welcome")[0]["members"]] == ["Ada", "Kim", "Lin"]
        other = await third.enter(room_id, "Ada", 4)  # a second page of hers, at another instance
        await until(lambda: [event["member"]["name"] for event in ada.screen.events("member.joined")] == ["Lin", "Kim"])
        ada.room.leave(ada.peer)
        lin.write("x")
        await until(lambda: kim.pull() == "x" and other.pull() == "x")
        assert kim.screen.events("member.left") == []
        other.room.leave(other.peer)
        await until(lambda: [event["member"] for event in lin.screen.events("member.left")] == ["ada"])
        assert [event["member"] for event in kim.screen.events("member.left")] == ["ada"]

    async def test_they_are_counted_together(self, quick_dir: Path) -> None:
        async with several(quick_dir, 2, limits=Limits(people_per_room=2)) as two:
            room_id = await opened(two)
            await two.instances[0].enter(room_id, "Ada", 1)
            await two.instances[1].enter(room_id, "Lin", 2)
            with pytest.raises(Unavailable, match="full"):
                await two.instances[1].enter(room_id, "Kim", 3)

    async def test_what_was_said_of_somebody_before_they_changed_does_not_stand_if_it_is_heard_after(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        ada = await first.enter(room_id, "Ada", 1)
        kurt = await second.enter(room_id, "Kurt", 2)
        await until(lambda: len(ada.room.people()) == 2)
        was = kurt.peer.member
        becomes = replace(was, role=Role.HOST)
        ada.room.member_changed(becomes)
        ada.room.hear(second.name, People(1, was))
        assert role_of(kurt, ada) is was.role
        kurt.room.member_changed(becomes)
        await until(lambda: role_of(kurt, ada) is Role.HOST)
        assert [event["member"]["role"] for event in ada.screen.events("member.changed")] == ["host", was.role.value, "host"]

    async def test_those_of_an_instance_that_is_lost_have_left(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        await first.enter(room_id, "Ada", 1)
        lin = await second.enter(room_id, "Lin", 2)
        first.kill()
        await until(lambda: [event["member"] for event in lin.screen.events("member.left")] == ["ada"])
        assert [member.name for member in lin.room.people()] == ["Lin"]

    async def test_chat_is_heard_once_everywhere_and_kept_for_whoever_comes(self, three: Several) -> None:
        room_id, (first, second, third) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        say(ada.room, ada.peer, "hello", "ref")
        await until(lambda: lin.screen.events("chat"))
        say(lin.room, lin.peer, "hi", None)
        await until(lambda: len(ada.screen.events("chat")) == 2)
        assert [event["message"]["text"] for event in lin.screen.events("chat")] == ["hello", "hi"]
        kim = await third.enter(room_id, "Kim", 3)
        assert [message["text"] for message in kim.screen.events("welcome")[0]["chat"]] == ["hello", "hi"]

    async def test_a_language_chosen_at_one_is_heard_at_all(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three, language="python"), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        ada.pull()
        before = ada.doc.get_state()
        ada.doc.get("files", type=Map)["main"]["language"] = "rust"
        ada.send(ada.doc.get_update(before))
        await until(lambda: [event["language"] for event in lin.screen.events("room.language")] == ["rust"])
        assert lin.room.room.language == "rust"


def role_of(somebody: Person, seen_by: Person) -> Role:
    return next(member.role for member in seen_by.room.people() if member.id == somebody.peer.member.id)
