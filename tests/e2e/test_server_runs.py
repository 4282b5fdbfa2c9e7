"""Programs run on the server, in real sandboxes: everybody sees them, those who may write type into their terminals."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.fixtures import ManyPeople, make_server, wait_ready
from tests.e2e.room import Room, join_room, open_room
from tests.e2e.test_access import violations
from tests.e2e.test_phone import PHONE, fits
from tests.execution.languages.samples import open_folder
from tests.execution.sandboxes import needs_sandbox
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), needs_sandbox]

GREETING = "while True:\n    print('hello', input('who? '))"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One for the module, whose sandbox has been tested."""
    long = {"FOURHANDS_PROGRAMS_PER_MINUTE": "60", "FOURHANDS_PROGRAM_SECONDS": "60"}
    process = make_server(tmp_path_factory.mktemp("data"), env={"FOURHANDS_RUNNER": "child", **long})
    process.start()
    wait_ready(process)
    yield process
    process.close()


async def two(server: ServerProcess, people: ManyPeople) -> tuple[Room, Room]:
    """Ada, who opened the room, and Lin, who came by the editors' link."""
    host = await open_room(await people("Ada"), server)
    return host, await join_room(await people("Lin"), (await host.links())["editor"])


async def choose(room: Room, name: str, role: str = "menuitem") -> None:
    """Choose one of the ways beside Run."""
    await room.bar.get_by_role("button", name="Other ways to start").click()
    menu = room.page.get_by_role("menu", name="Ways to start")
    await menu.get_by_role("menuitemradio" if role == "radio" else "menuitem", name=name).click()
    await expect(menu).to_be_hidden()


def terminal(room: Room) -> Locator:
    """Where one types into the newest run."""
    return room.last_run.get_by_role("textbox", name="Terminal")


