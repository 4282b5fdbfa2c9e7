"""Piston's API over HTTP: who may, what is refused and how, and that nothing is left running when its client is gone."""

import asyncio
import base64
from pathlib import Path

import httpx
import pytest

from fourhands.edge.http.piston import JSON_ONLY, NO_TOKEN, NO_TOKENS, ApiTokens
from fourhands.errors import Unauthenticated
from fourhands.execution.port import Health
from tests.edge.http.programs import BEARER, TOKEN, House, Source, scripted_house
from tests.execution.conftest import until
from tests.execution.scripted import ScriptedRun


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer   {TOKEN}", TOKEN, basic(f"{TOKEN}:"), basic(f"user:{TOKEN}"), basic(TOKEN)])
def test_a_token_is_known_however_a_client_sends_it(header: str) -> None:
    tokens = ApiTokens(("another-token-of-the-tests", TOKEN))
    holder = tokens.holder({"authorization": header})
    assert holder.startswith("api:")
    assert TOKEN not in holder
    assert holder != tokens.holder({"authorization": "Bearer another-token-of-the-tests"})


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Basic", "Basic !", basic("x:y"), basic("")]
)
def test_nobody_else_is_known(header: str) -> None:
    with pytest.raises(Unauthenticated, match="needs a token"):
        ApiTokens((TOKEN,)).holder({"authorization": header})


async def test_nothing_is_told_without_a_token(tmp_path: Path) -> None:
    async with scripted_house(tmp_path) as house:
        for method, path in (("GET", "runtimes"), ("GET", "runtimes/"), ("POST", "execute"), ("POST", "execute/")):
            answer = await house.client.request(method, f"/api/v2/{path}", json={})
            assert (answer.status_code, answer.json()) == (401, {"message": NO_TOKEN})
            assert answer.headers["www-authenticate"] == "Bearer"
        assert house.source.runs == []


async def test_without_any_token_the_api_is_off(tmp_path: Path) -> None:
    async with scripted_house(tmp_path, api_tokens=()) as house:
        answer = await house.execute()
        assert (answer.status_code, answer.json()) == (401, {"message": NO_TOKENS})


async def test_what_can_be_run_is_listed(tmp_path: Path) -> None:
    async with scripted_house(tmp_path) as house:
        listed = (await house.client.get("/api/v2/runtimes", headers=BEARER)).json()
        assert {"language": "python", "version": "3.11.2", "aliases": ["py"]} in listed
        assert (await house.client.get("/api/v2/packages", headers=BEARER)).status_code == 404


async def test_a_program_is_run_and_told(tmp_path: Path) -> None:
    async with scripted_house(tmp_path) as house:
        answer = await house.execute(stdin="in", args=["one"])
        assert answer.status_code == 200
        assert answer.json()["run"]["stdout"] == "hello\nin\none\n"
        assert house.source.runs[0].job.files[0].content == b"print(1)"
        assert (await house.execute(language="c")).json().keys() == {"compile", "run", "language", "version"}


async def test_a_program_is_counted_and_nobodys(tmp_path: Path) -> None:
    async with scripted_house(tmp_path) as house:
        await house.execute()
        recent = house.desk.programs.recent()
        assert [(one.language, one.where, one.status, one.duration_ms, one.room, one.member) for one in recent] == [("python", "server", "ok", 15, None, None)]


