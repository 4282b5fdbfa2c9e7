"""Accounts in a browser: register, find one's rooms, make a token, log out, come in again, and as an administrator see the desk."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.e2e.admins import invite
from tests.e2e.fixtures import ManyPeople, make_server
from tests.e2e.room import Room
from tests.e2e.test_access import violations
from tests.e2e.test_hosting import settings_of
from tests.nursery import ROOT
from tests.oidc_provider import CLIENT, SECRET, provider
from tests.server import ServerProcess, folder_in_memory
from tests.wire.test_accounts import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "correct horse battery staple"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[ServerProcess]:
    """One for the module, where each test has accounts of its own; how much a password's hash takes is not what they are about."""
    with folder_in_memory() as folder:
        process = make_server(folder / "data", env=QUICK)
        await asyncio.to_thread(process.start)
        yield process
        await asyncio.to_thread(process.close)


@pytest_asyncio.fixture(loop_scope="session")
async def hurried(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """A server that lets somebody try three passwords a minute."""
    process = make_server(tmp_path / "data", env={"FOURHANDS_LOGINS_PER_MINUTE": "3"})
    await asyncio.to_thread(process.start)
    yield process
    await asyncio.to_thread(process.close)


@dataclass
class Invited:
    """A server where accounts are made by invitation, and the key of one."""

    server: ServerProcess
    key: str


@pytest_asyncio.fixture(loop_scope="session")
async def invited(tmp_path: Path) -> AsyncIterator[Invited]:
    process = make_server(tmp_path / "data", env={"FOURHANDS_ACCOUNTS": "invite"})
    key = await invite(process)
    await asyncio.to_thread(process.start)
    yield Invited(process, key)
    await asyncio.to_thread(process.close)


async def register(page: Page, server: ServerProcess, login: str, name: str, *, key: str = "") -> None:
    await page.goto(f"{server.url}/register{key and f'#{key}'}")
    await page.get_by_label("Login name").fill(login)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Make an account").click()
    await expect(page.get_by_role("heading", name="My rooms")).to_be_visible()


async def revoke(page: Page, token: str) -> None:
    """By keys alone, and not at the first try."""
    revoking = page.get_by_role("button", name=f"Revoke “{token}”…")
    await revoking.click()
    await expect(page.get_by_role("button", name="Revoke it")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(revoking).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Revoke it")).to_be_focused()
    await page.keyboard.press("Enter")


async def log_in(page: Page, login: str, password: str) -> None:
    await page.get_by_label("Login name").fill(login)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.keyboard.press("Enter")


async def test_from_registering_to_ones_rooms_and_out_again(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada")
    page = await ada.go(server.url)
    await page.get_by_role("link", name="Log in").click()
    await page.get_by_role("link", name="Make one").click()
    await register(page, server, "ada", "Ada")
    await expect(page.get_by_text("Rooms that you open or join while you are logged in stand here.")).to_be_visible()

    await page.get_by_role("button", name="Open a room").click()
    await Room(page).ready()
    await page.goto(f"{server.url}/rooms")
    rows = page.get_by_role("list", name="Rooms").get_by_role("listitem")
    await expect(rows).to_have_count(1)
    await page.get_by_role("button", name="Rename “Untitled room”").click()
    await page.get_by_label("Title", exact=True).fill("Two sum")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Two sum")).to_be_visible()
    search = page.get_by_label("Find a room by title or language")
    await search.fill("nothing like it")
    await expect(page.get_by_text("No room of yours is called like that.")).to_be_visible()
    await search.fill("two")
    await expect(page.get_by_role("link", name="Two sum")).to_be_visible()
    await page.get_by_role("button", name="Archive “Two sum”").click()
    await expect(rows).to_have_count(0)
    await search.fill("")
    await page.get_by_text("Archived", exact=True).click()
    await page.get_by_role("button", name="Take back “Two sum”").click()
    await page.get_by_text("Current", exact=True).click()
    await page.get_by_role("button", name="Delete “Two sum”…").click()
    await page.get_by_role("button", name="Delete the room").click()
    await expect(page.get_by_text("Rooms that you open or join while you are logged in stand here.")).to_be_visible()

    await page.get_by_role("link", name=re.compile("^Ada.*account$")).click()
    await page.get_by_label("What it is for").fill("Backup")
    await page.get_by_role("button", name="Make a token").click()
    token = await page.locator(".own-made code").inner_text()
    assert token.startswith("fh_")
    await page.reload()
    await expect(page.get_by_text("Backup")).to_be_visible()
    assert token not in await page.content()
    await revoke(page, "Backup")
    await expect(page.get_by_text("You have none.")).to_be_visible()

    await page.get_by_role("button", name="Log out", exact=True).click()
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    await page.goto(f"{server.url}/account")
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    await log_in(page, "ada", "wrong " + PASSWORD)
    await expect(page.get_by_text("This name and password do not belong together.")).to_be_visible()
    await log_in(page, "ada", PASSWORD)
    await expect(page.get_by_role("heading", name="Account")).to_be_visible()


async def test_who_is_invited_registers_and_ends_all_logins_by_a_new_password(invited: Invited, people: ManyPeople) -> None:
    laptop, phone = await people(""), await people("")
    await laptop.go(f"{invited.server.url}/register")
    await expect(laptop.page.get_by_role("heading", name="Accounts are made here by invitation")).to_be_visible()
    await laptop.page.goto("about:blank")  # only another fragment would load nothing
    await register(laptop.page, invited.server, "ada", "Ada", key=invited.key)
    await phone.go(f"{invited.server.url}/account")
    await log_in(phone.page, "ada", PASSWORD)
    async with phone.page.expect_download() as exported:
        await phone.page.get_by_role("button", name="Download what is yours").click()
    lines = (await (await exported.value).path()).read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    assert (first["type"], first["login"]) == ("account", "ada")

    await laptop.page.goto(f"{invited.server.url}/account")
    await laptop.page.get_by_label("Password now", exact=True).fill("wrong " + PASSWORD)
    await laptop.page.get_by_label("New password", exact=True).fill("another " + PASSWORD)
    await laptop.page.keyboard.press("Enter")
    await expect(laptop.page.get_by_text("This is not your password.")).to_be_visible()
    await laptop.page.get_by_label("Password now", exact=True).fill(PASSWORD)
    await laptop.page.keyboard.press("Enter")
    await expect(laptop.page.get_by_label("New password", exact=True)).to_have_value("")
    await phone.page.reload()
    await expect(phone.page.get_by_role("heading", name="Log in")).to_be_visible()
    await log_in(phone.page, "ada", "another " + PASSWORD)
    await phone.page.get_by_role("button", name="Log out everywhere").click()
    await expect(phone.page.get_by_role("heading", name="Log in")).to_be_visible()
    await laptop.page.reload()
    await expect(laptop.page.get_by_role("heading", name="Log in")).to_be_visible()


async def test_a_team_is_made_and_whoever_is_taken_in_finds_its_room(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people(""), await people("")
    await ada.go(server.url)
    await register(ada.page, server, "ada-of-the-team", "Ada")
    await lin.go(server.url)
    await register(lin.page, server, "lin", "Lin")
    page = ada.page
    await page.get_by_role("link", name="Teams").click()
    await expect(page.get_by_text("You are in no team yet.")).to_be_visible()
    assert await violations(page) == []
    await page.get_by_label("Its name").fill("Evening class")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Evening class")).to_be_visible()
    for login in ("nobody", "lin"):
        await page.get_by_label("Invite somebody").fill(login)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(f"If somebody logs in as “{login}” here")).to_be_visible()
    await lin.page.goto(f"{server.url}/teams")
    asked = lin.page.get_by_role("list", name="Invitations").get_by_role("listitem")
    await expect(asked).to_contain_text("Ada invites you to Evening class")
    assert await violations(lin.page) == []
    await asked.get_by_role("button", name="Come in: Evening class").click()
    await expect(lin.page.get_by_role("list", name="Teams").get_by_role("listitem")).to_contain_text("2 people")
    await expect(asked).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("combobox", name="Role of Lin")).to_have_value("member")
    assert await violations(page) == []
    await page.get_by_role("button", name="Open a room").click()
    host = await Room(page).ready()
    await host.write("for the team")
    for team in ("No team", "Evening class"):
        await settings_of(host)
        choice = page.get_by_role("combobox", name="Team")
        await choice.select_option(team)
        await expect(choice.locator("option:checked")).to_have_text(team)
        assert await violations(page) == []
        await page.keyboard.press("Escape")

    await lin.page.goto(f"{server.url}/rooms")
    row = lin.page.get_by_role("list", name="Rooms").get_by_role("listitem")
    await expect(row).to_contain_text("team Evening class")
    await row.get_by_role("link").click()
    await lin.page.get_by_role("button", name="Join", exact=True).click()
    guest = await Room(lin.page).ready()
    await guest.wait_text("for the team")

    await lin.page.goto(f"{server.url}/teams")
    await lin.page.get_by_role("link", name="Evening class").click()
    await lin.page.get_by_role("button", name="Leave the team…").click()
    await lin.page.get_by_role("button", name="Leave it").click()
    await expect(lin.page.get_by_text("You are in no team yet.")).to_be_visible()


async def test_one_logs_in_by_a_provider_and_may_set_a_password_besides(tmp_path: Path, people: ManyPeople) -> None:
    with provider() as school:
        there = {"ISSUER": school.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "NAME": "The school"}
        server = make_server(tmp_path / "data", env={f"FOURHANDS_OIDC_{name}": value for name, value in there.items()})
        await asyncio.to_thread(server.start)
        try:
            ada = await people("")
            ada.tolerate(f"^asked another origin: {re.escape(school.issuer)}/authorize")
            agrees = False

            async def answer(route: Route) -> None:
                back = school.authorize(route.request.url)
                await route.fulfill(status=302, headers={"Location": back if agrees else back.replace("code=", "error=access_denied&was=")})

            await ada.context.route(f"{school.issuer}/authorize*", answer)
            page = await ada.go(f"{server.url}/login?next=/account")
            await page.get_by_role("button", name="Go on with The school").click()
            await expect(page.get_by_text("You were not let in there, or went back.")).to_be_visible()
            assert await violations(page) == []
            agrees = True
            await page.get_by_role("button", name="Go on with The school").click()
            await expect(page.get_by_role("heading", name="My rooms")).to_be_visible()
            await page.get_by_role("link", name=re.compile("account$")).click()
            ways = page.get_by_role("region", name="Other ways to log in")
            await ways.get_by_role("button", name="Take away").click()
            await expect(ways).to_contain_text("This is the only way in to this account")
            assert await violations(page) == []
            await page.get_by_label("New password", exact=True).fill(PASSWORD)
            await page.get_by_role("button", name="Set a password").click()
            await expect(page.get_by_role("button", name="Change the password")).to_be_visible()
            await ways.get_by_role("button", name="Take away").click()
            await expect(ways.get_by_role("button", name="Add The school")).to_be_visible()
        finally:
            await asyncio.to_thread(server.close)


async def test_a_login_outlives_its_access_token_unseen(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("")
    page = await ada.go(server.url)
    await register(page, server, "ada-again", "Ada")
    await ada.context.clear_cookies(name="fourhands_account")
    await page.reload()
    await expect(page.get_by_role("heading", name="My rooms")).to_be_visible()
    await expect(page.get_by_text("Rooms that you open or join while you are logged in stand here.")).to_be_visible()


async def test_an_administrator_comes_to_the_desk_by_logging_in(server: ServerProcess, people: ManyPeople) -> None:
    command = [sys.executable, "-m", "fourhands", "admin", "create-user", "root", "--admin"]
    environment = {"PYTHONPATH": str(ROOT / "src"), "DATABASE_URL": server.database_url}
    await asyncio.to_thread(subprocess.run, command, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True, env=environment)
    root = await people("")
    page = await root.go(f"{server.url}/admin")
    await page.get_by_role("link", name="Log in").click()
    await log_in(page, "root", PASSWORD)
    await expect(page.get_by_role("heading", name="Desk")).to_be_visible()
    assert page.url == f"{server.url}/admin"


async def test_too_many_tries_are_told_with_the_time_to_wait(hurried: ServerProcess, people: ManyPeople) -> None:
    page = await (await people("")).go(f"{hurried.url}/login")
    refused: list[int] = []
    while 429 not in refused:  # a window that ends meanwhile lets one more through
        async with page.expect_response("**/api/login") as answer:
            await log_in(page, "ada", "wrong " + PASSWORD)
        refused.append((await answer.value).status)
        await expect(page.get_by_role("button", name="Log in")).to_have_attribute("aria-disabled", "false")
        told = "Too many tries. Try again in" if refused[-1] == 429 else "This name and password do not belong together."
        await expect(page.get_by_text(told)).to_be_visible()
        assert len(refused) < 9
    assert set(refused[:3]) == {401}


async def test_another_site_is_never_what_comes_next(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("")
    page = await ada.go(server.url)
    await register(page, server, "ada-elsewhere", "Ada")
    await page.goto(f"{server.url}/login?next=//evil.example/admin")
    await log_in(page, "ada-elsewhere", PASSWORD)
    await expect(page.get_by_role("heading", name="My rooms")).to_be_visible()
    assert page.url == f"{server.url}/rooms"


async def test_an_account_is_deleted_behind_its_password(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("")
    page = await ada.go(server.url)
    await register(page, server, "ada-leaves", "Ada")
    await page.goto(f"{server.url}/account")
    await page.get_by_role("button", name="Delete the account…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Your password, to show that it is you", exact=True).fill("wrong " + PASSWORD)
    await dialog.get_by_role("button", name="Delete the account").click()
    await expect(dialog).to_contain_text("This is not your password.")
    await dialog.get_by_label("Your password, to show that it is you", exact=True).fill(PASSWORD)
    await dialog.get_by_role("button", name="Delete the account").click()
    await expect(page.get_by_role("button", name="Open a room")).to_be_visible()
    await expect(page.get_by_role("link", name="Log in")).to_be_visible()


async def test_where_accounts_are_off_nothing_leads_to_them(tmp_path: Path, people: ManyPeople) -> None:
    server = make_server(tmp_path / "data", env={"FOURHANDS_ACCOUNTS": "off"})
    await asyncio.to_thread(server.start)
    try:
        page = await (await people("")).go(server.url)
        await expect(page.get_by_role("button", name="Open a room")).to_be_visible()
        await expect(page.get_by_role("link", name="Log in")).to_have_count(0)
        await page.goto(f"{server.url}/login")
        await expect(page.get_by_role("heading", name="There are no accounts here")).to_be_visible()
    finally:
        await asyncio.to_thread(server.close)


async def test_axe_finds_nothing_on_the_pages_of_accounts(server: ServerProcess, people: ManyPeople) -> None:
    page = await (await people("")).go(f"{server.url}/login")
    await expect(page.get_by_label("Login name")).to_be_focused()
    assert await violations(page) == []
    await register(page, server, "ada-in-colours", "Ada")
    assert await violations(page) == []
    await page.goto(f"{server.url}/account")
    await expect(page.get_by_text("You have none.")).to_be_visible()
    await page.get_by_label("What it is for").fill("Backup")
    await page.get_by_role("button", name="Make a token").click()
    await expect(page.locator(".own-made code")).to_be_visible()
    assert await violations(page) == []
    await page.get_by_role("button", name="Delete the account…").click()
    assert await violations(page) == []
