"""Files as a document lists them, whatever clients wrote there; `test_document.py` tests it with documents."""

from typing import Any

import pytest
from pycrdt import Doc, Map

from fourhands.model.room import File
from fourhands.room.listing import files_of, languages_of
from fourhands.room.replica import Replica


def replica_of(files: dict[str, Any]) -> Replica:
    doc: Doc[Any] = Doc()
    listed = doc.get("files", type=Map)
    for file, entry in files.items():
        listed[file] = Map(entry) if isinstance(entry, dict) else entry
    replica = Replica()
    replica.apply([doc.get_update()])
    return replica


def test_by_their_order_and_then_by_their_ids() -> None:
    replica = replica_of({"b": {"name": "b.py", "order": 1.0}, "a": {"name": "a.py", "order": 1.0}, "c": {"name": "c.py", "order": -1.0}})
    assert [file.id for file in files_of(replica)] == ["c", "a", "b"]


@pytest.mark.parametrize("order", ["first", None, float("nan"), float("inf")])
def test_what_is_no_order_is_none(order: object) -> None:
    replica = replica_of({"a": {"order": order}, "b": {"order": -1.0}, "c": {"order": 0.5}})
    assert [file.id for file in files_of(replica)] == ["b", "a", "c"]


def test_what_is_no_file_is_left_out_and_what_lacks_is_filled_in() -> None:
    replica = replica_of({"a": {"name": 7, "language": 7}, "b": "text", "c": {"language": "rust"}})
    assert files_of(replica) == [File("a", "a", "plaintext"), File("c", "c", "rust")]
    assert languages_of(replica) == {"c": "rust"}


def test_names_have_nothing_that_nobody_sees() -> None:
    replica = replica_of({"a": {"name": "a\u202egnp.exe"}, "b": {"name": "\u202e"}, "c\u202e": {"name": ""}})
    assert [(file.id, file.name) for file in files_of(replica)] == [("a", "agnp.exe"), ("b", "b"), ("c\u202e", "c")]
