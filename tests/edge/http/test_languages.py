"""`/api/languages`."""

import httpx

from fourhands.edge.http.languages import Shelf, show_languages
from fourhands.execution.languages import load_languages
from fourhands.execution.port import Runtime

LANGUAGES = load_languages()
PYTHON = Runtime(language="python", version="3.11.2", runtime="CPython", libraries=("numpy",), repl=True)


async def test_every_language_is_listed_and_five_run_in_the_browser(browser: httpx.AsyncClient) -> None:
    shown = {one["id"]: one for one in (await browser.get("/api/languages")).json()}
    assert len(shown) >= 20
    assert {one["runtime"] for one in shown.values() if "browser" in one["where"]} == {"python", "javascript", "typescript", "html", "sqlite"}
    assert "browser" not in shown["rust"]["where"]
    assert shown["python"]["extension"] == "py"


def test_what_the_server_runs_is_said_with_its_version() -> None:
    shown = {one.id: one for one in show_languages(LANGUAGES, [PYTHON], "")}
    python = shown["python"]
    assert python.where == ["browser", "server"]
    assert python.server
    assert (python.server.name, python.server.version, python.server.libraries, python.server.repl, python.server.compiled) == (
        "CPython",
        "3.11.2",
        ["numpy"],
        True,
        False,
    )
    assert python.why == ""
    assert shown["json"].why == "", "what is only written has nothing to be sorry for"


def test_what_it_does_not_run_says_why_and_what_to_do() -> None:
    shown = {one.id: one for one in show_languages(LANGUAGES, [PYTHON], "")}
    assert shown["rust"].server is None
    assert shown["rust"].why == "The server has no Rust. Whoever runs it can install it: fourhands languages install rust"
    assert "Debian has no package" in shown["zig"].why
    assert {one.why for one in show_languages(LANGUAGES, [], "It is off.")} == {"", "It is off."}


def test_a_remote_servers_names_are_understood() -> None:
    remote = [Runtime(language="c++", version="10.2.0"), Runtime(language="mono", version="6", aliases=("csharp",))]
    shown = {one.id: one for one in show_languages(LANGUAGES, remote, "")}
    assert shown["cpp"].server
    assert shown["cpp"].server.name == "c++"
    assert shown["csharp"].where == ["server"]


def test_it_is_packed_again_only_when_it_changes() -> None:
    shelf = Shelf(LANGUAGES)
    first = shelf.resource((PYTHON,), "")
    assert shelf.resource((PYTHON,), "") is first
    assert shelf.resource((), "").tag != first.tag