@pytest.mark.parametrize(("headers", "status"), [
    ({"content-type": "application/json"}, 200),
    ({"content-type": "application/json; charset=utf-8"}, 200),
    ({"content-type": "text/plain;charset=UTF-8"}, 200),
    ({"content-type": "text/plain", "origin": "https://evil.example"}, 415),
    ({"content-type": "text/plain", "sec-fetch-site": "cross-site"}, 415),
    ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ({}, 415),
])  # fmt: skip
async def test_json_alone_is_taken_and_from_programs_what_they_call_text(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    async with scripted_house(tmp_path) as house:
        body = b'{"language":"python","version":"*","files":[{"content":""}]}'
        answer = await house.client.post("/api/v2/execute", content=body, headers={**BEARER, **headers})
        assert answer.status_code == status
        if status == 415:
            assert answer.json() == {"message": JSON_ONLY}


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"a": 1' + b"0" * 5000 + b"}"])
async def test_a_body_that_is_no_json_is_refused(tmp_path: Path, body: bytes) -> None:
    async with scripted_house(tmp_path) as house:
        answer = await house.client.post("/api/v2/execute", content=body, headers={**BEARER, "content-type": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["message"]


@pytest.mark.parametrize(("fields", "reason"), [
    ({"language": "cobol"}, "cobol-* runtime is unknown"),
    ({"language": "\ud800"}, "?-* runtime is unknown"),
    ({"files": [{"content": "x" * 1000}, {"content": "y" * 1000}]}, "1,500 bytes in all"),
    ({"files": [{"content": "", "name": f"f{number}"} for number in range(4)]}, "may have 3 files"),
    ({"files": [{"content": "", "name": "../x"}]}, "'../x'"),
    ({"files": [{"content": "", "name": "/etc/passwd"}]}, "relative"),
    ({"files": [{"content": "", "name": "a\0b"}]}, "control characters"),
    ({"files": [{"content": "", "name": "a"}, {"content": "", "name": "a"}]}, "Two files"),
    ({"args": ["\0"]}, "without NUL"),
    ({"stdin": "x" * 2000}, "Standard input may have 1,000 bytes"),
    ({"run_timeout": 999_999}, "cannot exceed the configured limit of 10000"),
])  # fmt: skip
async def test_what_makes_no_sense_is_refused_with_its_reason(tmp_path: Path, fields: dict[str, object], reason: str) -> None:
    import json

    async with scripted_house(tmp_path, program_files=3, program_bytes=1500, program_input_bytes=1000) as house:
        body = json.dumps({"language": "python", "version": "*", "files": [{"content": ""}], **fields})
        answer = await house.client.post("/api/v2/execute", content=body, headers={**BEARER, "content-type": "application/json"})
        assert answer.status_code == 400
        assert reason in answer.json()["message"]
        assert house.source.runs == []


async def test_a_program_may_be_as_large_as_the_settings_say(tmp_path: Path) -> None:
    async with scripted_house(tmp_path) as house:
        content = base64.b64encode(bytes(1024 * 1024 - 4)).decode()
        files = [{"content": "1234"}, {"content": content, "encoding": "base64", "name": "data"}]
        assert (await house.execute(files=files)).status_code == 200
        assert (await house.execute(files=[{"content": "12345"}, files[1]])).status_code == 400
        assert (await house.execute(files=[{"content": "x" * 5_000_000}])).status_code == 413


async def test_too_many_in_a_minute_are_told_when_to_come_back(tmp_path: Path) -> None:
    async with scripted_house(tmp_path, api_programs_per_minute=2) as house:
        assert [(await house.execute()).status_code for _ in range(2)] == [200, 200]
        answer = await house.execute()
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert "2 programs a minute" in answer.json()["message"]


async def test_more_than_fit_into_the_queue_are_told_to_come_back(tmp_path: Path) -> None:
    async with scripted_house(tmp_path, programs_at_once=1, programs_waiting=1) as house:
        waiting = [asyncio.create_task(house.execute(language="wait")) for _ in range(2)]
        await asyncio.wait_for(house.source.began.wait(), 20)
        answer = await house.execute()
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
        await house.executor.stop()
        await asyncio.gather(*waiting)


async def test_fifty_at_once_all_get_their_turn(tmp_path: Path) -> None:
    async with scripted_house(tmp_path) as house:
        answers = await asyncio.gather(*(house.execute(args=[str(number)]) for number in range(50)))
        assert [answer.json()["run"]["stdout"] for answer in answers] == [f"hello\n\n{number}\n" for number in range(50)]


async def test_a_server_that_cannot_run_says_why_and_what_to_do(tmp_path: Path) -> None:
    source = Source(Health(False, "There is no bubblewrap.", "Install it."))
    async with scripted_house(tmp_path, source) as house:
        answer = await house.execute()
        assert (answer.status_code, answer.json()) == (503, {"message": "There is no bubblewrap. Install it."})
        assert answer.headers["retry-after"]
        source.health = Health(True, "")
        assert (await house.execute()).status_code == 200  # it recovers


async def test_a_run_that_is_lost_is_told_as_that(tmp_path: Path) -> None:
    async with scripted_house(tmp_path) as house:
        running = asyncio.create_task(house.execute(language="wait"))
        await asyncio.wait_for(house.source.began.wait(), 20)
        queued = [asyncio.create_task(house.execute()) for _ in range(2)]
        await house.executor.stop()
        assert (await running).json()["run"]["signal"] == "SIGKILL"
        await asyncio.gather(*queued)
        assert (await house.execute()).status_code == 503


async def test_a_run_whose_client_is_gone_is_ended(tmp_path: Path) -> None:
    from tests.edge.http.programs import scripted_server

    async with scripted_server(tmp_path) as house:
        async with httpx.AsyncClient(base_url=house.url) as leaves:
            running = asyncio.create_task(House(leaves, house.source, house.executor, house, house.url).execute(language="wait"))
            await asyncio.wait_for(house.source.began.wait(), 20)
            running.cancel()
        await until(house.source.runs[0].stopped.is_set)
        await until(house.desk.programs.recent)
        assert [one.status for one in house.desk.programs.recent()] == ["killed"]


async def test_output_comes_to_its_end_even_if_much(tmp_path: Path) -> None:
    async def much(run: ScriptedRun) -> None:
        from fourhands.execution.port import Exit, Stage

        await run.say(Stage("run"))
        for _ in range(100):
            await run.print("x" * 10_000)
        await run.say(Exit(stage="run", status="ok", code=0))

    async with scripted_house(tmp_path, Source(much=much)) as house:
        assert len((await house.execute(language="much")).json()["run"]["stdout"]) == 1_000_000


async def test_a_personal_token_runs_programs_if_it_was_made_for_it(tmp_path: Path) -> None:
    async with scripted_house(tmp_path, api_tokens=(), password_memory_bytes=8 * 1024 * 1024, password_passes=1) as house:
        own = {"Sec-Fetch-Site": "same-origin"}
        await house.client.post("/api/accounts", json={"login": "ada", "password": "correct horse battery"}, headers=own)
        made = [await house.client.post("/api/me/tokens", json={"name": "CI", "scopes": [scope]}, headers=own) for scope in ("piston", "runs")]
        asked = [*(answer.json()["token"] for answer in made), "fh_" + "0" * 40]
        answers = [await house.client.get("/api/v2/runtimes", headers={"Authorization": f"Bearer {token}"}) for token in asked]
        assert [answer.status_code for answer in answers] == [200, 403, 401]
