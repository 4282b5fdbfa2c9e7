"""What a room passes on, the real Yjs takes without throwing, and it comes to the same text; what it would throw at is
refused before. The corpus of `tests/fuzz` is replayed here, too."""

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.model.limits import Limits
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import read_state_vector
from fourhands.room.document import PLAIN, Document
from tests.fuzz.adversary import everything_deleted
from tests.fuzz.typists import Typist, on_its_way
from tests.interop.node_client import HERE, node_with_packages

CORPUS = sorted((HERE.parent / "fuzz" / "corpus").glob("*.hex"))


class Yjs:
    """One process of Node."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def after(self, updates: list[bytes]) -> dict[str, Any]:
        """What a new document is after those updates, and what was thrown."""
        reader, writer = self._process.stdout, self._process.stdin
        assert reader and writer
        writer.write(json.dumps({"updates": [update.hex() for update in updates]}) + "\n")
        writer.flush()
        return json.loads(reader.readline())


@pytest.fixture(scope="module")
def yjs() -> Iterator[Yjs]:
    command = [str(node_with_packages().folder / "node"), str(HERE / "yjs-peer.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Yjs(process)
        process.terminate()


def told(document: Document, update: bytes) -> list[bytes]:
    """What others hear of it."""
    try:
        applied = document.apply(update)
    except (InvalidRequest, TooLarge):
        return []
    heard = [update] if applied is PLAIN else [applied.changed, *applied.woken]
    return [each for each in heard if each != EMPTY_UPDATE]


@pytest.mark.parametrize("seed", range(60))
def test_typing_that_is_damaged_on_its_way_stops_no_page(yjs: Yjs, seed: int) -> None:
    chance = random.Random(seed)
    document = Document.with_file(Limits(), "main.py", "python", "")
    heard = [document.state()]
    typists = [Typist(client, document.state(), chance) for client in (1001, 3_000_000_001)]
    for _ in range(40):
        heard += told(document, on_its_way(chance.choice(typists).act(), chance))
    page = yjs.after(heard)
    assert (page["thrown"], page["pending"]) == ([], False)
    assert (page["text"], page["again"]) == (document.text(), document.text())
    assert read_state_vector(bytes.fromhex(page["vector"])) == read_state_vector(document.state_vector())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_once_stopped_a_page_stops_none(yjs: Yjs, path: Path) -> None:
    document = Document.with_file(Limits(), "main.py", "python", "kept")
    heard = [document.state()]
    for line in path.read_text().split():
        heard += told(document, bytes.fromhex(line))
    page = yjs.after(heard)
    assert (page["thrown"], page["pending"], page["text"]) == ([], False, document.text())
    heard += told(document, everything_deleted(dict(read_state_vector(document.state_vector()))))
    page = yjs.after(heard)
    assert (page["thrown"], page["pending"], page["text"]) == ([], False, "")
