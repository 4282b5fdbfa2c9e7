"""Others are not reached for a while: people are told, go on, and meet again."""

from tests.several import Several, cut, opened, reach, three, until

__all__ = ["three"]

NAMES = "Ada", "Lin", "Kim"


class TestRedisAway:
    async def test_people_are_told_go_on_and_meet_again(self, three: Several) -> None:
        room_id, (first, second, third) = await opened(three), three.instances
        ada, lin, kim = [
            await one.enter(room_id, name, number) for number, (one, name) in enumerate(zip(three.instances, ("Ada", "Lin", "Kim"), strict=True), 1)
        ]
        ada.write("hello")
        await three.converged(room_id, ada, lin, kim)
        for one in three.instances:
            cut(one)
        assert [event["ok"] for event in lin.screen.events("room.reach")] == [False]
        ada.write("A")
        lin.erase(0, 2)
        late = await third.enter(room_id, "Eve", 4)
        assert [event["ok"] for event in late.screen.events("room.reach")] == [False]
        late.write("E")
        for one in (first, second, third):
            reach(one)
        text = await three.converged(room_id, ada, lin, kim, late)
        assert sorted(text) == sorted("AEllo")
        await until(lambda: [event["ok"] for event in lin.screen.events("room.reach")] == [False, True])
        await until(lambda: {member.name for member in ada.room.people()} == {"Ada", "Lin", "Kim", "Eve"})

    async def test_a_room_that_was_loaded_meanwhile_finds_the_others(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        ada = await first.enter(room_id, "Ada", 1)
        cut(second)
        lin = await second.enter(room_id, "Lin", 2)
        ada.write("from Ada")
        lin.write("from Lin")
        reach(second)
        text = await three.converged(room_id, ada, lin)
        assert sorted(text) == sorted("from Adafrom Lin")
        await until(lambda: [event["member"]["name"] for event in ada.screen.events("member.joined")] == ["Lin"])

    async def test_what_one_wrote_and_left_is_read_from_the_journal(self, three: Several) -> None:
        room_id, (first, second, _) = await opened(three), three.instances
        ada, lin = await first.enter(room_id, "Ada", 1), await second.enter(room_id, "Lin", 2)
        cut(second)
        ada.write("gone before you were back")
        await first.written()
        first.kill()
        reach(second)
        await until(lambda: lin.pull() == "gone before you were back")
