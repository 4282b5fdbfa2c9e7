"""Ways into a room: opened with one press, joined by a code in any form or by a link that gives a role."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.fixtures import ManyPeople, make_server
from tests.e2e.room import Room, join_room, open_room
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

CODE = re.compile(r"/r/[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}$")


async def test_one_press_opens_a_room_that_can_be_written_in(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people()
    page = await ada.go(server.url)
    await page.get_by_role("button", name="Open a room").click()
    room = await Room(page).ready()
    assert CODE.search(page.url), "the address is the room's, without a key"
    await expect(room.editor).to_be_focused()
    await page.keyboard.type("hello")
    await room.wait_text("hello")
    await room.saved()


async def test_a_code_is_taken_in_any_form(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people()
    host = await open_room(ada, server)
    key = (await host.links())["editor"].split("#")[1]
    forms = [
        host.id,
        host.id.upper(),
        host.id.replace("-", ""),
        f"  {host.id.replace('-', ' ')} ",
        host.id.replace("0", "O").replace("1", "l"),
        f"r/{host.id}",
        host.address,
        f"{host.address}#{key}",
    ]
    page = lin.page
    for form in forms:
        await lin.go(server.url)
        await page.get_by_label("Have a code?").fill(form)
        await page.get_by_role("button", name="Join").click()
        await expect(page.get_by_text("Ada is inside.")).to_be_visible()
    await page.get_by_label("Your name").fill("Lin")
    await page.keyboard.press("Enter")
    await Room(page).ready()
    await host.noticed("Lin joined")


async def test_a_code_that_cannot_be_one_is_said_to_be_wrong(server: ServerProcess, people: ManyPeople) -> None:
    page = await (await people()).go(server.url)
    code = page.get_by_label("Have a code?")
    await code.fill("not a code")
    await code.press("Enter")
    await expect(page.get_by_text("A code has twelve letters and digits")).to_be_visible()
    assert page.url == f"{server.url}/"


async def test_whoever_joins_gives_a_name_which_is_remembered(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people()
    first, second = await open_room(ada, server), await people("Ada")
    other = await open_room(second, server)
    page = await lin.go(first.address)
    await expect(page.get_by_label("Your name")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Type the name that the others will see.")).to_be_visible()
    await page.keyboard.type("Lin")
    await page.keyboard.press("Enter")
    await Room(page).ready()
    await lin.go(other.address)
    await expect(page.get_by_label("Your name")).to_have_value("Lin")


async def test_the_share_dialog_copies_a_link_for_each_role(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada", permissions=["clipboard-read", "clipboard-write"]), await people("Lin")
    host = await open_room(ada, server)
    links = await host.links()
    await host.bar.get_by_role("button", name="Share").click()
    dialog = host.page.get_by_role("dialog", name="Share this room")
    for title, link in {"To write together": links["editor"], "To host": links["host"], "To view": links["viewer"]}.items():
        await expect(dialog.get_by_label(title, exact=True)).to_have_value(link)
        await dialog.get_by_role("button", name=f"Copy the link: {title}").click()
        await host.page.wait_for_function("(link) => navigator.clipboard.readText().then((text) => text === link)", arg=link)
    await expect(dialog.get_by_text("The address without its key now lets people only view")).to_be_visible()
    await expect(dialog.get_by_label("Whoever has only the code or the plain address")).to_have_value("viewer")
    viewer = await join_room(lin, host.address)
    await expect(viewer.banners).to_contain_text("You are viewing.")
    await dialog.get_by_role("button", name="Keep it open for writing").click()
    await expect(dialog.get_by_label("Whoever has only the code or the plain address")).to_have_value("editor")


async def test_a_room_for_invited_people_alone_lets_nobody_else_in(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    links = await host.links()
    await host.bar.get_by_role("button", name="Share").click()
    guests = host.page.get_by_label("Whoever has only the code or the plain address")
    await guests.select_option(label="cannot come in")
    page = await lin.go(host.address)
    await expect(page.get_by_role("heading", name="This room is for invited people")).to_be_visible()
    await join_room(lin, links["editor"])
    assert "#" not in page.url, "the key is not left in the address"


async def test_a_host_who_opens_a_viewers_link_stays_host(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada")
    host = await open_room(ada, server)
    links = await host.links()
    await ada.go(links["viewer"])
    await host.ready()
    await host.write("still mine")
    await host.wait_text("still mine")
    assert (await host.links())["host"] == links["host"]


async def test_a_viewer_who_opens_an_editors_link_may_write(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    links = await host.links()
    guest = await join_room(lin, links["viewer"])
    await expect(guest.banners).to_contain_text("You are viewing.")
    await lin.go(links["editor"])
    await guest.ready()
    await guest.write("now I write")
    await host.wait_text("now I write")


async def test_two_rooms_in_one_browser_do_not_touch_each_other(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada")
    first = await open_room(ada, server)
    second = Room(await ada.open(server.url))
    await second.page.get_by_role("button", name="Open a room").click()
    await second.ready()
    assert first.id != second.id
    await first.write("one")
    await second.write("two")
    await first.saved()
    await second.saved()
    for room, text in ((first, "one"), (second, "two")):
        await room.page.reload()
        await room.ready()
        await room.wait_text(text)
        assert (await room.links()) is not None, "she is the host of both"


async def test_two_tabs_of_one_room_are_one_member(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    first = await open_room(ada, server)
    guest = await join_room(lin, first.address)
    second = Room(await ada.open(first.address))
    await second.ready()
    await first.write("from the first, ")
    await second.wait_text("from the first, ")
    await second.write("from the second")
    for room in (first, guest):
        await room.wait_text("from the first, from the second")
    others = (await guest.show("People")).get_by_role("list", name="Others in the room").get_by_role("listitem")
    await expect(others).to_have_count(1)
    await second.page.close()
    await first.write("!")
    await guest.wait_text("from the first, from the second!")
    await expect(others).to_have_count(1)
    await expect(others).to_contain_text("Ada")


async def test_who_lost_their_place_is_asked_to_join_again(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    guest = await join_room(lin, (await host.links())["editor"])
    await guest.write("kept")
    await guest.saved()
    cookies = await lin.context.cookies()
    await lin.context.add_cookies([{**cookie, "value": "broken." + cookie.get("value", "")} for cookie in cookies])  # pyright: ignore[reportArgumentType]
    await guest.page.reload()
    await expect(guest.page.get_by_label("Your name")).to_have_value("Lin")
    await guest.page.get_by_role("button", name="Join", exact=True).click()
    await guest.ready()
    await guest.wait_text("kept")


async def test_an_unknown_room_says_so_and_offers_a_new_one(server: ServerProcess, people: ManyPeople) -> None:
    page = await (await people("Ada")).go(f"{server.url}/r/0000-0000-0000")
    await expect(page.get_by_role("heading", name="There is no room here")).to_be_visible()
    await page.get_by_role("button", name="Open a new room").click()
    await Room(page).ready()
    assert "0000-0000-0000" not in page.url


async def test_an_ended_room_says_so_to_whoever_comes(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    address = host.address
    await host.end()
    page = await lin.go(address)
    await expect(page.get_by_role("heading", name="This room has ended")).to_be_visible()
    await page.get_by_role("button", name="Open a new room").click()
    await Room(page).ready()


async def test_everything_works_below_a_path(people: ManyPeople, tmp_path_factory: pytest.TempPathFactory) -> None:
    server = make_server(tmp_path_factory.mktemp("below"), root_path="/pad")
    server.start()
    try:
        assert server.url.endswith("/pad")
        host = await open_room(await people("Ada"), server)
        assert host.page.url.startswith(f"{server.url}/r/")
        guest = await join_room(await people("Lin", service_workers="allow"), host.address)
        await host.choose_language("JavaScript")
        await host.replace("console.log('below')")
        await host.run()
        await expect(guest.last_run).to_contain_text("below")
        await guest.page.reload()
        await guest.ready()
        await guest.wait_text("console.log('below')")
    finally:
        server.close()
