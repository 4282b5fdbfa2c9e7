"""Piston's WebSocket, over a real socket: its messages, its close codes, and that nothing outlives its connection."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fourhands.execution.port import Data, Exit, Health, Stage
from tests.edge.http.programs import BEARER, House, Source, scripted_server
from tests.execution.conftest import until
from tests.execution.scripted import ScriptedRun

INIT = {"type": "init", "language": "echo", "version": "*", "files": [{"content": "x"}]}


class Talk:
    """One conversation."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            return json.loads(await self.socket.recv())

    async def rest(self) -> tuple[list[dict[str, Any]], int, str]:
        """All that still comes, and the close."""
        heard = []
        with contextlib.suppress(ConnectionClosed):
            while True:
                heard.append(await self.hear())
        assert self.socket.close_code is not None
        return heard, self.socket.close_code, self.socket.close_reason or ""


@contextlib.asynccontextmanager
async def talk(house: House, **headers: str) -> AsyncIterator[Talk]:
    url = house.url.replace("http", "ws", 1) + "/api/v2/connect"
    async with websockets.connect(url, additional_headers={**BEARER, **headers}) as socket:
        yield Talk(socket)


async def test_a_program_is_talked_to_from_its_start_to_its_exit(tmp_path: Path) -> None:
    async with scripted_server(tmp_path, root_path="/pad") as house, talk(house) as one:
        await one.say(**INIT, args=["a"])
        assert await one.hear() == {"type": "runtime", "language": "echo", "version": "1.0.0"}
        assert await one.hear() == {"type": "stage", "stage": "run"}
        await one.say(type="data", stream="stdin", data="hallo ü\n")
        assert await one.hear() == {"type": "data", "stream": "stdout", "data": "hallo ü\n"}
        await one.say(type="signal", signal="SIGINT")
        await one.say(type="whatever")  # Piston takes no notice
        await until(lambda: house.source.runs[0].told == ["SIGINT"])
        await house.source.runs[0].close_input()
        assert await one.rest() == ([{"type": "exit", "stage": "run", "code": 0, "signal": None}], 4999, "Job Completed")
        job = house.source.runs[0].job
        assert (job.open_input, job.stdin, job.args) == (True, b"", ("a",))
        assert [(one.id, one.status) for one in house.desk.programs.recent()] == [(job.id, "ok")]


async def test_a_letter_that_comes_in_two_pieces_is_told_whole(tmp_path: Path) -> None:
    async def halves(run: ScriptedRun) -> None:
        await run.say(Stage("run"))
        await run.print(b"\xc3")
        await run.say(Data("stderr", b"!"))
        await run.print(b"\xbc\xe2")
        await run.say(Exit(stage="run", status="error", signal="SIGSEGV"))

    async with scripted_server(tmp_path, Source(halves=halves)) as house, talk(house) as one:
        await one.say(**{**INIT, "language": "halves"})
        heard, code, _ = await one.rest()
        assert [(message.get("stream"), message.get("data")) for message in heard[2:-1]] == [("stderr", "!"), ("stdout", "ü"), ("stdout", "�")]
        assert heard[-1] == {"type": "exit", "stage": "run", "code": None, "signal": "SIGSEGV"}
        assert code == 4999


@pytest.mark.parametrize(("messages", "code", "reason"), [
    ([{"type": "data", "stream": "stdin", "data": "x"}], 4003, "Not yet initialized"),
    ([{"type": "signal", "signal": "SIGINT"}], 4003, "Not yet initialized"),
    ([INIT, INIT], 4000, "Already Initialized"),
    ([INIT, {"type": "data", "stream": "stdout", "data": "x"}], 4004, "Can only write to stdin"),
    ([INIT, {"type": "signal", "signal": "SIGNOT"}], 4005, "Invalid signal"),
    ([INIT, {"type": "signal", "signal": 9}], 4005, "Invalid signal"),
    ([INIT, {"type": "data", "stream": "stdin", "data": 1}], 4002, "Notified Error"),
    ([{**INIT, "language": "cobol"}], 4002, "Notified Error"),
    ([{**INIT, "files": [{"content": "", "name": "../x"}]}], 4002, "Notified Error"),
])  # fmt: skip
async def test_what_makes_no_sense_has_pistons_close_codes(tmp_path: Path, messages: list[dict[str, Any]], code: int, reason: str) -> None:
    async with scripted_server(tmp_path) as house, talk(house) as one:
        for message in messages:
            await one.say(**message)
        heard, closed, why = await one.rest()
        assert (closed, why) == (code, reason)
        if code == 4002:
            assert heard[-1]["type"] == "error"
            assert heard[-1]["message"]
        await until(lambda: all(run.stopped.is_set() for run in house.source.runs))


