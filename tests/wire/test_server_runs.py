"""Programs that run on the server, in a room: through the whole server and real sandboxes."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fourhands.execution.port import Stage
from fourhands.runner import Runner, listen
from tests.execution.sandboxes import needs_sandbox
from tests.execution.scripted import ScriptedBackend, ScriptedRun
from tests.server import ServerProcess
from tests.wire.client import Client, Event, Room, bearer, clients
from tests.wire.test_ephemeral import found

pytestmark = needs_sandbox

PER_MINUTE = 4
SECRETS = "qzkwvx", "jhgfdp", "pdfghj"
"""Of a program, and of what it says."""
PROGRAMS = {
    "FOURHANDS_RUNNER": "child",
    "FOURHANDS_PROGRAMS_PER_MINUTE": str(PER_MINUTE),
    "FOURHANDS_PROGRAMS_WARM": "0",
    "FOURHANDS_PROGRAM_SECONDS": "60",  # none of these is about time, and a busy machine takes it
}


async def ready(server: ServerProcess) -> None:
    """Wait until programs can be run."""
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while (await client.get(f"{server.url}/readyz")).status_code != 200:  # noqa: ASYNC110 - another process, which tells nobody
            await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("data"), env=PROGRAMS)
    process.start()
    asyncio.run(ready(process))
    yield process
    process.stop()


def a_room(server: ServerProcess, **body: object) -> Room:
    return Room.open(server.url, **{"language": "python", **body})


async def rewrite(client: Client, text: str) -> None:
    """Let the file be this."""
    del client.text[:]
    client.text.insert(0, text)
    await client.flush()


def output(client: Client, run: str, stream: str = "stdout") -> str:
    """What was heard of a run's output."""
    said = [event for event in client.events if event["type"] == "run.output" and event["run"] == run and event["stream"] == stream]
    return "".join(event["text"] for event in said)


async def until_output(client: Client, run: str, text: str) -> None:
    await client.until(lambda: text in output(client, run))


async def ended(client: Client, run: str) -> Event:
    return await client.event("run.ended", run=run)


async def test_everybody_sees_a_program_from_its_start_to_its_end(runner: ServerProcess) -> None:
    room = a_room(runner)
    async with clients(Client(runner.url, room.id, room.host), Client(runner.url, room.id, room.join("Lin"))) as (ada, lin):
        await rewrite(ada, "import sys\nprint('Grüße', sys.argv[1:], input())\nprint('oh', file=sys.stderr)\nsys.exit(3)\n")
        await ada.say("run.ask", run="s0000000001", args=["-n", "ü"], stdin="1\n")
        for person in (ada, lin):
            end = await ended(person, "s0000000001")
            assert output(person, "s0000000001") == "Grüße ['-n', 'ü'] 1\n"
            assert output(person, "s0000000001", "stderr") == "oh\n"
            assert (end["status"], end["code"], end["signal"]) == ("error", 3, None)
            assert end["ms"] > 0
            assert end["memory_bytes"] > 1_000_000
            started = (await person.event("run.started"))["run"]
            assert (started["name"], started["where"], started["file"], started["status"]) == ("Ada", "server", "main.py", "queued")
            assert [event["stage"] for event in person.events if event["type"] == "run.stage"] == ["run"]
    async with Client(runner.url, room.id, room.join("Mia")) as late:
        (run,) = (await late.event("welcome"))["runs"]
        assert (run["status"], run["code"], dict(run["output"])) == ("error", 3, {"stdout": "Grüße ['-n', 'ü'] 1\n", "stderr": "oh\n"})


