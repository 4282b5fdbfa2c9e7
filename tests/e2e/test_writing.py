"""Two people write in one text: what each types reaches the other, and stays."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.e2e.fixtures import ManyPeople, make_server
from tests.e2e.room import PASTE, Room, join_room, open_room
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def two(server: ServerProcess, people: ManyPeople) -> tuple[Room, Room]:
    """Ada, who opened the room, and Lin, who came by the editors' link."""
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    return host, await join_room(lin, (await host.links())["editor"])


def is_subsequence(part: str, whole: str) -> bool:
    """Whether the letters of `part` stand in `whole` in their order."""
    letters = iter(whole)
    return all(letter in letters for letter in part)


async def test_both_type_at_once_in_one_line_and_converge(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.write("[]")
    await guest.wait_text("[]")
    by_ada, by_lin = "ada " * 20, "lin " * 20
    await host.editor.press("Home")
    await guest.editor.press("End")
    await asyncio.gather(host.page.keyboard.type(by_ada, delay=5), guest.page.keyboard.type(by_lin, delay=5))
    for room in (host, guest):
        await room.wait_text(f"{by_ada}[]{by_lin}")
    await host.saved()
    await guest.saved()


async def test_both_type_at_once_at_one_place_and_lose_no_letter(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.write("=")
    await guest.wait_text("=")
    by_ada, by_lin = "abcdefghij" * 6, "0123456789" * 6
    await host.editor.press("End")
    await guest.editor.press("End")
    await asyncio.gather(host.page.keyboard.type(by_ada, delay=5), guest.page.keyboard.type(by_lin, delay=5))
    for room in (host, guest):
        await room.wait_for("(text, length) => text.length === length", 1 + len(by_ada) + len(by_lin))
    text = await host.text()
    await guest.wait_text(text)
    assert is_subsequence(by_ada, text)
    assert is_subsequence(by_lin, text)


async def test_a_change_of_language_is_seen_and_told(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.choose_language("Rust")
    await guest.noticed("Ada switched to Rust")
    await expect(guest.language).to_have_value("rust")
    await expect(guest.page.get_by_role("region", name="Code", exact=True)).to_contain_text("main.rs")
    await guest.choose_language("Python")
    await host.noticed("Lin switched to Python")
    await expect(host.language).to_have_value("python")
    await host.replace("def f(): pass")
    await expect(host.editor.locator("span", has_text="def")).to_have_css("color", await keyword_color(guest))


async def keyword_color(room: Room) -> str:
    """The colour that `def` has in the editor, which differs from the text's."""
    await room.wait_text("def f(): pass")
    word = room.editor.locator("span", has_text="def")
    await expect(word).not_to_have_css("color", await room.editor.evaluate("(content) => getComputedStyle(content).color"))
    return await word.evaluate("(word) => getComputedStyle(word).color")


async def test_the_others_caret_and_selection_show_their_name(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.write("look here")
    await guest.wait_text("look here")
    await expect(guest.page.locator(".fh-name")).to_have_text("Ada")
    await host.editor.press("Shift+Home")
    await expect(guest.page.locator(".fh-selected")).to_be_visible()
    await host.page.close()
    await expect(guest.page.locator(".fh-name")).to_have_count(0)


@pytest.mark.parametrize("keys", ["Standard", "Vim", "Emacs"])
async def test_undo_takes_back_ones_own_and_leaves_the_others(server: ServerProcess, people: ManyPeople, keys: str) -> None:
    host, guest = await two(server, people)
    if keys != "Standard":
        await host.choose_setting("Keys", keys)
    enter, undo, redo = {
        "Standard": ([], ["Control+z"], ["Control+Shift+Z"]),
        "Vim": (["i"], ["Escape", "u"], ["Control+r"]),
        "Emacs": ([], ["Control+/"], []),
    }[keys]
    await host.editor.click()
    for key in enter:
        await host.page.keyboard.press(key)
    await host.page.keyboard.insert_text("mine")  # at once: what is typed slowly is taken back in several steps
    await guest.wait_text("mine")
    await guest.write(" theirs")
    await host.wait_text("mine theirs")
    for key in undo:
        await host.page.keyboard.press(key)
    for room in (host, guest):
        await room.wait_text(" theirs")
    for key in redo:
        await host.page.keyboard.press(key)
    if redo:
        await guest.wait_text("mine theirs")


async def test_reload_keeps_everything(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.choose_language("JavaScript")
    await host.replace("const kept = true\n")
    await guest.wait_text("const kept = true\n")
    chat = await host.show("Chat")
    await chat.get_by_label("Message to everyone").fill("keep this")
    await host.page.keyboard.press("Enter")
    await expect(chat.get_by_role("log")).to_contain_text("keep this")
    await host.saved()
    await asyncio.gather(host.page.reload(), guest.page.reload())
    for room in (host, guest):
        await room.ready()
        await room.wait_text("const kept = true\n")
        await expect(room.language).to_have_value("javascript")
        await expect((await room.show("Chat")).get_by_role("log")).to_contain_text("keep this")


async def test_everyone_may_leave_and_the_room_is_there_when_they_return(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada")
    host = await open_room(ada, server)
    await host.write("later")
    await host.saved()
    address = host.address
    await host.page.goto("about:blank")
    await ada.go(address)
    await host.ready()
    await host.wait_text("later")


async def test_a_viewer_reads_and_cannot_type(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    viewer = await join_room(lin, (await host.links())["viewer"])
    await host.write("for all to read")
    await viewer.wait_text("for all to read")
    await expect(viewer.banners).to_contain_text("You are viewing.")
    await expect(viewer.editor).to_have_attribute("aria-readonly", "true")
    await expect(viewer.language).to_be_disabled()
    await expect(viewer.bar.get_by_role("button", name="Run")).to_have_count(0)
    await viewer.editor.click()
    await viewer.page.keyboard.type("not me")
    await viewer.page.keyboard.press("Control+a")
    await viewer.page.keyboard.press("Delete")
    await host.write("!")
    for room in (host, viewer):
        await room.wait_text("for all to read!")


async def test_a_new_name_and_title_reach_the_others(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.page.get_by_role("button", name="change the title").click()
    await host.page.get_by_label("Title of the room").fill("Two sums")
    await host.page.keyboard.press("Enter")
    await expect(guest.page.get_by_role("heading", name="Two sums")).to_be_visible()
    await expect(guest.page).to_have_title("Two sums · fourhands")
    people_pane = await guest.show("People")
    await people_pane.get_by_role("button", name="Change your name and colour").click()
    await people_pane.get_by_label("Your name").fill("Lin B.")
    await guest.page.keyboard.press("Enter")
    await host.noticed("Lin is now called Lin B.")
    await expect((await host.show("People")).get_by_role("list", name="Others in the room")).to_contain_text("Lin B.")


async def test_ctrl_s_says_that_all_is_saved(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    await host.write("x")
    await host.saved()
    await host.editor.press("Control+s")
    await host.noticed("Saved.")


async def test_following_somebody_goes_where_they_are(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.replace("\n".join(f"line {number}" for number in range(40)))
    await guest.wait_for("(text) => text.includes('line 5')", None)
    pane = await guest.show("People")
    await pane.get_by_role("button", name="Follow Ada").click()
    await host.editor.press("Control+Home")
    await expect(guest.editor.get_by_text("line 0", exact=True)).to_be_in_viewport()
    await guest.editor.press("ArrowDown")
    await expect(pane.get_by_role("button", name="Follow Ada")).to_be_visible()


async def test_back_leaves_the_room_and_forward_returns(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    await host.write("here")
    await host.saved()
    await host.page.go_back()
    await expect(host.page.get_by_role("button", name="Open a room")).to_be_visible()
    await host.page.go_forward()
    await host.ready()
    await host.wait_text("here")


async def test_a_text_past_the_limit_is_refused_before_it_is_lost(people: ManyPeople, tmp_path_factory: pytest.TempPathFactory) -> None:
    server = make_server(tmp_path_factory.mktemp("small"), env={"FOURHANDS_TEXT_BYTES": "2000"})
    server.start()
    try:
        host = await open_room(await people("Ada"), server)
        await host.replace("kept")
        await host.editor.evaluate(PASTE, "x" * 3000)
        await host.noticed("larger than the 2 KB")
        await host.write(" still")
        await host.saved()
        await host.wait_text("kept still")
    finally:
        server.close()
