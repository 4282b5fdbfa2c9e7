"""A room's newest large answer to a step 1, for those who ask the same in the next moment: hundreds who come at once are told one thing."""

from fourhands.protocol import sync
from fourhands.protocol.websocket import frame
from fourhands.room.document import Document

KEPT_BYTES = 16 * 1024
"""A smaller one is made anew as fast."""


class Answers:
    """Kept until the document changes, or nobody has asked for a second."""

    __slots__ = ("_asked", "_told")

    def __init__(self) -> None:
        self._asked: tuple[int, bytes] | None = None
        self._told = b""

    def frame(self, document: Document, edits: int, vector: bytes) -> bytes:
        """What somebody with that state vector lacks, as a frame; `edits` counts what changed the document. Raises `InvalidRequest` or `TooLarge`."""
        if self._asked == (edits, vector):
            return self._told
        told = frame(sync.step2(document.state(vector)))
        if len(told) >= KEPT_BYTES:
            self._asked, self._told = (edits, vector), told
        else:
            self.forget()
        return told

    def forget(self) -> None:
        self._asked, self._told = None, b""