async def test_a_terminal_is_typed_into_by_those_who_may_and_seen_by_all(runner: ServerProcess) -> None:
    room = a_room(runner)
    tokens = room.host, room.join("Lin"), room.join("Vic", role="viewer")
    async with clients(*(Client(runner.url, room.id, token) for token in tokens)) as (ada, lin, vic):
        await ada.say("run.ask", run="s0000000002", language="python", terminal={"columns": 80, "rows": 24}, repl=True)
        await until_output(vic, "s0000000002", ">>> ")
        await lin.say("run.input", run="s0000000002", text="print('a' + 'b', '世界')\r")
        await until_output(vic, "s0000000002", "ab 世界")
        await ada.say("run.resize", run="s0000000002", columns=133, rows=41)
        await vic.event("run.resized", columns=133, rows=41)
        await ada.say("run.input", run="s0000000002", text="import os; print(os.get_terminal_size())\r")
        await until_output(vic, "s0000000002", "columns=133, lines=41")
        await ada.say("run.input", run="s0000000002", text="import time; print('go' + 'ing'); time.sleep(60)\r")
        await until_output(vic, "s0000000002", "going")
        await lin.say("run.input", run="s0000000002", text="\x03")
        await until_output(vic, "s0000000002", "KeyboardInterrupt")
        await ada.say("run.input", run="s0000000002", text="print('\\x1b]52;c;QUJD\\x07\\x1b[31mred\\x1b[6n')\r")
        await until_output(vic, "s0000000002", "\x1b[31mred")
        assert "\x1b]" not in output(vic, "s0000000002")
        assert "\x1b[6n" not in output(vic, "s0000000002")
        async with Client(runner.url, room.id, room.join("Mia")) as late:
            (run,) = (await late.event("welcome"))["runs"]
            assert (run["status"], run["repl"], run["terminal"]) == ("running", True, {"columns": 133, "rows": 41})
            assert "ab 世界" in "".join(text for _, text in run["output"])
        for event in ({"type": "run.input", "text": "1\r"}, {"type": "run.stop"}, {"type": "run.ask"}):
            await vic.say(**{"kind": event.pop("type"), "run": "s0000000002", **event})  # pyright: ignore[reportArgumentType]
        await vic.until(lambda: len([event for event in vic.events if event["type"] == "error" and event["code"] == "forbidden"]) == 3)
        await ada.say("run.input_end", run="s0000000002")
        assert (await ended(vic, "s0000000002"))["status"] == "ok"


async def test_a_signal_is_sent_by_those_who_may(runner: ServerProcess) -> None:
    room = a_room(runner)
    program = """
import signal, time
signal.signal(signal.SIGUSR1, lambda *_: print("usr1", flush=True))
print("ready", flush=True)
while True: time.sleep(0.01)  # short: Python runs no handler for a signal that came just before a system call
"""
    async with clients(Client(runner.url, room.id, room.host), Client(runner.url, room.id, room.join("Vic", role="viewer"))) as (ada, vic):
        await rewrite(ada, program)
        await ada.say("run.ask", run="s0000000040")
        await until_output(ada, "s0000000040", "ready")
        await vic.say("run.signal", run="s0000000040", signal="SIGTERM")
        assert (await vic.event("error"))["code"] == "forbidden"
        await ada.say("run.signal", run="s0000000040", signal="SIGNOT")
        assert "SIGINT" in (await ada.event("error", ref="s0000000040"))["message"]
        await ada.say("run.signal", run="s0000000040", signal="SIGUSR1")
        await until_output(vic, "s0000000040", "usr1")
        await ada.say("run.signal", run="s0000000040", signal="SIGTERM")
        end = await ended(vic, "s0000000040")
        assert (end["status"], end["signal"]) == ("error", "SIGTERM")


async def test_whoever_leaves_and_joins_anew_has_no_more_programs_a_minute(runner: ServerProcess) -> None:
    room = a_room(runner)
    async with Client(runner.url, room.id, room.host) as ada:
        await rewrite(ada, "print(1)\n")
        async with Client(runner.url, room.id, room.join("Lin")) as lin:
            for number in range(PER_MINUTE):
                await lin.say("run.ask", run=f"s000000005{number}")
                await ended(lin, f"s000000005{number}")
        await ada.event("member.left")
        async with Client(runner.url, room.id, room.join("Lin again")) as again:
            await again.say("run.ask", run="s0000000059")
            assert (await again.event("error", ref="s0000000059"))["code"] == "limit_exceeded"


