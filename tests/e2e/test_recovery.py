"""What happens when the network, the server, the database or the room goes away: nothing that read "Saved" is lost, what
was never sent is offered, and pages come back by themselves."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.fixtures import ManyPeople, make_server
from tests.e2e.room import Room, join_room, open_room
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def impatient_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of the test's own that waits a short time only for a locked database."""
    process = make_server(tmp_path / "data", env={"FOURHANDS_DATABASE_BUSY_SECONDS": "0.2"})
    process.start()
    yield process
    process.close()


@contextlib.contextmanager
def locked(server: ServerProcess) -> Iterator[None]:
    """Nobody else can write to the server's database meanwhile."""
    with contextlib.closing(sqlite3.connect(server.data_dir / "fourhands.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


async def kept_for_offline(room: Room) -> None:
    """Until this page would also load without a network."""
    await room.page.wait_for_function("() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)")


async def type_slowed_and_reload(room: Room, text: str) -> None:
    """The page's processor is ten times slower while that is typed: what is kept in the browser falls behind; then the page is loaded anew."""
    wire = await room.page.context.new_cdp_session(room.page)
    await wire.send("Emulation.setCPUThrottlingRate", {"rate": 10})
    await room.editor.press("Control+End")
    await room.page.keyboard.type(text)
    await expect(room.saving).to_have_text("Not saved")
    await room.page.reload(wait_until="commit")
    await wire.send("Emulation.setCPUThrottlingRate", {"rate": 1})


async def test_edits_made_offline_merge_on_return(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    await host.write("together\n")
    guest = await join_room(lin, (await host.links())["editor"])
    await guest.wait_text("together\n")
    await lin.context.set_offline(True)
    await expect(guest.banners).to_contain_text("Reconnecting… your text is safe.")
    await guest.write("by lin, alone\n")
    await expect(guest.saving).to_have_text("Not saved")
    await host.editor.press("Control+Home")
    await host.page.keyboard.type("by ada, meanwhile\n")
    await host.saved()
    await lin.context.set_offline(False)
    for room in (guest, host):
        await room.wait_text("by ada, meanwhile\ntogether\nby lin, alone\n")
        await room.saved()
    await expect(guest.connection).to_have_text("Connected")


async def test_a_reload_while_offline_keeps_the_text_and_merges_later(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin", service_workers="allow")
    host = await open_room(ada, server)
    await host.write("before\n")
    guest = await join_room(lin, (await host.links())["editor"])
    await guest.wait_text("before\n")
    await guest.saved()
    await kept_for_offline(guest)
    await lin.context.set_offline(True)
    await expect(guest.banners).to_contain_text("Reconnecting…")
    await type_slowed_and_reload(guest, "offline\n")
    await guest.wait_text("before\noffline\n")
    await expect(guest.saving).to_have_text("Not saved")
    await guest.write("after the reload\n")
    await guest.page.reload()
    await guest.wait_text("before\noffline\nafter the reload\n")
    await lin.context.set_offline(False)
    for room in (host, guest):
        await room.wait_text("before\noffline\nafter the reload\n")
        await room.saved()


async def test_a_killed_server_loses_nothing_that_read_saved(own_server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, own_server)
    link = (await host.links())["editor"]
    await host.choose_language("SQL (SQLite)")
    await host.write("select 1;\n")
    await host.saved()
    own_server.kill()
    await host.page.close()  # so that nobody can send it again
    own_server.start()
    guest = await join_room(lin, link)
    await guest.wait_text("select 1;\n")
    await expect(guest.language).to_have_value("sql")


async def test_pages_recover_by_themselves_from_a_killed_server(own_server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin", service_workers="allow")
    host = await open_room(ada, own_server)
    guest = await join_room(lin, (await host.links())["editor"])
    await host.write("[]")
    await guest.wait_text("[]")
    own_server.kill()
    for room in (host, guest):
        await expect(room.connection).not_to_have_text("Connected")
    await host.editor.press("Home")
    await guest.editor.press("End")
    await asyncio.gather(host.page.keyboard.type("ada"), guest.page.keyboard.type("lin"))
    await expect(host.saving).to_have_text("Not saved")
    own_server.start()
    for room in (host, guest):
        await room.ready()
        await room.wait_text("ada[]lin")
        await room.saved()
    await host.write("!")
    await guest.wait_text("ada[]lin!")


@pytest.mark.one_server("nobody can lock all of PostgreSQL against its clients")
async def test_a_locked_database_is_said_and_what_waits_is_saved_later(impatient_server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, impatient_server)
    link = (await host.links())["editor"]
    guest = await join_room(lin, link)
    with locked(impatient_server):
        await host.write("kept meanwhile")
        await expect(host.saving).to_have_text("Not saved")
        await expect(host.banners).to_contain_text("Not saved.")
        await guest.wait_text("kept meanwhile")
    await host.saved()
    await guest.saved()
    await expect(host.banners).not_to_contain_text("Not saved.")
    impatient_server.kill()
    impatient_server.start()
    await (await people("Ada")).go(link)
    late = await join_room(await people("Lin"), link)
    await late.wait_text("kept meanwhile")


async def test_a_room_that_ended_meanwhile_gives_the_unsent_text_back(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    await host.write("known\n")
    guest = await join_room(lin, (await host.links())["editor"])
    await guest.wait_text("known\n")
    await lin.context.set_offline(True)
    await expect(guest.banners).to_contain_text("Reconnecting…")
    await guest.write("never sent\n")
    await expect(guest.saving).to_have_text("Not saved")
    ended = guest.id
    await host.end()
    await lin.context.set_offline(False)
    await rescue(guest, ended, "known\nnever sent\n")


@pytest.mark.one_server("its database is a file of its own, which is deleted, and its secret another")
@pytest.mark.parametrize("lost", ["database", "database and secret"])
async def test_a_room_the_server_has_lost_gives_the_unsent_text_back(own_server: ServerProcess, people: ManyPeople, lost: str) -> None:
    room = await open_room(await people("Lin"), own_server)
    own_server.kill()
    await expect(room.connection).not_to_have_text("Connected")
    await room.write("only here\n")
    await expect(room.saving).to_have_text("Not saved")
    before = room.id
    for path in own_server.data_dir.iterdir():
        if path.name != "secret" or "secret" in lost:
            path.unlink()
    own_server.start()
    await rescue(room, before, "only here\n", heading="There is no room here")


async def test_who_loses_their_place_while_inside_joins_again_with_their_text(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    await host.write("known\n")
    guest = await join_room(lin, (await host.links())["editor"])
    await guest.wait_text("known\n")
    await lin.context.set_offline(True)
    await expect(guest.banners).to_contain_text("Reconnecting…")
    await guest.write("unsent\n")
    await expect(guest.saving).to_have_text("Not saved")
    await lin.context.clear_cookies()
    await lin.context.set_offline(False)
    await expect(guest.page.get_by_role("heading", name="Join again to go on")).to_be_visible()
    await expect(guest.page.get_by_label("Text that was not sent")).to_have_value("known\nunsent\n")
    await guest.page.get_by_role("button", name="Join again").click()
    await guest.page.get_by_role("button", name="Join", exact=True).click()
    await guest.ready()
    for room in (guest, host):
        await room.wait_text("known\nunsent\n")
        await room.saved()


async def test_two_tabs_offline_keep_what_each_wrote(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada", service_workers="allow")
    first = await open_room(ada, server)
    second = Room(await ada.open(first.address))
    await second.ready()
    await kept_for_offline(first)
    await ada.context.set_offline(True)
    for room in (first, second):
        await expect(room.banners).to_contain_text("Reconnecting…")
    await first.write("first\n")
    await second.write("second\n")
    for room in (first, second):
        await expect(room.saving).to_have_text("Not saved")
    await second.page.close()
    await first.page.reload()
    await first.wait_for("(text) => text.includes('first') && text.includes('second')", None)
    await ada.context.set_offline(False)
    await first.saved()
    guest = await join_room(await people("Lin"), first.address)
    await guest.wait_text(await first.text())


async def test_an_ordinary_restart_is_hardly_noticed(own_server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada", service_workers="allow"), own_server)
    guest = await join_room(await people("Lin"), host.address)
    await host.write("before ")
    await guest.wait_text("before ")
    own_server.stop()
    await host.write("during ")
    own_server.start()
    await guest.wait_text("before during ")
    for room in (host, guest):
        await room.ready()
        await room.saved()
        await expect(room.banners).to_be_empty()


async def rescue(room: Room, ended: str, text: str, *, heading: str = "This room has ended") -> None:
    """The page that is shown in the room's place offers the text, to download and as a new room."""
    page = room.page
    await expect(page.get_by_role("heading", name=heading)).to_be_visible()
    await expect(page.get_by_label("Text that was not sent")).to_have_value(text)
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download").click()
    assert (await (await download.value).path()).read_text("utf-8") == text
    await page.get_by_role("button", name="Open as a new room").click()
    await room.ready()
    await room.wait_text(text)
    await room.saved()
    assert room.id != ended
    await page.reload()
    await room.ready()
    await room.wait_text(text)
