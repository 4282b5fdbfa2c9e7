"""Serves the application on a port, by uvicorn, until a signal: what `fourhands serve` does, and each of its workers."""

import asyncio
from collections.abc import Callable
from typing import cast

import uvicorn
from fastapi import FastAPI

from fourhands.app import create_app
from fourhands.edge.http.arrival import TimelyProtocol
from fourhands.edge.server import Server, listen
from fourhands.edge.ws.upgrade import SyncProtocol
from fourhands.error_reports import ErrorReports
from fourhands.errors import FourhandsError
from fourhands.logs import configure_logs
from fourhands.metrics.gathering import Seat
from fourhands.settings import Settings

GRACE = 0.4
"""Part of `drain_seconds` in which connections may close and requests end by themselves."""


def serve(settings: Settings, *, started: Callable[[str], None], seat: Seat | None = None) -> None:
    """Serve until stopped by a signal; `started` hears the address once requests are taken. `seat`: which of several workers on one port this is.

    Raises `FourhandsError` with a sentence when it cannot start, and `OSError` when the port is taken.
    """
    configure_logs(settings.log_level, settings.log_format, worker="" if seat is None else str(seat.number))
    listening = listen(settings.host, settings.port, shared=seat is not None)
    address = address_of(settings, listening.getsockname()[1])
    reports = ErrorReports(settings.sentry_dsn)
    reports.start()
    app = create_app(settings, seat=seat)
    config = server_config(app, settings)
    server = Server(
        config,
        stop_seconds=settings.drain_seconds,
        delay_seconds=settings.drain_delay_seconds,
        started=lambda: started(address),
        stopping=lambda: setattr(app.state, "stopping", True),
        drain=app.state.drain,
    )
    try:
        with listening:
            server.run([listening])
    except SystemExit:  # uvicorn's way to say that it did not start
        if (error := getattr(app.state, "start_error", None)) is None:
            raise
        raise cast("FourhandsError", error) from None
    finally:
        reports.stop()


def address_of(settings: Settings, port: int) -> str:
    """What people open."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_address or f"http://{host}:{port}{settings.root_path}"


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        app,
        ws=cast("type[asyncio.Protocol]", SyncProtocol),  # a BufferedProtocol, which uvicorn does not declare
        http=TimelyProtocol,
        ws_max_size=settings.message_bytes,
        ws_per_message_deflate=False,
        loop="uvloop",
        lifespan="on",
        access_log=False,  # addresses may hold ?token=
        log_config=None,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=cast("int", settings.drain_seconds * GRACE),  # uvicorn waits by it, in seconds
        backlog=4096,
    )
