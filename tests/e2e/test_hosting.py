"""Hosts act on people and doors, seen by two people in a browser each: at once, and said in words."""

import pytest
from playwright.async_api import expect

from tests.e2e.fixtures import ManyPeople
from tests.e2e.person import Person
from tests.e2e.room import Room, join_room, open_room
from tests.e2e.test_access import violations
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def settings_of(host: Room) -> None:
    """The room's settings, opened as a host opens them."""
    pane = await host.show("People")
    await pane.get_by_role("button", name="Room settings…").click()
    await expect(host.page.get_by_role("dialog", name="Room settings")).to_be_visible()


async def turn(host: Room, switch: str) -> None:
    """Turn one of the switches, and see that the server took it."""
    await settings_of(host)
    control = host.page.get_by_role("dialog").get_by_role("switch", name=switch)
    was = await control.is_checked()
    await control.click()
    await expect(control).to_be_checked(checked=not was)
    await host.page.keyboard.press("Escape")


async def at_the_door(person: Person, address: str) -> None:
    """Give the name that is asked for, and no more."""
    page = await person.go(address)
    await expect(page.get_by_label("Your name")).to_be_focused()


async def test_a_role_is_changed_and_both_see_it_at_once(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    guest = await join_room(await people("Lin"), host.address)
    role = (await host.show("People")).get_by_role("combobox", name="Role of Lin")
    await role.select_option("viewer")
    await expect(guest.banners).to_contain_text("You are viewing.")
    await expect(guest.bar.get_by_role("button", name="Run")).to_have_count(0)
    await expect(role).to_have_value("viewer")
    assert await violations(host.page) == []
    await role.select_option("host")
    await expect((await guest.show("People")).get_by_role("button", name="Room settings…")).to_be_visible()
    await guest.write("by a host")
    await host.wait_text("by a host")


async def test_text_of_a_page_that_was_demoted_while_it_was_away_is_offered(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    lin = await people("Lin")
    guest = await join_room(lin, host.address)
    pane = await host.show("People")
    await expect(pane.get_by_role("combobox", name="Role of Lin")).to_be_visible()
    member = await host.page.evaluate(
        """(id) => fetch(`/api/rooms/${id}/members`)
          .then((answer) => answer.json())
          .then(({ members }) => members.find(({ name }) => name === 'Lin').id)""",
        host.id,
    )
    await lin.context.set_offline(True)
    await expect(guest.banners).to_contain_text("Reconnecting…")
    await guest.write("kept for me")
    status = await host.page.evaluate(
        """([id, member]) => fetch(`/api/rooms/${id}/members/${member}`, {
          method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ role: 'viewer' })
        }).then((answer) => answer.status)""",
        [host.id, member],
    )
    assert status == 200
    await lin.context.set_offline(False)
    await expect(guest.banners).to_contain_text("You are viewing.")
    await expect(guest.banners).to_contain_text("Some of your text was not taken by the room.")


async def test_somebody_is_removed_after_one_question_and_told_so(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    guest = await join_room(await people("Lin"), host.address)
    pane = await host.show("People")
    await pane.get_by_role("button", name="Remove Lin").click()
    question = pane.get_by_role("group", name="Remove Lin?")
    await expect(question.get_by_role("button", name="Remove")).to_be_focused()
    assert await violations(host.page) == []
    await host.page.keyboard.press("Escape")
    await expect(question).to_have_count(0)
    await expect(pane.get_by_role("button", name="Remove Lin")).to_be_focused()
    await host.page.keyboard.press("Enter")
    await expect(question.get_by_role("button", name="Remove")).to_be_focused()
    await question.get_by_role("button", name="Remove").click()
    await expect(guest.page.get_by_text("A host removed you from this room.")).to_be_visible()
    await expect(pane.get_by_text("Lin", exact=True)).to_have_count(0)
    await guest.page.reload()
    await expect(guest.page.get_by_role("heading", name="You are not in this room any more")).to_be_visible()
    assert await violations(guest.page) == []


async def test_the_lobby_lets_in_live_and_shows_nothing_before(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    await host.write("not for those outside")
    await turn(host, "Lobby")
    lin = await people("Lin")
    await at_the_door(lin, host.address)
    page = lin.page
    assert await violations(page) == []
    await page.get_by_role("button", name="Ask to join").click()
    await expect(page.get_by_role("status").filter(has_text="A host has been told that you are here.")).to_be_visible()
    assert "not for those outside" not in await page.content()
    assert await violations(page) == []
    await host.noticed("Lin waits to be let in")
    pane = await host.show("People")
    assert await violations(host.page) == []
    await pane.get_by_role("button", name="Let in Lin").click()
    guest = await Room(page).ready()
    await guest.wait_text("not for those outside")
    eve = await people("Eve")
    await at_the_door(eve, host.address)
    await eve.page.get_by_role("button", name="Ask to join").click()
    await pane.get_by_role("button", name="Refuse Eve").click()
    await expect(eve.page.get_by_text("A host did not let you in.")).to_be_visible()


async def test_a_password_is_asked_for_and_a_locked_room_says_so(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    await settings_of(host)
    dialog = host.page.get_by_role("dialog", name="Room settings")
    assert await violations(host.page) == []
    await dialog.get_by_label("Password").fill("open sesame")
    await host.page.keyboard.press("Enter")
    await expect(dialog.get_by_role("button", name="Take away")).to_be_visible()
    await host.page.keyboard.press("Escape")
    lin = await people("Lin")
    await at_the_door(lin, host.address)
    await lin.page.get_by_label("Password").fill("wrong")
    await lin.page.keyboard.press("Enter")
    await expect(lin.page.get_by_text("This is not the room's password.")).to_be_visible()
    assert await violations(lin.page) == []
    await lin.page.get_by_label("Password").fill("open sesame")
    await lin.page.keyboard.press("Enter")
    await Room(lin.page).ready()
    await turn(host, "Lock")
    eve = await people("Eve")
    page = await eve.go(host.address)
    await expect(page.get_by_role("heading", name="This room is locked")).to_be_visible()


async def test_a_private_room_is_private_from_its_first_moment(server: ServerProcess, people: ManyPeople) -> None:
    page = await (await people("Ada")).go(server.url)
    await page.get_by_role("button", name="Open a private room…").click()
    dialog = page.get_by_role("dialog", name="Open a private room")
    await dialog.get_by_label("Title").fill("Exam")
    await dialog.get_by_label("Password", exact=True).fill("open sesame")
    await dialog.get_by_role("switch", name="Lobby").check()
    await dialog.get_by_label("It ends").select_option("In a day")
    assert await violations(page) == []
    await page.keyboard.press("Enter")
    host = await Room(page).ready()
    lin = await people("Lin")
    await at_the_door(lin, host.address)
    await expect(lin.page.get_by_role("heading", name="Exam")).to_be_visible()
    await lin.page.get_by_label("Password").fill("open sesame")
    await lin.page.get_by_role("button", name="Ask to join").click()
    await expect(lin.page.get_by_role("status").filter(has_text="A host has been told that you are here.")).to_be_visible()
    await settings_of(host)
    await expect(page.get_by_role("dialog", name="Room settings")).to_contain_text("It ends, and its text is erased, on")


async def test_read_only_and_runs_are_seen_by_the_others(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    guest = await join_room(await people("Lin"), host.address)
    await turn(host, "Read-only")
    await expect(guest.banners).to_contain_text("Read-only for now.")
    await expect(guest.bar.get_by_role("button", name="Run")).to_be_visible()
    await settings_of(host)
    await host.page.get_by_role("dialog").get_by_role("radiogroup", name="Who may run code").get_by_text("Nobody").click()
    await host.page.keyboard.press("Escape")
    await expect(guest.bar.get_by_role("button", name="Run")).to_have_count(0)
    await turn(host, "Read-only")
    await expect(guest.banners).not_to_contain_text("Read-only for now.")


async def test_a_link_for_one_person_is_made_used_and_gone(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    await host.bar.get_by_role("button", name="Share").click()
    dialog = host.page.get_by_role("dialog", name="Share this room")
    await dialog.get_by_label("For whom").fill("Grace")
    await dialog.get_by_role("combobox", name="What the link gives").select_option("viewer")
    await dialog.get_by_role("button", name="Make a link").click()
    link = dialog.get_by_role("textbox", name="Grace", exact=True)
    address = await link.input_value()
    assert await violations(host.page) == []
    guest = await join_room(await people("Grace"), address)
    await expect(guest.banners).to_contain_text("You are viewing.")
    eve = await people("Eve")
    await at_the_door(eve, address)
    await eve.page.get_by_role("button", name="Join").click()
    await expect(eve.page.get_by_text("somebody has used it")).to_be_visible()
