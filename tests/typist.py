"""What somebody types, as the journal takes it: real updates of a document, made from a seed."""

import random

from pycrdt import Doc, Text, TransactionEvent

from fourhands.model.entry import Entry, EntryKind

WORDS = ["def", "return", "for", "in", "range", "if", "else", "print", "self", "value", "total", "index", "item", "(", ")", ":", "=", ".", ",", "[", "]"]


def typed(count: int, *, seed: int = 1, client: int = 3_141_592_653, member: str = "ada") -> list[Entry]:
    """So many keystrokes and backspaces, 60 to 300 ms apart."""
    dice, sent, at_ms = random.Random(seed), list[bytes](), 1_700_000_000_000
    doc: Doc[Text] = Doc(client_id=client)
    text = doc.get("file:main", type=Text)

    def note(event: TransactionEvent) -> None:
        sent.append(event.update)

    watching = doc.observe(note)
    place = length = 0
    entries: list[Entry] = []
    while len(sent) < count:
        if dice.random() < 0.1:
            place = dice.randint(0, length)
        for letter in dice.choice(WORDS) + " ":
            if place and dice.random() < 0.1:
                del text[place - 1 : place]
                place, length = place - 1, length - 1
            text.insert(place, letter)
            place, length = place + 1, length + 1
    doc.unobserve(watching)
    for update in sent[:count]:
        at_ms += dice.randint(60, 300)
        entries.append(Entry(EntryKind.EDIT, update, at_ms, member))
    return entries
