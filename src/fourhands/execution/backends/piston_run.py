"""One program on a Piston server: its request, and its answer as our events. Made by `piston`."""

import asyncio
import base64
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx
import websockets
from websockets.exceptions import ConnectionClosed, WebSocketException

from fourhands.errors import InvalidRequest
from fourhands.execution.backends.piston_answer import event_of, events_of
from fourhands.execution.port import SIGNALS, Error, Event, Exit, Job, Limits

SLACK_SECONDS = 60.0
"""What an answer may take beyond the program's own time: it may have to wait there, too."""
ANSWER_BYTES = 64 * 1024 * 1024
EVENTS = 64
"""What may be unread of a conversation; the server there waits meanwhile."""

_CEILING = re.compile(r"(\w+) cannot exceed the configured limit of (\d+)")


class Ceilings:
    """What that server allows at most, as far as its refusals have told."""

    def __init__(self) -> None:
        self._most: dict[str, int] = {}

    def learn(self, message: str) -> bool:
        """Whether a refusal named a ceiling that was not known."""
        match = _CEILING.search(message)
        if match is None or self._most.get(match[1]) == int(match[2]):
            return False
        self._most[match[1]] = int(match[2])
        return True

    def fields(self, limits: Limits) -> dict[str, int]:
        """The limits as Piston's fields: milliseconds and bytes."""
        wanted = {
            "run_timeout": round(limits.wall_seconds * 1000),
            "compile_timeout": round(limits.compile_wall_seconds * 1000),
            "run_cpu_time": round(limits.cpu_seconds * 1000),
            "compile_cpu_time": round(limits.compile_cpu_seconds * 1000),
            "run_memory_limit": limits.memory_bytes,
            "compile_memory_limit": limits.compile_memory_bytes,
        }
        return {name: min(value, self._most.get(name, value)) for name, value in wanted.items()}


@dataclass(frozen=True, slots=True)
class Remote:
    """A server, and a language as it names it. `failed` hears that it does not answer, or with which status it refuses everything."""

    client: httpx.AsyncClient
    language: str
    version: str
    ceilings: Ceilings
    failed: Callable[[int | None], None]


class PistonRun:
    """What both ways have in common: a task that says events, and whoever reads them."""

    def __init__(self, remote: "Remote", job: Job) -> None:
        self._remote = remote
        self._job = job
        self._events: deque[Event] = deque()
        self._said, self._read = asyncio.Event(), asyncio.Event()
        self._over = False
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    def begin(self, ended: "Callable[[PistonRun], None]") -> None:
        """Start asking; `ended` hears when it is over."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: ended(self))

    async def ended(self) -> None:
        """Wait for its end."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            await self._talk()
        except asyncio.CancelledError:
            self._say(Exit(stage="run", status="killed", signal="SIGKILL"))
        except (httpx.HTTPError, OSError, WebSocketException) as error:
            self._remote.failed(None)
            self._say(Error(message=f"The Piston server does not answer ({type(error).__name__}), so the run is lost. Start it again."))
        finally:
            self._over = True
            self._said.set()

    async def _talk(self) -> None:
        """Ask, and say what comes."""
        raise NotImplementedError

    def _say(self, event: Event) -> None:
        self._events.append(event)
        self._said.set()

    def _body(self) -> dict[str, Any]:
        job = self._job
        return {
            "language": self._remote.language,
            "version": self._remote.version,
            "files": [_file(file.name, file.content) for file in job.files],
            "args": list(job.args),
            "stdin": job.stdin.decode("utf-8", "replace"),
            **self._remote.ceilings.fields(job.limits),
        }

    def _refused(self, status_code: int, message: str) -> Error:
        """Why it was not run."""
        if status_code == 429:
            return Error(message="The Piston server has too much to do. Try again in a moment.", status="busy")
        if status_code == 400:
            return Error(message=f"The Piston server refused it: {message}")
        self._remote.failed(status_code)
        return Error(message=f"The Piston server answered with status {status_code}: {message}"[:500].rstrip(": "))

    # ---- Run ----

    def __aiter__(self) -> "PistonRun":
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._over:
                raise StopAsyncIteration
            self._said.clear()
            await self._said.wait()
        self._read.set()
        return self._events.popleft()

    async def write(self, data: bytes) -> None:
        """Where input is not open, nothing more is taken."""

    async def close_input(self) -> None:
        """Piston knows no end of input while a program runs."""

    def resize(self, columns: int, rows: int) -> None:
        """There is no terminal."""

    def signal(self, name: str) -> None:
        if name not in SIGNALS:
            raise InvalidRequest(f"{name[:20]!r} is no signal that can be sent to a run.")

    def stop(self) -> None:
        if self._task is not None and not self._stopped:
            self._stopped = True
            self._task.cancel()


