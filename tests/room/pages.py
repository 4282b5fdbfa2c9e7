"""A document in somebody's browser, as tests of rooms need it."""

from pycrdt import Doc, Map, Text

from tests.house import House


class Page:
    """A document in somebody's browser."""

    def __init__(self, client: int, start: bytes) -> None:
        self.doc = Doc(client_id=client)
        self.doc.apply_update(start)
        self.text = self.doc.get("file:main", type=Text)

    def type(self, what: str) -> bytes:
        before = self.doc.get_state()
        self.text.insert(0, what)
        return self.doc.get_update(before)

    def choose(self, language: str) -> bytes:
        before = self.doc.get_state()
        self.doc.get("files", type=Map)["main"]["language"] = language
        return self.doc.get_update(before)


async def room_of(house: House) -> str:
    return (await house.open(name="Host")).room.id
