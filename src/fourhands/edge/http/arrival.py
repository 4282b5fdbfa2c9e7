"""uvicorn's `http` protocol class: a request arrives within its time and its size, or its connection ends (RFC 9110, 15.5.9; RFC 6585, 5).

uvicorn and its parser wait for ever, and keep every header that comes. Bodies have their limit in `envelope`.

connected, or the next request's first byte ──> arrives ──whole, or upgraded──> is answered by uvicorn
                                                  └── out of time: 408, or closed where an answer is under way; its head too large: 431
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from fourhands.model.limits import Limits

FIELD_BYTES = 4
"""What stands around a header's name and value."""
LINE_BYTES = 64
"""What stands around the address, and at the end."""
SENTENCES = {
    HTTPStatus.REQUEST_TIMEOUT: b"The request did not arrive in time.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: b"The request's head is too large.",
}


OTHER_DOORS = (b"/api/v2/connect",)
"""Where uvicorn's own WebSocket answers: what comes here is rare, and is a route of the application."""


def is_other_door(url: bytes, root_path: str) -> bool:
    """Whether an upgrade at this address is for the application; a proxy may have taken the root off."""
    return url.partition(b"?")[0].removeprefix(root_path.encode()) in OTHER_DOORS


class TimelyProtocol(HttpToolsProtocol):
    """One connection of HTTP/1.1.

    Invariant: `_clock` runs whenever the client owes us a part of a request.
    """

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._root_path: str = app_state["hub"].root_path
        limits: Limits = app_state["hub"].place.limits
        self._request_seconds, self._head_bytes = limits.request_seconds, limits.head_bytes
        self._clock: asyncio.TimerHandle | None = None
        self._awaits_head = True
        self._came_bytes = 0  # since the last request was whole
        self._refusal: HTTPStatus | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._is_answering():
            self._start_clock()
        self._came_bytes += len(data)
        super().data_received(data)
        if self._awaits_head and self._came_bytes > self._head_bytes + LINE_BYTES and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def handle_websocket_upgrade(self) -> None:
        """Rooms are picows'; the other doors are uvicorn's own. An address that is neither gets picows' 404."""
        if is_other_door(self.url, self._root_path):
            self.ws_protocol_class = WebSocketsSansIOProtocol
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        self._start_clock()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._awaits_head = False
        if len(self.url) + sum(len(name) + len(value) + FIELD_BYTES for name, value in self.headers) > self._head_bytes:
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError  # the parser stops, and says `send_400_response`
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_clock()
        self._awaits_head, self._came_bytes = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._refusal is None:
            super().send_400_response(msg)
        else:
            self._refuse(self._refusal)

    def _is_answering(self) -> bool:
        """Whether a request is wholly there and its answer is not."""
        asked = self._asked()
        return asked is not None and not asked.response_complete and not asked.more_body

    def _asked(self) -> RequestResponseCycle | None:
        """The last request whose head is there; uvicorn does not declare that there may be none."""
        return self.cycle

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(self._request_seconds, self._out_of_time)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _out_of_time(self) -> None:
        self._clock = None
        if self.flow.read_paused or self._is_answering():
            self._start_clock()  # it waits for us, not we for it
        elif self._came_bytes and ((asked := self._asked()) is None or asked.response_complete or not asked.response_started):
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        """Say so and end the connection; nothing of the request is looked at any more."""
        sentence = SENTENCES[status]
        head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(sentence)
        self.transport.write(STATUS_LINE[status] + head + sentence)
        self.transport.close()
