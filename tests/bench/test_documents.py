"""Texts and histories of a given length, read by another implementation of Yjs."""

import struct
from pathlib import Path

import pytest
from pycrdt import Doc, Text

from bench.documents import CLIENT, Update, pasted_text, typed_history, write_updates
from bench.yjs_text import clocks_of


def document_of(updates: list[Update]) -> Doc[Text]:
    document: Doc[Text] = Doc()
    for update in updates:
        document.apply_update(update.encoded)
        assert clocks_of(document.get_state()) == {CLIENT: update.end_clock}, "no update waits for another"
    return document


@pytest.mark.parametrize("size", [1, 99, 100, 101, 5_000, 123_456])
def test_a_text_has_exactly_the_bytes_that_were_asked_for(size: int) -> None:
    updates = list(pasted_text(size))
    assert len(str(document_of(updates).get("codemirror", type=Text)).encode()) == size
    assert updates == list(pasted_text(size))


def test_a_pasted_text_is_in_many_pieces() -> None:
    assert len(document_of(list(pasted_text(100_000))).get_update()) > 110_000


@pytest.mark.parametrize("edits", [1, 50, 3_000])
def test_a_history_has_exactly_the_edits_that_were_asked_for(edits: int) -> None:
    updates = list(typed_history(edits, text_bytes=500))
    assert len(updates) == edits
    text = str(document_of(updates).get("codemirror", type=Text))
    assert min(edits, 500 - 30) <= len(text) <= 500
    assert updates == list(typed_history(edits, text_bytes=500))


def test_the_text_can_be_a_file_of_ours() -> None:
    assert len(str(document_of(list(typed_history(10, 100, b"file:main"))).get("file:main", type=Text))) == 10
    assert len(str(document_of(list(pasted_text(10, b"file:main"))).get("file:main", type=Text))) == 10


def test_the_file_holds_writer_clock_length_and_update(tmp_path: Path) -> None:
    updates = list(typed_history(3, 100))
    write_updates(tmp_path / "updates", updates)
    expected = b"".join(struct.pack("<BII", 0, update.end_clock, len(update.encoded)) + update.encoded for update in updates)
    assert (tmp_path / "updates").read_bytes() == expected
