"""People are counted once, however many instances they are at."""

from fourhands.room.counting import people_counted_here
from tests.several import Several, opened, three, until

__all__ = ["three"]


async def test_who_is_at_two_instances_is_counted_at_one(three: Several) -> None:
    room_id, (first, second, _) = await opened(three), three.instances
    ada = await first.enter(room_id, "Ada", 1)
    lin = await second.enter(room_id, "Lin", 2)
    again = await second.enter(room_id, "Ada", 3)
    await until(lambda: ada.room.connections == lin.room.connections == 3)
    assert [people_counted_here(room) for room in (ada.room, lin.room)] == [1, 1]
    ada.room.leave(ada.peer)
    await until(lambda: lin.room.connections == 2)
    assert [people_counted_here(room) for room in (ada.room, again.room)] == [0, 2]
