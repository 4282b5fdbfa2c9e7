"""An instance that is told to stop hands its people over to the others while they type, and they hardly notice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.cluster.topology import Cluster
from tests.e2e.fixtures import TOPOLOGY, ManyPeople, make_server
from tests.e2e.room import Room, join_room, open_room

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(TOPOLOGY != "cluster", reason="one server has no other to hand people over to (make e2e TOPOLOGY=cluster)"),
]

UNSAID_MILLISECONDS = 3_500
"""So long nothing is said of a connection that comes back (web/src/panels/room/away.ts)."""
WATCH = """
() => {
  self.seen = []
  const look = () => {
    const state = document.querySelector('[data-testid=connection]')?.textContent ?? ''
    const banner = document.querySelector('[aria-label="State of the room"]')?.textContent ?? ''
    const last = self.seen.at(-1)
    if (last?.state !== state || last.banner !== banner) self.seen.push({ at: performance.now(), state, banner })
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
  look()
}
"""
"""Keeps each state of the connection, and each banner, that the page has shown, with the time."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """One of the test's own, whose instances it stops."""
    made = make_server(tmp_path / "data")
    assert isinstance(made, Cluster)
    made.start()
    yield made
    made.close()


@asynccontextmanager
async def typing(room: Room, words: list[str]) -> AsyncIterator[None]:
    """Somebody types one word after the other meanwhile, where their caret is; which ones, is in `words` afterwards."""
    enough = asyncio.Event()

    async def go_on() -> None:
        for number in count():
            words.append(f"{number} ")
            await room.page.keyboard.type(words[-1], delay=20)
            if enough.is_set():
                return

    keys = asyncio.create_task(go_on())
    try:
        yield
    finally:
        enough.set()
        await keys


async def require_hardly_noticed(room: Room) -> None:
    """The page was never offline, said nothing of a connection that came back soon, and has moved."""
    seen = await room.page.evaluate("self.seen")
    assert {one["state"] for one in seen} <= {"Connected", "Connecting…"}, seen
    away_since: float | None = None
    for one in seen:
        away_since = None if one["state"] == "Connected" else away_since or one["at"]
        assert not one["banner"] or (away_since is not None and one["at"] - away_since >= UNSAID_MILLISECONDS - 50), seen
    assert "Connecting…" in {one["state"] for one in seen}, "it has moved"


async def test_people_go_on_typing_while_each_instance_is_restarted_in_turn(cluster: Cluster, people: ManyPeople) -> None:
    ada = await open_room(await people("Ada"), cluster)
    await ada.replace("ada: \nlin: ")
    lin = await join_room(await people("Lin"), ada.address)
    await lin.wait_text("ada: \nlin: ")
    await ada.editor.press("Control+Home")
    await ada.page.keyboard.press("End")
    await lin.editor.press("Control+End")
    by_ada, by_lin = list[str](), list[str]()
    for room in (ada, lin):
        await room.page.evaluate(WATCH)
    async with typing(ada, by_ada), typing(lin, by_lin):
        for instance in cluster.instances:
            assert await asyncio.to_thread(instance.stop) == 0, instance.log
            for room in (ada, lin):
                await expect(room.connection).to_have_text("Connected")
            await asyncio.to_thread(instance.start)
    text = f"ada: {''.join(by_ada)}\nlin: {''.join(by_lin)}"
    for room in (ada, lin):
        await room.wait_text(text)
        await room.saved()
    await expect(ada.page.get_by_role("contentinfo", name="Status")).to_contain_text(f"Ln 1, Col {len(text.splitlines()[0]) + 1}")
    await expect(lin.page.get_by_role("contentinfo", name="Status")).to_contain_text(f"Ln 2, Col {len(text.splitlines()[1]) + 1}")
    for room in (ada, lin):
        await expect(room.editor).to_be_focused()
        await require_hardly_noticed(room)
