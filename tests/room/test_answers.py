"""Many who ask for the same are told the same bytes, until the document changes."""

from fourhands.model.limits import Limits
from fourhands.protocol import sync
from fourhands.protocol.websocket import frame
from fourhands.room.answers import KEPT_BYTES, Answers
from fourhands.room.document import Document


def test_the_newest_large_one_is_kept_while_nothing_changes() -> None:
    document = Document.with_file(Limits(), "main.py", "python", "x" * KEPT_BYTES)
    answers = Answers()
    first = answers.frame(document, 1, b"\x00")
    assert first == frame(sync.step2(document.state()))
    assert answers.frame(document, 1, b"\x00") is first
    assert answers.frame(document, 2, b"\x00") is not first
    assert answers.frame(document, 2, document.state_vector()) != first
    again = answers.frame(document, 2, b"\x00")
    answers.forget()
    assert answers.frame(document, 2, b"\x00") is not again


def test_a_small_one_is_not_kept() -> None:
    document = Document.with_file(Limits(), "main.py", "python", "x")
    answers = Answers()
    assert answers.frame(document, 1, b"\x00") is not answers.frame(document, 1, b"\x00")
