"""What people typed into one room, and what the server said of it: the judge of every text that is read later.

Every typed character is another one, so that a lost, doubled or invented one is seen exactly.
"""

from collections import Counter
from collections.abc import Iterable

CHARACTER_BYTES = 3  # of each in UTF-8, by which pycrdt counts; in UTF-16 each is one unit, by which Yjs counts
ALPHABET = [chr(code) for start, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xE000, 0xF900)) for code in range(start, end)]


class Ledger:
    """One room's: typed, said to be durable, deleted, deletion said to be durable; the same for chat."""

    def __init__(self) -> None:
        self._unused = iter(ALPHABET)
        self.typed: set[str] = set()
        self.saved: set[str] = set()
        self.deleted: set[str] = set()
        self.deletion_saved: set[str] = set()
        self.chat_sent: set[str] = set()
        self.chat_saved: set[str] = set()

    def type(self, count: int = 1) -> str:
        """Characters that were never typed before."""
        text = "".join(next(self._unused) for _ in range(count))
        self.typed.update(text)
        return text

    def delete(self, characters: Iterable[str]) -> None:
        """Somebody deletes these."""
        self.deleted.update(characters)

    def acknowledge(self, there: Iterable[str], gone: Iterable[str]) -> None:
        """The server said that a text with these, and without those, is durable."""
        self.saved.update(there)
        self.deletion_saved.update(gone)

    def check(self, text: str) -> None:
        """A text as read after whatever happened, by somebody who held nothing of it. Raises `AssertionError`."""
        counts = Counter(text)
        assert not (doubled := {one for one, count in counts.items() if count > 1}), f"doubled: {doubled}"
        assert not (invented := counts.keys() - self.typed), f"never typed: {invented}"
        assert not (lost := self.saved - self.deleted - counts.keys()), f"{len(lost)} of {len(self.saved)} lost that were said to be saved: {lost}"
        assert not (back := self.deletion_saved & counts.keys()), f"deletions lost that were said to be saved: {back}"

    def check_chat(self, chat: Iterable[str]) -> None:
        """All of a room's chat, as read after whatever happened. Raises `AssertionError`."""
        messages = Counter(chat)
        assert not (doubled := {one for one, count in messages.items() if count > 1}), f"chat doubled: {doubled}"
        assert not (invented := messages.keys() - self.chat_sent), f"chat never sent: {invented}"
        assert not (lost := self.chat_saved - messages.keys()), f"chat lost that was said: {lost}"

    def check_whole(self, text: str, held: Iterable[str]) -> None:
        """A text on which everybody agrees: all that one of them held, and that nobody deleted, is in it. Raises `AssertionError`."""
        self.check(text)
        assert not (lost := set(held) - self.deleted - set(text)), f"not in the common text: {lost}"