class ExecuteRun(PistonRun):
    """One request, answered when the program has ended."""

    async def _talk(self) -> None:
        limits = self._job.limits
        seconds = limits.wall_seconds + limits.compile_wall_seconds + SLACK_SECONDS
        while True:
            async with self._remote.client.stream("POST", "execute", json=self._body(), timeout=httpx.Timeout(10, read=seconds)) as answer:
                raw = await _whole(answer)
            told = _json(raw)
            if answer.status_code == 200 and isinstance(told.get("run"), dict):
                break
            message = str(told.get("message") or "")
            if answer.status_code != 400 or not self._remote.ceilings.learn(message):
                self._say(self._refused(answer.status_code, message or "what it said makes no sense"))
                return
        for event in events_of(told, limits):
            self._say(event)


class ConnectRun(PistonRun):
    """A conversation, for a program whose input stays open."""

    def __init__(self, remote: Remote, job: Job) -> None:
        super().__init__(remote, job)
        self._socket: asyncio.Future[websockets.ClientConnection] = asyncio.get_running_loop().create_future()

    async def _talk(self) -> None:
        url = str(self._remote.client.base_url).replace("http", "ws", 1) + "connect"
        headers = {name: value for name, value in self._remote.client.headers.items() if name == "authorization"}
        try:
            while True:
                async with websockets.connect(url, additional_headers=headers, max_size=ANSWER_BYTES) as socket:
                    await socket.send(json.dumps({"type": "init", **self._body()}))
                    if await self._listen(socket):
                        return
        except websockets.InvalidStatus as error:
            self._say(self._refused(error.response.status_code, "it takes no conversation"))
        finally:
            if not self._socket.done():
                self._socket.cancel()

    async def _listen(self, socket: websockets.ClientConnection) -> bool:
        """Say what comes, to the end; whether that was it."""
        try:
            async for raw in socket:
                message = _json(raw if isinstance(raw, bytes) else raw.encode())
                if message.get("type") == "error":
                    text = str(message.get("message"))
                    if self._remote.ceilings.learn(text):
                        return False
                    self._say(Error(message=f"The Piston server refused it: {text}"))
                    return True
                if not self._socket.done():
                    self._socket.set_result(socket)
                if (event := event_of(message)) is not None:
                    self._say(event)
                    if isinstance(event, Exit) and (event.stage == "run" or event.status != "ok"):
                        return True
                while len(self._events) >= EVENTS:
                    self._read.clear()
                    await self._read.wait()
        except ConnectionClosed:
            pass
        self._remote.failed(None)
        self._say(Error(message="The Piston server ended the conversation, so the run is lost. Start it again."))
        return True

    async def write(self, data: bytes) -> None:
        await self._send(type="data", stream="stdin", data=data.decode("utf-8", "replace"))

    def signal(self, name: str) -> None:
        super().signal(name)
        self._signalling = asyncio.ensure_future(self._send(type="signal", signal=name))

    async def _send(self, **message: str) -> None:
        try:
            socket = await asyncio.shield(self._socket)
            await socket.send(json.dumps(message))
        except (ConnectionClosed, asyncio.CancelledError):
            if not self._over and not self._socket.cancelled():
                raise


async def _whole(answer: httpx.Response) -> bytes:
    """The body. Raises `httpx.HTTPError` for one that has no end."""
    pieces, size = list[bytes](), 0
    async for piece in answer.aiter_bytes():
        size += len(piece)
        if size > ANSWER_BYTES:
            raise httpx.DecodingError(f"It answered with more than {ANSWER_BYTES:,} bytes.")
        pieces.append(piece)
    return b"".join(pieces)


def _json(raw: bytes) -> Mapping[str, Any]:
    try:
        told: object = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return cast("Mapping[str, Any]", told) if isinstance(told, dict) else {}


def _file(name: str, content: bytes) -> dict[str, str]:
    try:
        return {"name": name, "content": content.decode(), "encoding": "utf8"}
    except UnicodeDecodeError:
        return {"name": name, "content": base64.b64encode(content).decode(), "encoding": "base64"}
