"""Piston's WebSocket, `/api/v2/connect`: a program whose input stays open, and whose output comes as it is written.

::

    connected ──init within a second──> runs ──its exit──> 4999
        │ else 4001                       └── what makes no sense: an `error` and 4002, or the close code that Piston has for it
"""

import asyncio
import codecs
import contextlib
import json
from collections.abc import Mapping
from typing import cast

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from fourhands.actions.count_run import counted
from fourhands.actions.place import Place
from fourhands.actions.run_code import run_code
from fourhands.edge.http.piston import ApiTokens, available, holder_of, order_of, refusal
from fourhands.edge.http.piston_request import read_wanted
from fourhands.errors import Forbidden, FourhandsError, Unauthenticated
from fourhands.execution.executor import AdmittedRun
from fourhands.execution.port import SIGNALS, Data, Error, Exit, Stage

INIT_SECONDS = 1.0


REASONS = {
    (ALREADY := 4000): "Already Initialized",
    (NO_INIT := 4001): "Initialization Timeout",
    (NOTIFIED := 4002): "Notified Error",
    (NOT_YET := 4003): "Not yet initialized",
    (ONLY_STDIN := 4004): "Can only write to stdin",
    (BAD_SIGNAL := 4005): "Invalid signal",
    (COMPLETED := 4999): "Job Completed",
}
"""Piston's close codes."""


class Closing(Exception):
    """The conversation ends with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(REASONS[code])
        self.code = code


def connect_router(place: Place, tokens: ApiTokens, *, init_seconds: float = INIT_SECONDS) -> APIRouter:
    router = APIRouter()

    @router.websocket("/api/v2/connect")
    async def connect(socket: WebSocket) -> None:
        try:
            holder = await holder_of(place, tokens, socket)
        except (Unauthenticated, Forbidden) as error:
            await socket.send_denial_response(refusal(error))
            return
        await socket.accept()
        try:
            await _Conversation(place, socket, holder).hold(init_seconds)
        except Closing as closing:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it may have gone meanwhile
                await socket.close(closing.code, str(closing))
        except WebSocketDisconnect:
            pass

    return router


class _Conversation:
    """One connection, one program."""

    def __init__(self, place: Place, socket: WebSocket, holder: str) -> None:
        self._place = place
        self._socket = socket
        self._holder = holder

    async def hold(self, init_seconds: float) -> None:
        """Raises `Closing` at its end, `WebSocketDisconnect` if the client goes."""
        try:
            async with asyncio.timeout(init_seconds):
                message = await self._first()
        except TimeoutError:
            raise Closing(NO_INIT) from None
        run = await self._start(message)
        hearing, telling = asyncio.create_task(self._hear(run)), asyncio.create_task(self._tell(run))
        try:
            await asyncio.wait({hearing, telling}, return_when=asyncio.FIRST_COMPLETED)
            for task in (telling, hearing):
                if task.done():
                    task.result()
        finally:
            run.stop()
            for task in (hearing, telling):
                task.cancel()
            await asyncio.gather(hearing, telling, return_exceptions=True)

    async def _first(self) -> "Mapping[str, object]":
        while True:
            message = await self._receive()
            match message.get("type"):
                case "init":
                    return message
                case "data" | "signal":
                    raise Closing(NOT_YET)
                case _:
                    pass  # Piston takes no notice

    async def _receive(self) -> "Mapping[str, object]":
        try:
            message: object = json.loads(await self._socket.receive_text())
        except WebSocketDisconnect:
            raise
        except (ValueError, RecursionError, KeyError) as error:
            raise await self._notify(f"This is not JSON: {error}") from error
        return cast("Mapping[str, object]", message) if isinstance(message, dict) else {}

    async def _start(self, message: "Mapping[str, object]") -> AdmittedRun:
        try:
            rules = self._place.executor.rules
            wanted = read_wanted(message, available(self._place), rules)
            if not message.get("stdin"):
                wanted = wanted.without_input()
            run = await run_code(self._place, order_of(wanted, self._holder, rules.api_per_minute, open_input=True))
        except FourhandsError as error:
            raise await self._notify(str(error)) from error
        try:
            await self._say(type="runtime", language=wanted.offer.language, version=wanted.offer.version)
        except BaseException:  # the client has gone: nobody else would give its turn back
            run.stop()
            raise
        return run

    async def _hear(self, run: AdmittedRun) -> None:
        while True:
            message = await self._receive()
            match message.get("type"):
                case "init":
                    raise Closing(ALREADY)
                case "data" if message.get("stream") != "stdin":
                    raise Closing(ONLY_STDIN)
                case "data":
                    await self._write(run, message.get("data"))
                case "signal":
                    name = message.get("signal")
                    if not isinstance(name, str) or name not in SIGNALS:
                        raise Closing(BAD_SIGNAL)
                    run.signal(name)
                case _:
                    pass

    async def _write(self, run: AdmittedRun, data: object) -> None:
        if not isinstance(data, str):
            raise await self._notify("data is required as a string")
        try:
            raw = data.encode()
        except UnicodeEncodeError as error:
            raise await self._notify(f"data is no text: {error}") from error
        await run.write(raw)

    async def _tell(self, run: AdmittedRun) -> None:
        decoders = {stream: codecs.getincrementaldecoder("utf-8")("replace") for stream in ("stdout", "stderr")}
        async with contextlib.aclosing(counted(self._place, run)) as events:
            async for event in events:
                match event:
                    case Stage(stage=stage):
                        await self._say(type="stage", stage=stage)
                    case Data(stream=stream, data=data):
                        if text := decoders[stream].decode(data):
                            await self._say(type="data", stream=stream, data=text)
                    case Exit(stage=stage, code=code, signal=signal):
                        for stream, decoder in decoders.items():
                            if text := decoder.decode(b"", final=True):
                                await self._say(type="data", stream=stream, data=text)
                        await self._say(type="exit", stage=stage, code=code, signal=signal)
                    case Error(message=message):
                        raise await self._notify(message)
                    case _:
                        pass
        raise Closing(COMPLETED)

    async def _notify(self, message: str) -> Closing:
        await self._say(type="error", message=message.encode("utf-8", "replace").decode())
        return Closing(NOTIFIED)

    async def _say(self, **message: object) -> None:
        await self._socket.send_text(json.dumps(message, separators=(",", ":")))
