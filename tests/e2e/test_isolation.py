"""What participants run reaches nothing: not our API nor its cookies, not the page, not this browser's storage, and not
the network. A listening socket tells whether anything came; the number of rooms tells whether the API was asked."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.cluster.topology import Cluster
from tests.e2e.fixtures import ManyPeople
from tests.e2e.room import Room, join_room, open_room
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

PYTHON_SECONDS = 60_000
BLOCKED = r"policy|Policy|sandbox|[Bb]locked|Refused|denied|violates|permission to navigate|asked another origin"
"""What Chromium says when it stops such code; here that is what ought to happen. Whether a request that was begun also
left the browser is what `Elsewhere` tells."""

REACH = Path(__file__).parent / "reach"
JAVASCRIPT = (REACH / "everything.js").read_text("utf-8")
PAGE = (REACH / "everything.html").read_text("utf-8")

PYTHON = """def attempt(name, act):
    try:
        print(name, 'GOT', str(act())[:60])
    except BaseException as error:
        print(name, 'nothing')

import urllib.request, socket, js
attempt('urllib', lambda: urllib.request.urlopen('ELSEWHERE/urllib').status)
attempt('socket', lambda: socket.create_connection(('127.0.0.1', PORT), 1).send(b'x'))
attempt('cookie', lambda: js.document.cookie)
attempt('localStorage', lambda: js.localStorage.length)
attempt('indexedDB', lambda: js.indexedDB.open('fourhands').result.name)
attempt('parent', lambda: js.parent.document.title)
def xhr():
    request = js.XMLHttpRequest.new()
    request.open('GET', 'ELSEWHERE/xhr', False)
    request.send()
    return request.status
attempt('xhr', xhr)
from pyodide.http import pyfetch
async def later():
    for url in ('SERVER/api/rooms', 'ELSEWHERE/pyfetch', '/api/rooms'):
        try:
            print('pyfetch GOT', (await pyfetch(url, method='POST', body='{}')).status)
        except BaseException as error:
            print('pyfetch nothing')
import asyncio
asyncio.run(later()) if not asyncio.get_event_loop().is_running() else await later()
print('all tried')
"""


class Elsewhere:
    """A listening socket that counts who connects."""

    def __init__(self, listening: asyncio.Server, heard: list[bytes]) -> None:
        self.port: int = listening.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.heard = heard

    def fill(self, program: str, server: ServerProcess) -> str:
        """The program with the addresses put in."""
        return program.replace("SERVER", server.url).replace("ELSEWHERE", self.url).replace("PORT", str(self.port))


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """Another site; nothing of a test may reach it."""
    heard: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(b"connected")
        heard.append(await reader.read(200))
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as listening:
        other = Elsewhere(listening, heard)
        reader, writer = await asyncio.open_connection("127.0.0.1", other.port)
        writer.write(b"hello")
        assert await reader.read() == b""
        assert heard == [b"connected", b"hello"], "whoever comes is heard"
        heard.clear()
        yield other


def rooms(server: ServerProcess) -> int:
    """How many rooms there are."""
    if isinstance(server, Cluster) and server.database:
        return int(server.backends.postgres.sql("SELECT count(*) FROM rooms", server.database))
    with contextlib.closing(sqlite3.connect(server.database_url.removeprefix("sqlite:///"))) as database:
        return database.execute("SELECT count(*) FROM rooms").fetchone()[0]


async def host_and_guest(server: ServerProcess, people: ManyPeople) -> tuple[Room, Room]:
    """Ada and Lin in one room; what their browsers say about blocked code is no complaint."""
    ada, lin = await people("Ada"), await people("Lin")
    for person in (ada, lin):
        person.tolerate(BLOCKED)
    host = await open_room(ada, server)
    return host, await join_room(lin, host.address)


@pytest.mark.parametrize("language", ["JavaScript", "TypeScript"])
async def test_javascript_reaches_nothing(server: ServerProcess, people: ManyPeople, elsewhere: Elsewhere, language: str) -> None:
    host, _ = await host_and_guest(server, people)
    before = rooms(server)
    await host.choose_language(language)
    program = elsewhere.fill(JAVASCRIPT, server)
    await host.replace("// @ts-nocheck\n(async () => {" + program + "\nconsole.log(found.join('\\n'))\nconsole.log('all tried')\n})()")
    card = await host.run()
    await expect(card).to_contain_text("all tried", timeout=60_000)
    output = await card.locator("pre").inner_text()
    assert "GOT" not in output, output
    assert output.count("nothing") >= 20, "everything was tried"
    assert elsewhere.heard == []
    assert rooms(server) == before


async def test_python_reaches_nothing(server: ServerProcess, people: ManyPeople, elsewhere: Elsewhere) -> None:
    host, _ = await host_and_guest(server, people)
    before = rooms(server)
    await host.choose_language("Python")
    await host.replace(elsewhere.fill(PYTHON, server))
    card = await host.run()
    await expect(card).to_contain_text("all tried", timeout=PYTHON_SECONDS)
    output = await card.locator("pre").inner_text()
    assert "GOT" not in output, output
    assert elsewhere.heard == []
    assert rooms(server) == before


async def test_a_page_of_html_reaches_nothing_on_either_side(server: ServerProcess, people: ManyPeople, elsewhere: Elsewhere) -> None:
    host, guest = await host_and_guest(server, people)
    before = rooms(server)
    await host.choose_language("HTML")
    await host.replace(elsewhere.fill(PAGE.replace("JAVASCRIPT", JAVASCRIPT), server))
    card = await host.run()
    words = "tried, nothing got"
    await expect(card.frame_locator("iframe").frame_locator("iframe").locator("p")).to_contain_text(words, timeout=60_000)
    theirs = guest.output.get_by_role("article", name="run by Ada")
    await theirs.get_by_role("button", name="Show Ada’s page").click()
    await expect(theirs.frame_locator("iframe").frame_locator("iframe").locator("p")).to_contain_text(words, timeout=60_000)
    assert elsewhere.heard == []
    assert rooms(server) == before


@pytest.mark.parametrize(
    "way",
    [
        "location = '{0}/go'",
        "location.href = '{1}/api/rooms'",
        "top.location = '{0}/top'",
        "document.body.innerHTML = '<a href={0}/a target=_top>x</a>'; document.querySelector('a').click()",
    ],
)
async def test_a_page_of_html_cannot_go_elsewhere(server: ServerProcess, people: ManyPeople, elsewhere: Elsewhere, way: str) -> None:
    host, _ = await host_and_guest(server, people)
    address = host.page.url
    await host.choose_language("HTML")
    await host.replace(f"<body><script>console.log('going'); {way.format(elsewhere.url, server.url)}</script></body>")
    card = await host.run()
    await expect(card).to_contain_text("going")
    await host.write("\n<!-- the room is as it was -->")
    await host.saved()
    assert host.page.url == address
    assert elsewhere.heard == []