async def test_everyone_sees_who_ran_what_where_and_how_it_ended(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await expect(host.page.get_by_role("contentinfo", name="Status")).to_contain_text("Runs on the server")
    await host.replace("import sys\nprint('six', 6 * 7)\nprint('oh', file=sys.stderr)\nsys.exit(3)")
    card = await host.run()
    theirs = guest.output.get_by_role("article", name="run by Ada")
    for shown, who in ((card, "You ran main.py"), (theirs, "Ada ran main.py")):
        await expect(shown).to_contain_text("Failed with exit code 3")
        await expect(shown).to_contain_text(who)
        await expect(shown).to_contain_text("on the server")
        await expect(shown.locator(".stdout")).to_have_text("six 42\n")
        await expect(shown.locator(".stderr")).to_contain_text("oh")
        await expect(shown.locator(".run-foot")).to_contain_text("MB")
    await host.replace("print('mended')")
    await theirs.get_by_role("button", name="Run again").click()
    for room in (host, guest):
        await expect(room.output.get_by_role("article")).to_have_count(2)
        await expect(room.last_run).to_contain_text("mended")
        await expect(room.last_run).to_contain_text("Done")
    await guest.page.reload()
    await guest.ready()
    await expect(guest.output.get_by_role("article")).to_have_count(2)
    await expect(guest.output).to_contain_text("six 42")


async def test_a_program_that_asks_is_typed_into_by_those_who_may(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.replace(GREETING)
    await host.run()
    await expect(terminal(host)).to_be_focused()
    await expect(host.last_run).to_contain_text("who?")
    await host.page.keyboard.type("Ada\n")
    await expect(guest.last_run).to_contain_text("hello Ada")
    await terminal(guest).focus()
    await guest.page.keyboard.type("Grüße 世界\n")
    await expect(host.last_run).to_contain_text("hello Grüße 世界")
    viewer = await join_room(await people("Eve"), (await host.links())["viewer"])
    await expect(viewer.last_run).to_contain_text("hello Ada")
    await expect(viewer.last_run).to_contain_text("You see what others type.")
    await expect(terminal(viewer)).not_to_be_editable()
    await host.page.keyboard.press("Control+c")
    for room in (host, guest, viewer):
        await expect(room.last_run).to_contain_text("KeyboardInterrupt")
        await expect(room.last_run.locator(".run-foot")).to_contain_text("Interrupted")
    await expect(viewer.last_run.get_by_role("button")).to_have_count(0)


async def test_a_prompt_is_left_by_f6_ended_by_ctrl_d_and_opened_again(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await choose(host, "Open a Python prompt")
    await expect(host.last_run).to_contain_text(">>>")
    await expect(terminal(host)).to_be_focused()
    await host.page.keyboard.type("print('\\x1b[38;2;9;99;9mgreen\\x1b[0m', 6 * 7)\n")
    await expect(guest.last_run).to_contain_text("green 42")
    for room in (host, guest):
        assert await violations(room.page) == []
    await host.page.keyboard.press("F6")
    await expect(terminal(host)).not_to_be_focused()
    await terminal(host).focus()
    await host.page.keyboard.press("Control+d")
    await expect(guest.last_run).to_contain_text("Done")
    await host.last_run.get_by_role("button", name="Open again").click()
    await expect(host.output.get_by_role("article")).to_have_count(2)
    await expect(guest.last_run).to_contain_text(">>>")
    await guest.last_run.get_by_role("button", name="Stop").click()
    for room in (host, guest):
        await expect(room.last_run.locator(".run-foot")).to_contain_text("Stopped")


async def test_a_run_waits_for_the_one_before_and_says_so(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.replace("import time\nprint('begun')\ntime.sleep(60)")
    await host.run()
    await expect(host.last_run).to_contain_text("begun")
    await guest.run()
    for room in (host, guest):
        await expect(room.last_run).to_contain_text("Waiting: next to run")
    await host.bar.get_by_role("button", name="Stop").click()
    await expect(host.output.get_by_role("article").first.locator(".run-foot")).to_contain_text("Stopped")
    await expect(guest.last_run).to_contain_text("begun")
    await guest.bar.get_by_role("button", name="Stop").click()
    await expect(host.last_run.locator(".run-foot")).to_contain_text("Stopped")


async def test_the_host_chooses_for_the_room_where_it_runs(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.choose_language("JavaScript")
    await choose(host, "Everyone’s own browser", "radio")
    for room in (host, guest):
        await expect(room.page.get_by_role("contentinfo", name="Status")).to_contain_text("Runs in your browser")
    await guest.bar.get_by_role("button", name="Other ways to start").click()
    await expect(guest.page.get_by_role("menuitemradio")).to_have_count(0)
    await guest.page.keyboard.press("Escape")
    await host.replace("console.log(typeof window)")
    await expect(await host.run()).to_contain_text("in your browser")
    await guest.page.reload()
    await guest.ready()
    await expect(guest.page.get_by_role("contentinfo", name="Status")).to_contain_text("Runs in your browser")


async def test_a_terminal_fits_a_phone(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    await host.replace(GREETING)
    await host.run()
    await expect(host.last_run).to_contain_text("who?")
    phone = await join_room(await people("Lin", **PHONE), (await host.links())["editor"])
    await phone.page.get_by_role("navigation", name="Views").get_by_role("button", name="Output").tap()
    await expect(phone.last_run).to_contain_text("who?")
    assert await fits(phone.page)
    assert await violations(phone.page) == []
    await phone.last_run.get_by_role("button", name="Ctrl+C").tap()
    await expect(host.last_run).to_contain_text("KeyboardInterrupt")


PICTURE = """\
import os, struct, zlib
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\\0" + bytes([30, 144, 255]) * 40 for _ in range(20))
picture = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 20, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
os.write(int(os.environ["FOURHANDS_PICTURES"]), struct.pack(">I", len(picture)) + picture)
print("drawn")
"""


async def test_a_picture_that_a_program_shows_is_seen_by_all_and_is_there_after_a_reload(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.replace(PICTURE)
    await host.run()
    for room in (host, guest):
        await expect(room.last_run).to_contain_text("drawn")
        picture = room.last_run.get_by_role("list", name="Pictures of main.py").get_by_role("img")
        await expect(picture).to_have_js_property("naturalWidth", 40)
    await guest.page.reload()
    await guest.ready()
    await expect(guest.last_run.get_by_role("list", name="Pictures of main.py").get_by_role("img")).to_have_js_property("naturalWidth", 40)
    assert await violations(guest.page) == []


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.one_server("the runner that is killed is the server's own child")
async def test_a_run_whose_runner_is_killed_is_told_as_lost_and_the_next_one_runs(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    statuses = [room.page.get_by_role("contentinfo", name="Status") for room in (host, guest)]
    await expect(statuses[0]).to_contain_text("Runs on the server")
    await host.replace("import time\nprint('begun', flush=True)\ntime.sleep(50)")
    await host.run()
    for room in (host, guest):
        await expect(room.last_run).to_contain_text("begun")
    for child in children(server.pid):
        os.kill(child, signal.SIGKILL)
    for room in (host, guest):
        await expect(room.last_run).to_contain_text("so the run is lost. Start it again")
    for status in statuses:
        await expect(status).to_contain_text("Runs on the server", timeout=60_000)
    await host.replace("print('on the ' + 'server')")
    await expect(await host.run()).to_contain_text("on the server\n")


@pytest.fixture
def untested(tmp_path: Path) -> Iterator[tuple[ServerProcess, Path]]:
    """A server that has not tested its sandbox, until a file is there; a person may run one program a minute on it."""
    with open_folder() as folder:
        found, go, waits = shutil.which("bwrap"), folder / "go", folder / "bwrap"
        waits.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exec {found} --version\nwhile [ ! -e {go} ]; do sleep 0.1; done\nexec {found} "$@"\n')
        waits.chmod(0o755)
        settings = {"RUNNER": "child", "BWRAP": str(waits), "PROGRAMS_PER_MINUTE": "1", "PROGRAM_SECONDS": "60"}
        process = ServerProcess(tmp_path / "data", env={f"FOURHANDS_{name}": value for name, value in settings.items()})
        process.start()
        yield process, go
        process.stop()


async def test_a_page_that_came_before_the_sandbox_was_tested_runs_there_later_and_hears_when_it_is_too_much(
    untested: tuple[ServerProcess, Path], people: ManyPeople
) -> None:
    server, go = untested
    host, guest = await two(server, people)
    status = host.page.get_by_role("contentinfo", name="Status")
    await expect(status).to_contain_text("Runs in your browser")
    go.touch()
    await expect(status).to_contain_text("Runs on the server", timeout=60_000)
    await host.replace("print('on the ' + 'server')")
    await expect(await host.run()).to_contain_text("on the server\n")
    await host.run()
    await expect(host.last_run).to_contain_text("a minute may be run")
    await expect(host.last_run.get_by_role("button").first).to_be_visible()
    await expect(guest.output.get_by_role("article")).to_have_count(1)
