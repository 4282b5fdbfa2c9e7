"""The server's composition root: picks the adapters, starts them A, B, C and stops them C, B, A."""

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI

from fourhands import __version__
from fourhands.access.tokens import RoomTokens
from fourhands.account_parts import make_accounts
from fourhands.actions.expire_rooms import expire_rooms
from fourhands.actions.identify import identify
from fourhands.actions.place import Place
from fourhands.bus_parts import keep_joined, make_sharing
from fourhands.cluster_parts import follow_others, keep_alike, make_shared
from fourhands.desk.desk import About, Desk, LogDial, LogLevel, versions
from fourhands.edge.http.caller import Outside
from fourhands.edge.http.cross_origin import CrossOrigin
from fourhands.edge.http.envelope import Envelope
from fourhands.edge.http.limiter import Limiter
from fourhands.edge.http.observed import Observed
from fourhands.edge.http.piston import ApiTokens
from fourhands.edge.http.routes import install
from fourhands.edge.ws.hub import Hub
from fourhands.errors import FourhandsError
from fourhands.execution.languages import load_languages
from fourhands.guard.rates import Rates
from fourhands.kept_secrets import load_encryption_keys, load_secret
from fourhands.logs import set_level
from fourhands.metrics.gathering import Seat
from fourhands.metrics.tally import Tally
from fourhands.model.clock import Clock, SystemClock
from fourhands.model.limits import Limits
from fourhands.observing import Observing
from fourhands.room.journal import Journal
from fourhands.room.registry import Registry
from fourhands.room.retention import Retention
from fourhands.running import Running
from fourhands.settings import Settings
from fourhands.shared_state.likeness import Likeness
from fourhands.shared_state.port import SharedState
from fourhands.storage import make_store
from fourhands.store.port import Store
from fourhands.tracing import make_spans

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.app")

RETENTION_EVERY_SECONDS = 600
GARBAGE = 5_000, 20, 20
"""When the garbage collector looks. Rooms leave no cycles, connections those few of asyncio's transports, and to look at ten thousand of them takes a pause
that everybody notices; Python's own 700 had it look in vain four times as often while people came."""
LAST_COMMIT_SECONDS = 0.5
"""How long people are kept, when the server stops, so that they hear that what they wrote is saved."""
OTHER_FIELDS_BYTES = 128 * 1024
"""What a request to run a program holds besides."""
LAST_PROGRAMS_SECONDS = 0.5
"""... and that their programs were ended."""


def limits_of(settings: Settings) -> Limits:
    """The limits that rooms and edges keep."""
    values = settings.model_dump()
    names = Limits.__dataclass_fields__.keys() - {"rates"}
    return Limits(rates=settings.rate_limits == "on", **{name: values[name] for name in names})


async def start_store(store: Store, place: Place) -> None:
    """Start the store, and read what is looked up in memory. Raises `FourhandsError`: what is damaged may be met here first; the store is stopped then."""
    await store.start()
    try:
        await place.bans.load()
    except FourhandsError:
        with contextlib.suppress(FourhandsError):
            await store.stop()
        raise


def create_app(settings: Settings, running: Running | None = None, seat: Seat | None = None) -> FastAPI:
    """The ASGI application; everything starts with its lifespan. `running`: what runs programs, by default as the settings say. `seat`: of a worker."""
    clock, store = SystemClock(), make_store(settings)
    journal = Journal(store, commit_seconds=settings.commit_milliseconds / 1000, backlog_bytes=settings.backlog_bytes)
    running = running or Running(settings, clock)
    shared = make_shared(settings, clock)
    place = make_place(settings, store, journal, clock, running, shared=shared)
    registry = place.registry
    outside = Outside(settings.root_path, settings.public_address, settings.allowed_origins)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, Any]]:
        try:
            await start_store(store, place)
        except FourhandsError as error:
            app.state.start_error = error  # `serve` raises it; the traceback that uvicorn would log helps nobody
            logging.getLogger("uvicorn.error").disabled = True
            raise
        hub, retention = make_hub(settings, place), make_retention(settings, place)
        await observing.start(hub)
        kept = (app.state.desk.run(), retention.run(RETENTION_EVERY_SECONDS), place.bans.run(), place.words.run(), place.following.run(), keep_alike(place))
        works = (journal.run(), beat(hub), sweep(registry), expire(place), registry.checkpoints.run(), registry.executions.run(), *kept)
        tasks = [asyncio.create_task(work) for work in (keep_joined(registry.joint), *works)]
        await running.start()
        settle_garbage()
        try:
            yield {"hub": hub}
        finally:
            try:
                await asyncio.wait_for(registry.stop(), settings.drain_seconds)
            except TimeoutError:
                log.exception("stop.unsaved", reason="The database did not take what was left; pages that are open still hold it.")
            await running.close()
            await asyncio.gather(observing.stop(), place.accounts.close())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await store.stop()
            if shared is not None:
                await shared.close()

    async def drain() -> None:
        app.state.stopping = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running.stop(), LAST_PROGRAMS_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(journal.settled(), LAST_COMMIT_SECONDS)

    app = FastAPI(
        title="fourhands",
        summary="Write and run code together.",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # its page would need scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # never a redirect: the runner's frames must not be led anywhere
    )
    surround(app, settings, place, machines := ApiTokens(settings.api_tokens), tally := Tally())
    app.state.drain, app.state.place, app.state.desk = drain, place, make_desk(settings, place, journal, running)
    follow_others(place, app.state.desk)
    observing = Observing(settings, place, journal, app.state.desk, tally=tally, seat=seat)
    install(app, place, journal, outside, machines, desk=app.state.desk, metrics=observing.door, needs=settings.ready_needs)
    return app