async def test_what_is_no_json_is_told(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        for raw in ("{", "[" * 100_000, b"binary"):
            async with talk(house) as one:
                await one.socket.send(raw)
                heard, code, _ = await one.rest()
                assert (heard[-1]["type"], code) == ("error", 4002)


async def test_who_says_nothing_is_sent_away(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house, talk(house) as one:
        assert await one.rest() == ([], 4001, "Initialization Timeout")


async def test_nobody_comes_in_without_a_token(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        with pytest.raises(InvalidStatus) as refused:
            async with talk(house, Authorization="Bearer wrong"):
                pass
        assert refused.value.response.status_code == 401
        assert "token" in json.loads(refused.value.response.body or b"")["message"]
        url = house.url.replace("http", "ws", 1) + "/api/v2/other"
        with pytest.raises(InvalidStatus) as refused:
            async with websockets.connect(url, additional_headers=BEARER):
                pass
        assert refused.value.response.status_code == 404


async def test_who_is_banned_does_not_come_in(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        ban = await house.place.bans.add("address", "127.0.0.0/8")
        with pytest.raises(InvalidStatus) as refused:
            async with talk(house):
                pass
        assert refused.value.response.status_code == 403
        await house.place.bans.remove(ban.id)
        async with talk(house) as one:
            await one.say(**INIT)
            assert (await one.hear())["type"] == "runtime"


async def test_a_run_is_ended_when_its_client_goes(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        async with talk(house) as one:
            await one.say(**{**INIT, "language": "wait"})
            assert (await one.hear())["type"] == "runtime"
            await asyncio.wait_for(house.source.began.wait(), 20)
        await until(house.source.runs[0].stopped.is_set)


async def test_a_client_that_goes_before_it_is_answered_leaves_its_turn_to_others(tmp_path: Path) -> None:
    async with scripted_server(tmp_path, terminals_at_once=1) as house:
        async with talk(house) as one:
            one.socket.protocol.send_text(json.dumps({**INIT, "language": "wait"}).encode())
            one.socket.protocol.send_close(1000)
            one.socket.transport.write(b"".join(one.socket.protocol.data_to_send()))  # at once: it is gone when its program is admitted
            await one.rest()
        async with talk(house) as other:
            await other.say(**INIT)
            assert (await other.hear())["type"] == "runtime"
            assert await other.hear() == {"type": "stage", "stage": "run"}


async def test_a_server_that_cannot_run_says_why(tmp_path: Path) -> None:
    async with scripted_server(tmp_path, Source(Health(False, "There is no bubblewrap.", "Install it."))) as house, talk(house) as one:
        await one.say(**INIT)
        assert await one.rest() == ([{"type": "error", "message": "There is no bubblewrap. Install it."}], 4002, "Notified Error")


async def test_a_server_that_stops_ends_programs_and_connections(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house, talk(house) as one:
        await one.say(**{**INIT, "language": "wait"})
        await one.hear()
        await asyncio.wait_for(house.source.began.wait(), 20)
        await house.executor.stop()
        heard, code, _ = await one.rest()
        assert (heard[-1], code) == ({"type": "exit", "stage": "run", "code": None, "signal": "SIGKILL"}, 4999)


async def test_a_message_that_is_too_large_is_not_taken(tmp_path: Path) -> None:
    async with scripted_server(tmp_path, message_bytes=4096) as house:
        async with talk(house) as one:
            await one.say(**INIT)
            assert (await one.hear())["type"] == "runtime"
            frame = {"type": "data", "stream": "stdin", "data": ""}
            await one.say(**{**frame, "data": "x" * (4096 - len(json.dumps(frame)))})
            assert [(await one.hear())["type"] for _ in range(2)] == ["stage", "data"]
            await one.say(**{**frame, "data": "x" * (4097 - len(json.dumps(frame)))})
            assert (await one.rest())[1] == 1009
        await until(house.source.runs[0].stopped.is_set)
