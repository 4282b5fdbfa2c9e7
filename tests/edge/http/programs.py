"""The application with programs that are scripts: in this process, and where a test needs sockets, behind uvicorn as it is in life."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from fourhands.actions.place import Place
from fourhands.app import create_app
from fourhands.desk.desk import Desk
from fourhands.edge.server import listen
from fourhands.execution.admission import SlidingWindow
from fourhands.execution.executor import Executor
from fourhands.execution.turns import Turns
from fourhands.model.clock import SystemClock
from fourhands.running import Running, rules_of
from fourhands.serving import server_config
from fourhands.settings import Settings
from tests.execution.scripted import ScriptedBackend

TOKEN = "a-token-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Source(ScriptedBackend):
    is_pending = False


def scripted_app(folder: Path, source: ScriptedBackend | None = None, **settings: Any) -> tuple[FastAPI, ScriptedBackend, Executor]:
    """The application over scripts."""
    chosen = Settings(data_dir=folder, **{"api_tokens": (TOKEN,), "programs_at_once": 2, **settings})
    source, running, rules = source or Source(), Running(chosen, SystemClock()), rules_of(chosen)
    running.executor = Executor(source, Turns(rules.queue), SlidingWindow(SystemClock()), rules)  # pyright: ignore[reportArgumentType]
    return create_app(chosen, running), source, running.executor


class House:
    """What a test talks to, and what it looks at."""

    def __init__(self, client: httpx.AsyncClient, source: ScriptedBackend, executor: Executor, state: Any, url: str) -> None:
        self.client = client
        self.desk: Desk = state.desk
        self.place: Place = state.place
        self.source = source
        self.executor = executor
        self.url = url

    async def execute(self, **fields: Any) -> httpx.Response:
        """Run a program; by default one in Python."""
        body = {"language": "python", "version": "*", "files": [{"content": "print(1)"}], **fields}
        return await self.client.post("/api/v2/execute", json=body, headers=BEARER)


@contextlib.asynccontextmanager
async def scripted_house(folder: Path, source: ScriptedBackend | None = None, **settings: Any) -> AsyncIterator[House]:
    """Without sockets."""
    app, source, executor = scripted_app(folder, source, **settings)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fourhands.test") as client:
        yield House(client, source, executor, app.state, "http://fourhands.test")
        await source.close()


@contextlib.asynccontextmanager
async def scripted_server(folder: Path, source: ScriptedBackend | None = None, **settings: Any) -> AsyncIterator[House]:
    """Behind uvicorn, at an address of its own."""
    app, source, executor = scripted_app(folder, source, **settings)
    chosen = Settings(data_dir=folder, **{name: value for name, value in settings.items() if name in {"root_path", "message_bytes"}})
    server = uvicorn.Server(server_config(app, chosen))
    with listen("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}{chosen.root_path}"
        serving = asyncio.create_task(server._serve([listening]))
        async with asyncio.timeout(20):
            while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
                await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=url) as client:
            yield House(client, source, executor, app.state, url)
        server.should_exit = True
        await source.close()
        await serving