def make_desk(settings: Settings, place: Place, journal: Journal, running: Running) -> Desk:
    """The administrator's desk."""
    about = About(versions(), settings.database.partition(":")[0], settings.ending_seconds, settings.notice_characters)

    def turn(level: LogLevel) -> None:
        set_level(level)
        running.set_log_level(level)

    dial = LogDial(settings.log_level, turn)
    return Desk(place.registry, journal, place.clock, store=place.store, executor=place.executor, mode=place.mode, about=about, dial=dial)


def make_place(settings: Settings, store: Store, journal: Journal, clock: Clock, running: Running, *, shared: SharedState | None) -> Place:
    """What every action needs, as the settings say."""
    limits, secret = limits_of(settings), load_secret(settings)
    return Place(
        store,
        Registry(store, journal, clock, limits, adhoc=settings.adhoc_rooms, fold_seconds=settings.fold_seconds, sharing=make_sharing(settings, store, clock)),
        RoomTokens(secret, settings.token_hours * 3600),
        clock,
        limits,
        load_languages(),
        settings.adhoc_rooms,
        executor=running.executor,
        accounts=make_accounts(settings, store.accounts, clock),
        spans=make_spans(settings.otlp_endpoint),
        rates=Rates.by(limits, clock, shared, secret),
        shared=shared,
        likeness=Likeness(shared, settings.redis_prefix, secret, load_encryption_keys(settings)),
    )


def make_hub(settings: Settings, place: Place) -> Hub:
    """Where the WebSockets are held."""
    own_origin = "/".join(settings.public_url.split("/")[:3]) or None
    return Hub(place, root_path=settings.root_path, own_origin=own_origin, allowed_origins=settings.allowed_origins, trusted_proxies=settings.trusted_proxies)


def make_retention(settings: Settings, place: Place) -> Retention:
    """What deletes what is over."""
    return Retention(
        place.store,
        place.registry,
        place.clock,
        days=settings.retention_days,
        idle_seconds=settings.idle_seconds,
        executions_days=settings.executions_days,
        audit_days=settings.audit_days,
    )


def surround(app: FastAPI, settings: Settings, place: Place, machines: ApiTokens, tally: Tally) -> None:
    """What every request passes on its way in, the last one first."""
    app.add_middleware(Limiter, place=place, tokens=machines, recognise=partial(identify, place))
    app.add_middleware(CrossOrigin, origins=settings.allowed_origins)
    app.add_middleware(
        Envelope,
        root_path=settings.root_path,
        most_bytes=settings.request_bytes,
        larger=larger_bodies(settings),
        hsts_seconds=settings.hsts_seconds,
        is_https=settings.public_url.startswith("https:"),
    )
    app.add_middleware(Observed, tally=tally, spans=place.spans)


def larger_bodies(settings: Settings) -> dict[str, int]:
    """Where a body may be larger than elsewhere: a program and its input, in JSON and base64."""
    most = max(settings.request_bytes, 2 * (settings.program_bytes + settings.program_input_bytes) + OTHER_FIELDS_BYTES)
    return {"/api/v2/execute": most, "/api/v2/execute/": most}


def settle_garbage() -> None:
    """What is there by now stays: the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


async def beat(hub: Hub) -> None:
    """Once a second: the heartbeats that are due."""
    while True:
        await asyncio.sleep(1)
        hub.beat()


async def sweep(registry: Registry) -> None:
    """Once a second: rooms that nobody uses leave memory."""
    while True:
        await asyncio.sleep(1)
        try:
            await registry.sweep()
        except Exception:  # rooms would stay in memory for ever
            log.exception("sweep.failed")


async def expire(place: Place) -> None:
    """Once a second: rooms whose time has come are ended."""
    while True:
        await asyncio.sleep(1)
        try:
            await expire_rooms(place)
        except Exception:  # they are still due
            log.exception("expire.failed")
