"""`/metrics` for Prometheus: off, for this machine and whoever has the token, or open. It names no room and nobody.

This machine means: the connection comes from it, nothing says that a proxy handed it on, and it asks for this machine by name. So a proxy beside the
server does not open it to others, nor does a page that had a name of its own point here.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from secrets import compare_digest
from typing import Literal

from fastapi import APIRouter, Request, Response

from fourhands.edge.http.caller import bearer
from fourhands.errors import NotFound, Unauthenticated
from fourhands.metrics.exposition import expose
from fourhands.metrics.sample import Snapshot

Reach = Literal["off", "private", "open"]

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""What proxies add. RFC 7239; RFC 9110, 7.6.3."""


@dataclass(frozen=True, slots=True)
class MetricsDoor:
    """Who may read, by setting; `token`: empty for none. `take`: every worker's metrics as they are now."""

    reach: Reach
    token: str
    take: Callable[[], Awaitable[Sequence[Snapshot]]]


def metrics_router(door: MetricsDoor) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get(
        "/metrics",
        summary="What Prometheus reads",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, 401: {"description": "Only this machine, or FOURHANDS_METRICS_TOKEN"}, 404: {"description": "Off"}},
    )
    async def metrics(request: Request) -> Response:
        require_reader(request, door)
        snapshots = await door.take()
        told = await asyncio.to_thread(expose, snapshots, request.headers.get("accept", ""))
        return Response(told.body, media_type=told.media_type, headers={"Cache-Control": "no-store"})

    return router


def require_reader(request: Request, door: MetricsDoor) -> None:
    """Raises `NotFound` where metrics are off, `Unauthenticated` for those whom they are not for."""
    if door.reach == "off":
        raise NotFound("Metrics are off here: FOURHANDS_METRICS says so.")
    if door.reach == "open":
        return
    token = bearer(request)
    if token is not None:
        if not door.token or not compare_digest(token.encode(), door.token.encode()):
            raise Unauthenticated("This is not the token that metrics are read with (FOURHANDS_METRICS_TOKEN).")
    elif not is_of_this_machine(request):
        raise Unauthenticated("Metrics are read on this machine, or with FOURHANDS_METRICS_TOKEN as a bearer token.")


def is_of_this_machine(request: Request) -> bool:
    """Whether somebody on this machine asks, and asked for it: see above."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    host = request.url.hostname or ""
    return _is_loopback(request.client.host) and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