async def test_of_an_ephemeral_room_no_file_has_a_program_or_its_output(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", env={**PROGRAMS, "FOURHANDS_FOLD_SECONDS": "0.5", "FOURHANDS_IDLE_SECONDS": "0.5"})
    server.start()
    try:
        await ready(server)
        room = a_room(server, ephemeral=True)
        async with Client(server.url, room.id, room.host) as ada:
            await rewrite(ada, "print('qzkwvx' + 'jhgfdp'[::-1])\n")
            await ada.say("run.ask", run="s0000000060")
            await ended(ada, "s0000000060")
            assert output(ada, "s0000000060") == "qzkwvxpdfghj\n"
            await ada.until_saved()
        assert (await executed(server.data_dir, "s0000000060"))[:2] == (None, None)
        async with asyncio.timeout(30):
            while any(found(server.data_dir, secret) for secret in SECRETS):  # noqa: ASYNC110 - until the next fold
                await asyncio.sleep(0.05)
    finally:
        server.stop()


async def test_characters_that_a_program_writes_in_halves_arrive_whole(runner: ServerProcess) -> None:
    room = a_room(runner)
    async with Client(runner.url, room.id, room.host) as ada:
        await rewrite(ada, "import os, time\nfor byte in '世🚀'.encode():\n    os.write(1, bytes([byte])); time.sleep(0.05)\nos.write(1, b'\\xff.')\n")
        await ada.say("run.ask", run="s0000000003")
        await ended(ada, "s0000000003")
        assert output(ada, "s0000000003") == "世🚀\ufffd."


async def test_a_flood_ends_at_its_limit_and_edits_go_on(runner: ServerProcess) -> None:
    room = a_room(runner)
    async with clients(Client(runner.url, room.id, room.host), Client(runner.url, room.id, room.join())) as (ada, lin):
        await rewrite(ada, "while True: print('x' * 99)\n")
        await ada.say("run.ask", run="s0000000004")
        await ada.event("run.stage")
        await lin.insert(0, "# hello\n")
        await ada.until_text("# hello\nwhile True: print('x' * 99)\n")
        end = await ended(ada, "s0000000004")
        assert end["status"] == "output_limit"
        assert 500_000 < len(output(ada, "s0000000004")) <= 1024 * 1024
        assert max(len(event["text"]) for event in ada.events if event["type"] == "run.output") <= 64 * 1024


async def test_a_run_is_stopped_by_anybody_who_may(runner: ServerProcess) -> None:
    room = a_room(runner)
    async with clients(Client(runner.url, room.id, room.host), Client(runner.url, room.id, room.join())) as (ada, lin):
        await rewrite(ada, "import time\nprint('on', flush=True)\ntime.sleep(60)\n")
        await ada.say("run.ask", run="s0000000005")
        await until_output(lin, "s0000000005", "on")
        await ada.say("run.ask", run="s0000000006")
        assert (await lin.event("run.queued", run="s0000000006"))["position"] == 1
        await lin.say("run.stop", run="s0000000006")
        await lin.say("run.stop", run="s0000000005")
        for run in ("s0000000005", "s0000000006"):
            assert (await ended(ada, run))["status"] == "killed"


async def test_whoever_may_not_run_any_more_has_their_program_ended_at_once(runner: ServerProcess) -> None:
    room = a_room(runner)
    address = f"{runner.url}/api/rooms/{room.id}"
    tokens = room.host, room.join()
    async with clients(*(Client(runner.url, room.id, token) for token in tokens)) as (ada, lin), httpx.AsyncClient(headers=bearer(room.host)) as http:
        await rewrite(ada, "import time\nprint('on', flush=True)\ntime.sleep(60)\n")
        await ada.answered()
        await lin.say("run.ask", run="s0000000060", language="python", terminal={"columns": 80, "rows": 24}, repl=True)
        await until_output(ada, "s0000000060", ">>> ")
        await lin.say("run.input", run="s0000000060", text="import time; print('go' + 'ing'); time.sleep(60)\r")
        await until_output(ada, "s0000000060", "going")
        member = (await ada.event("run.started"))["run"]["member"]
        answer = await http.patch(f"{address}/members/{member}", json={"state": "removed"})
        assert answer.status_code == 200, answer.text
        assert (await ended(ada, "s0000000060"))["status"] == "killed"
        await ada.say("run.ask", run="s0000000061")
        await until_output(ada, "s0000000061", "on")
        assert (await http.patch(address, json={"run_role": "none"})).status_code == 200
        assert (await ended(ada, "s0000000061"))["status"] == "killed"


async def test_what_cannot_be_run_is_answered_with_its_run(runner: ServerProcess) -> None:
    room = a_room(runner)
    async with Client(runner.url, room.id, room.host) as ada:
        await ada.say("run.ask", run="s0000000007", language="klingon")
        assert "klingon" in (await ada.event("error", ref="s0000000007"))["message"]
        await ada.say("run.ask", run="s0000000008", file="nowhere")
        assert (await ada.event("error", ref="s0000000008"))["code"] == "not_found"
        await ada.say("run.input", run="s0000000009", text="x")
        assert (await ada.event("error", ref="s0000000009"))["code"] == "not_found"
        await rewrite(ada, "print(1)\n")
        for number in range(PER_MINUTE):
            await ada.say("run.ask", run=f"s000000001{number}")
            await ended(ada, f"s000000001{number}")
        await ada.say("run.ask", run="s0000000019")
        error = await ada.event("error", ref="s0000000019")
        assert error["code"] == "limit_exceeded"
        assert 0 < error["retry_after"] <= 60


async def test_http_starts_a_run_and_tells_of_all(runner: ServerProcess) -> None:
    room = a_room(runner)
    address = f"{runner.url}/api/rooms/{room.id}/runs"
    async with Client(runner.url, room.id, room.host) as ada, httpx.AsyncClient(headers=bearer(room.host)) as http:
        await rewrite(ada, "print(input()[::-1])\n")
        await ada.answered()
        answer = await http.post(address, json={"stdin": "olleh"})
        assert answer.status_code == 202, answer.text
        run = answer.json()["run"]
        assert (run["status"], run["where"], run["language"]) == ("queued", "server", "python")
        await ended(ada, run["id"])
        (told,) = (await http.get(address)).json()["runs"]
        assert (told["id"], told["status"], told["output"]) == (run["id"], "ok", [["stdout", "hello\n"]])
        assert (await http.post(address, json={"language": "klingon"})).status_code == 400
        assert (await http.post(address, json={"file": "nowhere"})).status_code == 404
        assert (await http.post(address, json={"args": ["\0"]})).status_code == 400
        assert (await http.get(address, headers=bearer(None) or {"Authorization": ""})).status_code == 401
        viewer = await http.post(address, json={}, headers=bearer(room.join("Vic", role="viewer")))
        assert viewer.status_code == 403


async def test_the_end_of_a_room_ends_its_programs_and_leaves_nothing_of_them(runner: ServerProcess) -> None:
    room = a_room(runner, ephemeral=True)
    async with Client(runner.url, room.id, room.host) as ada:
        await rewrite(ada, "import time\nprint('se' + 'cret-of-this-room', flush=True)\ntime.sleep(60)\n")
        await ada.say("run.ask", run="s0000000020")
        await until_output(ada, "s0000000020", "secret-of-this-room")
        answer = httpx.delete(f"{runner.url}/api/rooms/{room.id}", headers=bearer(room.host))
        assert answer.status_code == 204
        await ada.until_closed()
    row = await executed(runner.data_dir, "s0000000020")
    assert row == (None, None, "python", "server", "killed")


async def executed(data_dir: Path, run: str) -> tuple[object, ...]:
    """What the table of executions says of a run, once it does."""
    connection = sqlite3.connect(data_dir / "fourhands.db")
    try:
        async with asyncio.timeout(20):
            while True:
                row = connection.execute("SELECT room_id, member, language, place, status FROM executions WHERE id = ?", (run,)).fetchone()
                if row is not None:
                    return row
                await asyncio.sleep(0.05)
    finally:
        connection.close()


async def started(room: Room) -> str:
    """A run of the room's file, as soon as the runner is there again."""
    async with asyncio.timeout(60), httpx.AsyncClient(headers=bearer(room.host)) as http:
        while (answer := await http.post(f"{room.url}/api/rooms/{room.id}/runs", json={})).status_code == 503:
            assert "runner" in answer.json()["detail"]
            await asyncio.sleep(0.05)
    return str(answer.json()["run"]["id"])


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_a_run_whose_runner_dies_is_lost_and_those_that_wait_and_the_next_one_are_not(runner: ServerProcess) -> None:
    room = a_room(runner)
    async with Client(runner.url, room.id, room.host) as ada:
        await rewrite(ada, "import time\nprint('on', flush=True)\ntime.sleep(60)\n")
        await ada.say("run.ask", run="s0000000030")
        await until_output(ada, "s0000000030", "on")
        await ada.say("run.ask", run="s0000000032")
        await ada.event("run.queued")
        for child in children(runner.pid):
            os.kill(child, signal.SIGKILL)
        end = await ended(ada, "s0000000030")
        assert end["status"] == "lost"
        assert "runner" in end["message"]
        await until_output(ada, "s0000000032", "on")
        await ada.say("run.stop", run="s0000000032")
        second = await started(room)
        await until_output(ada, second, "on")


async def on(run: ScriptedRun) -> None:
    """Goes on until it is stopped, and says so at once."""
    await run.say(Stage("run"))
    await run.print("on")
    await asyncio.Event().wait()


async def test_a_run_whose_server_dies_ends_and_the_room_says_that_it_is_lost(tmp_path: Path) -> None:
    path, backend = tmp_path / "runner.sock", ScriptedBackend(python=on)
    beside = asyncio.create_task(listen(Runner(backend, test_seconds=3600), backend, path, 0o600, started=lambda: None))
    server = ServerProcess(tmp_path / "data", env={**PROGRAMS, "FOURHANDS_RUNNER": f"unix://{path}"})
    try:
        await asyncio.to_thread(server.start)
        await ready(server)
        room = await asyncio.to_thread(a_room, server)
        async with Client(server.url, room.id, room.host) as ada:
            await ada.say("run.ask", run="s0000000031")
            await until_output(ada, "s0000000031", "on")
            await ada.until_saved()
            await ada.insert(0, "# saved behind the run's beginning\n")
            await ada.until_saved()
            server.kill()
            await ada.until_closed()
        await asyncio.wait_for(backend.runs[0].stopped.wait(), 20)
        await asyncio.to_thread(server.start)
        async with Client(server.url, room.id, room.host) as ada:
            (told,) = (await ada.event("welcome"))["runs"]
            assert (told["id"], told["status"]) == ("s0000000031", "lost")
            assert "server" in told["message"]
        assert (await executed(server.data_dir, "s0000000031"))[4] == "lost"
    finally:
        await asyncio.to_thread(server.stop)
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
