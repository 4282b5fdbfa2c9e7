"""What surrounds every HTTP request: the root path of a proxy, and the size of bodies. Pure ASGI, no framework.

A proxy may hand on `/pad/api/...` or take `/pad` off: both are understood.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fourhands.edge.http.error_map import problem
from fourhands.edge.http.headers import API_HEADERS
from fourhands.errors import TooLarge

_API_HEADERS = [(name.lower().encode(), value.encode()) for name, value in API_HEADERS.items()]


class Envelope:
    """Wraps the application. `hsts_seconds`: how long browsers are told to come by TLS alone, where they came by it (RFC 6797 wants that);
    `is_https`: the public address says so, whatever the proxy says. Bodies over `most_bytes` are refused with 413, also when they do not say their
    length; `larger`: other sizes, by path."""

    def __init__(
        self, app: ASGIApp, *, root_path: str, most_bytes: int, larger: Mapping[str, int] = MappingProxyType({}), hsts_seconds: int = 0, is_https: bool = False
    ) -> None:
        self._app = app
        self._root_path = root_path
        self._most_bytes = most_bytes
        self._larger = larger
        self._hsts = b"max-age=%d" % hsts_seconds if hsts_seconds else b""
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if self._root_path and (path == self._root_path or path.startswith(self._root_path + "/")):
            path = path[len(self._root_path) :] or "/"
        scope.update(path=path, raw_path=path.encode())  # in place: who stands around us reads there which route it was
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        if self._hsts and (self._is_https or scope.get("scheme") == "https"):
            send = _strict_transport(send, self._hsts)
        most_bytes = self._larger.get(path, self._most_bytes)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > most_bytes:
            await self._refuse(scope, receive, send, most_bytes)
            return
        await self._app(scope, self._counted(receive, most_bytes), _guarded(send))

    def _counted(self, receive: Receive, most_bytes: int) -> Receive:
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most_bytes:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _sentence(most_bytes), {"Connection": "close"})
            return message

        return counted

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, most_bytes: int) -> None:
        answer = problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TooLarge.code, _sentence(most_bytes), {"Connection": "close"})
        await answer(scope, receive, _guarded(send))


def _sentence(most_bytes: int) -> str:
    return f"A request may have {most_bytes:,} bytes."


def _strict_transport(send: Send, value: bytes) -> Send:
    async def strict(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), (b"strict-transport-security", value)]}
        await send(message)

    return strict


def _guarded(send: Send) -> Send:
    """Answers that bring no policy of their own (the API's) get the strictest one."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
            there = {name.lower() for name, _ in headers}
            if b"content-security-policy" not in there:
                headers += [(name, value) for name, value in _API_HEADERS if name not in there]
                message = {**message, "headers": headers}
        await send(message)

    return guarded
