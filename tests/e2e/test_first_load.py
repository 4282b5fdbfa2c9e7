"""What the first visit costs: bytes on the wire until the editor takes keys. What is fetched later, when it is first used
or to be at hand, does not count."""

from typing import Any

import pytest
from playwright.async_api import CDPSession

from tests.e2e.fixtures import ManyPeople
from tests.e2e.person import Person
from tests.e2e.room import Room, open_room
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

BUDGET_BYTES = 200_000
NOTE_WHEN_USABLE = """
new MutationObserver((changes, observer) => {
  const editor = document.querySelector('.room .editor-place > div')?.shadowRoot?.querySelector('.cm-content[contenteditable=true]')
  if (!editor) return
  observer.disconnect()
  console.log(`the editor takes keys at ${performance.timeOrigin + performance.now()}`)
}).observe(document, { subtree: true, childList: true })
"""


class Transfer:
    """Counts what a page transfers, by file, as the wire carries it: compressed, with headers."""

    def __init__(self, wire: CDPSession) -> None:
        self._names: dict[str, str] = {}
        self._finished: list[tuple[float, str, int]] = []
        self._clock_starts = 0.0
        wire.on("Network.requestWillBeSent", self._begin)
        wire.on("Network.loadingFinished", self._finish)

    @classmethod
    async def of(cls, person: Person) -> "Transfer":
        """Count from now on, in the person's first page."""
        wire = await person.context.new_cdp_session(person.page)
        await wire.send("Network.enable")
        return cls(wire)

    def before(self, moment: float) -> dict[str, int]:
        """Bytes by file, the largest first, of what was complete at that moment (seconds since 1970)."""
        sizes = [(size, name) for at, name, size in self._finished if self._clock_starts + at <= moment]
        return {name: size for size, name in sorted(sizes, reverse=True)}

    def _begin(self, event: dict[str, Any]) -> None:
        self._clock_starts = event["wallTime"] - event["timestamp"]
        self._names[event["requestId"]] = event["request"]["url"].rsplit("/", 1)[-1] or "/"

    def _finish(self, event: dict[str, Any]) -> None:
        self._finished.append((event["timestamp"], self._names.get(event["requestId"], "?"), int(event["encodedDataLength"])))


async def test_by_a_link_the_editor_takes_keys_within_the_budget(server: ServerProcess, people: ManyPeople) -> None:
    address = (await open_room(await people("Ada"), server)).address
    lin = await people("Lin", service_workers="allow")
    await lin.context.add_init_script(NOTE_WHEN_USABLE)
    transfer = await Transfer.of(lin)
    page = await lin.go(address)
    async with page.expect_console_message(lambda message: message.text.startswith("the editor takes keys")) as told:
        await page.get_by_role("button", name="Join", exact=True).click()
    counted = transfer.before(float((await told.value).text.rsplit(" ", 1)[1]) / 1000)
    room = Room(page)
    await room.editor.press("x")
    await room.wait_text("x")
    assert BUDGET_BYTES / 4 < sum(counted.values()) < BUDGET_BYTES, counted
