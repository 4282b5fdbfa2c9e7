"""uvicorn's `http` protocol class: a request arrives within its time and its size, and its answer is taken, or its connection
ends (RFC 9110, 15.5.9; RFC 6585, 5).

uvicorn and its parser wait for ever, keep every header that comes, and every answer that nobody reads. Bodies have their limit in `envelope`.

connected, or the next request's first byte ──> arrives ──whole, or upgraded──> is answered by uvicorn
                                                  └── out of time: 408, or closed where an answer is under way; its head too large: 431

answered ──all sent──> the next request
     └── less than `TAKEN_BYTES` of what waits was taken in `answer_seconds` ──> cut
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from fourhands.edge.abort import abort
from fourhands.model.limits import Limits

FIELD_BYTES = 4
"""What stands around a header's name and value."""
LINE_BYTES = 64
"""What stands around the address, and at the end."""
TAKEN_BYTES = 64 * 1024
"""So much of an answer is taken in each `answer_seconds`, or the rest of it. uvicorn waits with more once that much waits here."""
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

    Invariant: `_clock` runs whenever the client owes us a part of a request. `_delivery` runs whenever it does not take an answer that was given.
    """

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._root_path: str = app_state["hub"].root_path
        limits: Limits = app_state["hub"].place.limits
        self._request_seconds, self._answer_seconds, self._head_bytes = limits.request_seconds, limits.answer_seconds, limits.head_bytes
        self._clock: asyncio.TimerHandle | None = None
        self._delivery: asyncio.TimerHandle | None = None
        self._untaken_bytes = 0  # that waited when `_delivery` was started
        self._answered: RequestResponseCycle | None = None  # the request that is answered now; `cycle` is the last that came
        self._awaits_head = True
        self._came_bytes = 0  # since the last request was whole
        self._refusal: HTTPStatus | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        self._stop_delivery()
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True  # uvicorn tells the last one, and this one would write to what is closed
        self._answered = None
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
            from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol  # noqa: PLC0415 - it takes 2 MB, and is rarely used

            self.ws_protocol_class = WebSocketsSansIOProtocol
        self._stop_delivery()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        self._start_clock()
        if self._delivery is not None and not self.transport.get_write_buffer_size():
            self._stop_delivery()
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
            self._watch_delivery()
        else:
            self._refuse(self._refusal)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_delivery()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stop_delivery()
        self._watch_delivery()

    def resume_writing(self) -> None:
        self._stop_delivery()
        self._watch_delivery()
        super().resume_writing()

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
        self._watch_delivery()

    def _watch_delivery(self) -> None:
        """Begin to wait for what was written to be taken, also where the connection is to be closed behind it."""
        if self._delivery is None and (waits := self.transport.get_write_buffer_size()):
            self._untaken_bytes = waits
            self._delivery = self.loop.call_later(self._answer_seconds, self._look_at_delivery)

    def _stop_delivery(self) -> None:
        if self._delivery is not None:
            self._delivery.cancel()
            self._delivery = None

    def _look_at_delivery(self) -> None:
        self._delivery = None
        if self.transport.get_write_buffer_size() > max(0, self._untaken_bytes - TAKEN_BYTES):
            abort(self.transport)
        else:
            self._watch_delivery()
