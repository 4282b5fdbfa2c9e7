"""People who type as Yjs clients do, some of it damaged on its way."""

import random
from typing import Any

from pycrdt import Doc, Map, Text

from tests.fuzz.adversary import damaged

LETTERS = ("x", "yy", "\n    ", "ü", "林檎", "👩")


class Typist:
    """Somebody's copy of a room's document."""

    def __init__(self, client: int, start: bytes, chance: random.Random) -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self.doc.apply_update(start)
        self.text = self.doc.get("file:main", type=Text)
        self._chance = chance

    def act(self) -> bytes:
        """What the next keystroke, deletion, choice of a language or new file sends."""
        before, chance = self.doc.get_state(), self._chance
        places = [0]
        for letter in str(self.text):  # pycrdt counts in bytes
            places.append(places[-1] + len(letter.encode()))
        if places[-1] != len(self.text):  # somebody hostile put a value there that counts and is not shown: all behind it stands elsewhere
            places = [0]
        with self.doc.transaction():
            match chance.choices(range(4), (6, 3, 1, 1))[0]:
                case 0:
                    self.text.insert(places[-1] if chance.random() < 0.6 else chance.choice(places), chance.choice(LETTERS))
                case 1 if len(places) > 1:
                    at = chance.randrange(len(places) - 1)
                    del self.text[places[at] : places[min(len(places) - 1, at + chance.choice((1, 1, 3)))]]
                case 2:
                    self._choose(chance.choice(("python", "rust")))
                case _:
                    self.doc.get("files", type=Map)[chance.choice("ab")] = Map({"name": "a.py", "language": "go", "order": 1.0})
        return self.doc.get_update(before)

    def _choose(self, language: str) -> None:
        files = self.doc.get("files", type=Map)
        if not isinstance(files.get("main"), Map):  # somebody has removed it, or put something else there
            files["main"] = Map({"name": "main.py", "order": 0.0})
        files["main"]["language"] = language

    def hear(self, update: bytes) -> None:
        self.doc.apply_update(update)


def on_its_way(update: bytes, chance: random.Random) -> bytes:
    """An update as it comes: mostly whole."""
    return damaged(update, chance) if chance.random() < 0.3 else update
