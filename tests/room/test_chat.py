"""Chat is heard once it is kept."""

from fourhands.model.entry import EntryKind
from fourhands.model.limits import Limits
from fourhands.room.chat import say
from tests.house import House, open_house
from tests.room.pages import room_of


async def test_a_message_is_heard_once_it_is_kept_and_only_its_sender_gets_the_mark(house: House) -> None:
    room_id = await room_of(house)
    room, ada, own = await house.enter(room_id, "Ada")
    _, _, lin = await house.enter(room_id, "Lin")
    house.store.hold()
    say(room, ada, "<b>hi</b>", "m1")
    assert (own.events("chat"), lin.events("chat")) == ([], [])
    house.store.release()
    await house.written()
    (heard,), (mine,) = lin.events("chat"), own.events("chat")
    assert (heard["message"]["text"], heard["message"]["name"], heard.get("ref")) == ("<b>hi</b>", "Ada", None)
    assert (mine["ref"], mine["message"]) == ("m1", heard["message"])
    assert heard["message"]["id"] == (await house.store.tail(room_id, EntryKind.CHAT, 1))[0].position


async def test_newcomers_see_the_newest(tmp_path) -> None:
    async with open_house(tmp_path, Limits(chat_kept=3)) as house:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        for number in range(5):
            say(room, ada, str(number), None)
        await house.written()
        _, _, lin = await house.enter(room_id, "Lin")
        assert [message["text"] for message in lin.events("welcome")[0]["chat"]] == ["2", "3", "4"]
