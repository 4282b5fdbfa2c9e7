"""Programs run in the browser of whoever presses Run, and everybody in the room sees what they write."""

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.fixtures import ManyPeople, make_server
from tests.e2e.room import Room, join_room, open_room
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

PYTHON_SECONDS = 60_000
"""Milliseconds for the first run of Python in a profile: it is several megabytes, on a busy machine."""


async def two(server: ServerProcess, people: ManyPeople) -> tuple[Room, Room]:
    """Ada, who opened the room, and Lin, who came by the editors' link."""
    host = await open_room(await people("Ada"), server)
    return host, await join_room(await people("Lin"), (await host.links())["editor"])


async def run(room: Room, language: str, program: str) -> Locator:
    """Write a program in a language and run it; the card of the run."""
    await room.choose_language(language)
    await room.replace(program)
    return await room.run()


PROGRAMS = {
    "Python": ("print(sum(range(10)))", "45"),
    "JavaScript": ("console.log([3, 1, 2].sort().join(' '))", "1 2 3"),
    "TypeScript": ("const answer: number = 6 * 7\nconsole.log(`answer ${answer}`)", "answer 42"),
    "SQL (SQLite)": ("create table t (name text);\ninsert into t values ('Ada'), ('Lin');\nselect name from t order by name;", "Lin"),
}


@pytest.mark.parametrize("language", PROGRAMS)
async def test_a_program_runs_and_both_see_its_output(server: ServerProcess, people: ManyPeople, language: str) -> None:
    program, output = PROGRAMS[language]
    host, guest = await two(server, people)
    card = await run(host, language, program)
    await expect(card).to_contain_text("Done", timeout=PYTHON_SECONDS)
    await expect(card).to_contain_text(output)
    await expect(card).to_contain_text("You ran")
    theirs = guest.output.get_by_role("article", name="run by Ada")
    await expect(theirs).to_contain_text(output)
    await expect(theirs).to_contain_text("Done")
    await guest.page.reload()
    await guest.ready()
    await expect(theirs).to_contain_text(output)


