"""The client that docs/protocol.md shows takes part in a room."""

import ast
import asyncio
import contextlib
import re
from types import CodeType
from typing import Any
from urllib.parse import urlsplit

import pycrdt
import websockets

from tests.architecture.sources import ROOT
from tests.server import ServerProcess
from tests.wire.client import Client, Room

PASTED = "x" * (3 << 19)
"""More than libraries of clients take by default."""


def shown(server_url: str) -> CodeType:
    """What the page shows, but for the server's address."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "protocol.md").read_text("utf-8"), re.DOTALL)
    assert "127.0.0.1:8000" in code
    return compile(code.replace("127.0.0.1:8000", urlsplit(server_url).netloc), "protocol.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


async def test_the_client_of_the_page_gets_the_text_and_is_asked_for_its_own(server: ServerProcess) -> None:
    room = Room.open(server.url)
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    names: dict[str, Any] = {"pycrdt": Prepared(doc), "websockets": websockets, "room": room.id, "token": room.join()}
    doc.get("file:main", type=pycrdt.Text).insert(0, "here ")
    came = asyncio.Event()
    watching = doc.observe(lambda event: came.set() if b"there" in event.update else None)
    async with Client(server.url, room.id, room.host) as ada:
        ada.doc.get("elsewhere", type=pycrdt.Text).insert(0, PASTED)
        await ada.flush()
        await ada.until_saved()
        running = asyncio.ensure_future(eval(shown(server.url), names))
        await ada.until_text("here ")
        await ada.insert(5, "and there")
        await asyncio.wait_for(came.wait(), 20)
        assert not running.done()
    watching.drop()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


class Prepared:
    """pycrdt, whose new documents are that one."""

    def __init__(self, doc: pycrdt.Doc[Any]) -> None:
        self.Doc = lambda: doc

    def __getattr__(self, name: str) -> object:
        return getattr(pycrdt, name)
