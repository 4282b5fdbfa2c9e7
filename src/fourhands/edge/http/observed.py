"""What surrounds every HTTP request, for whoever looks after the server: an id that stands in each line of the log, and the time that it took.

Pure ASGI; the outermost of all. Addresses are never told, only the routes that they belong to.
"""

import re
import secrets
import time
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fourhands.edge.http.error_map import PROBLEMS, route_of
from fourhands.metrics import catalog
from fourhands.metrics.spans import NO_SPANS, Span, Spans
from fourhands.metrics.tally import Tally

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.http")

REQUEST_ID = b"x-request-id"
ACCEPTED_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}")
"""What a proxy may have given; anything else is replaced by one of ours, so that nobody writes lines of the log."""
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
OTHER = "other"


class Observed:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, *, tally: Tally, spans: Spans = NO_SPANS, perf_counter: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._tally = tally
        self._spans = spans
        self._perf_counter = perf_counter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
        request_id = given if ACCEPTED_ID.fullmatch(given) else secrets.token_hex(8).encode()
        # it stays bound: the task is this request's, and a failure is logged outside of us
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id.decode())
        scope[PROBLEMS] = self._problem
        status = 500

        async def telling(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", []), (REQUEST_ID, request_id)]}
            await send(message)

        began = self._perf_counter()
        parent = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
        with self._spans.span("HTTP", parent=parent.decode("latin-1"), request=request_id.decode()) as span:
            try:
                await self._app(scope, receive, telling)
            finally:
                self._ended(scope, status, self._perf_counter() - began, span)

    def _problem(self, code: str) -> None:
        self._tally.add(catalog.PROBLEMS, 1, code)

    def _ended(self, scope: Scope, status: int, seconds: float, span: Span) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        route = route_of(scope)
        span.name(f"{method} {route}")
        span.set(http__request__method=method, http__route=route, http__response__status_code=status)
        self._tally.observe(catalog.REQUESTS, seconds, method, route, str(status))
        log.debug("request.answered", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