async def test_a_page_of_html_shows_and_the_others_choose_to_see_it(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    program = "<h1>Hello</h1><p></p><script>document.querySelector('p').textContent = 'from a script'; console.log('logged')</script>"
    card = await run(host, "HTML", program)
    shown = card.frame_locator("iframe").frame_locator("iframe")
    await expect(shown.get_by_role("heading", name="Hello")).to_be_visible()
    await expect(shown.get_by_text("from a script")).to_be_visible()
    await expect(card).to_contain_text("logged")
    theirs = guest.output.get_by_role("article", name="run by Ada")
    await expect(theirs).to_contain_text("logged")
    await expect(theirs.locator("iframe")).to_have_count(0)
    await theirs.get_by_role("button", name="Show Ada’s page").click()
    await expect(theirs.frame_locator("iframe").frame_locator("iframe").get_by_text("from a script")).to_be_visible()


async def test_ctrl_enter_runs_and_errors_are_marked(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await host.choose_language("Python")
    await host.replace("print('first')\nraise ValueError('as meant')")
    await host.editor.press("Control+Enter")
    for room in (host, guest):
        await expect(room.last_run).to_contain_text("ValueError: as meant", timeout=PYTHON_SECONDS)
        await expect(room.last_run).to_contain_text("Failed")
        await expect(room.last_run.locator(".stderr")).to_contain_text("line 2")
        await expect(room.last_run.locator(".stdout")).to_have_text("first\n")
        await expect(room.last_run).not_to_contain_text("pyodide")


async def test_python_asks_for_input_while_it_runs(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    card = await run(host, "Python", "name = input('name? ')\nprint(f'hello {name}')\nprint(sorted(input() for _ in range(2)))")
    field = card.get_by_label("Input for main.py")
    await expect(field).to_be_focused(timeout=PYTHON_SECONDS)
    await expect(guest.last_run).to_contain_text("name?")
    await expect(guest.last_run).to_contain_text("Running")
    for line in ("Ada", "b", "a"):
        await expect(field).to_be_focused()
        await host.page.keyboard.type(line)
        await host.page.keyboard.press("Enter")
    for room in (host, guest):
        await expect(room.last_run).to_contain_text("hello Ada")
        await expect(room.last_run).to_contain_text("['a', 'b']")
        await expect(room.last_run).to_contain_text("Done")


async def test_where_a_program_cannot_wait_its_input_is_asked_for_before(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada")
    await ada.context.add_init_script("delete WebAssembly.Suspending")
    host = await open_room(ada, server)
    await host.replace("print('hello', input())\nprint('bye', input())")
    pane = host.page.get_by_role("tabpanel", name="Output")
    await pane.get_by_text("Input for the program").click()
    await pane.get_by_label("Input for the program, a line for each time it asks").fill("Ada\nLin")
    card = await host.run()
    await expect(card).to_contain_text("hello Ada", timeout=PYTHON_SECONDS)
    await expect(card).to_contain_text("bye Lin")
    await expect(card).to_contain_text("Done")


@pytest.mark.parametrize(("language", "program"), [("Python", "print('go')\nwhile True: pass"), ("JavaScript", "console.log('go')\nfor (;;) {}")])
async def test_an_endless_loop_is_stopped(server: ServerProcess, people: ManyPeople, language: str, program: str) -> None:
    host, guest = await two(server, people)
    card = await run(host, language, program)
    await expect(card).to_contain_text("go", timeout=PYTHON_SECONDS)
    await host.bar.get_by_role("button", name="Stop").click()
    await expect(card).to_contain_text("Stopped")
    await expect(guest.last_run).to_contain_text("Stopped")
    await expect(host.bar.get_by_role("button", name="Run")).to_be_enabled()
    again = await run(host, "JavaScript", "console.log('it goes on')")
    await expect(again).to_contain_text("it goes on")


async def test_the_other_may_stop_a_run(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    card = await run(host, "JavaScript", "console.log('go')\nfor (;;) {}")
    await expect(guest.last_run).to_contain_text("go")
    await guest.last_run.get_by_role("button", name="Stop").click()
    for room in (host, guest):
        await expect(room.last_run).to_contain_text("Stopped")
    await expect(card).to_contain_text("Lin")


async def test_too_much_output_is_cut_with_a_note(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    card = await run(host, "JavaScript", "for (let line = 0; line < 40000; line++) console.log('x'.repeat(63))")
    for shown in (card, guest.last_run):
        await expect(shown.get_by_text("limit")).to_be_visible()
        length = await shown.locator("pre").evaluate("(text) => text.textContent.length")
        assert 900_000 < length <= 1_060_000
    await expect(host.connection).to_have_text("Connected")
    await host.write("\n// still writing")
    await guest.wait_for("(text) => text.endsWith('// still writing')", None)


async def test_a_run_past_the_time_limit_is_ended(people: ManyPeople, tmp_path_factory: pytest.TempPathFactory) -> None:
    server = make_server(tmp_path_factory.mktemp("short"), env={"FOURHANDS_RUN_SECONDS": "2"})
    server.start()
    try:
        host, guest = await two(server, people)
        await run(host, "JavaScript", "for (;;) {}")
        for room in (host, guest):
            await expect(room.last_run).to_contain_text("Ended at the time limit")
    finally:
        server.close()


async def test_a_run_whose_page_goes_away_is_told_as_lost(server: ServerProcess, people: ManyPeople) -> None:
    host, guest = await two(server, people)
    await run(host, "JavaScript", "console.log('go')\nfor (;;) {}")
    await expect(guest.last_run).to_contain_text("go")
    await host.page.close()
    await expect(guest.last_run).to_contain_text("The page that ran it left before the end")


async def test_a_server_that_runs_nothing_says_why_and_leaves_it_to_the_browser(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    await host.bar.get_by_role("button", name="Other ways to start").click()
    on_server = host.page.get_by_role("menuitem", name="Run on the server")
    await expect(on_server).to_be_disabled()
    await expect(on_server).to_contain_text("FOURHANDS_RUNNER=off")
    await expect(host.page.get_by_role("menuitem", name="Run in your browser")).to_be_enabled()
    await host.page.keyboard.press("Escape")
    await host.choose_language("Rust")
    await expect(host.bar.get_by_role("button", name="Run")).to_be_disabled()
    await host.editor.press("Control+Enter")
    await host.noticed("FOURHANDS_RUNNER=off")
