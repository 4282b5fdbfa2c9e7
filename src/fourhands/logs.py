"""How things are logged: structlog over the standard library, as lines for people or as JSON. Never content or secrets."""

import logging
import re
import sys
from collections.abc import Callable
from typing import Any, Literal, cast

import structlog

LIBRARIES = ("uvicorn", "uvicorn.error", "alembic", "sqlalchemy", "nodesemver")
"""What they say below a warning is nobody's business; `nodesemver` tells of every version that a client wrote wrongly, with a traceback."""

_TOKEN = re.compile(r"(?<=token=)[^&\s\"']+|(?<=Bearer )[^\s\"',}]+")
_PASSWORD = re.compile(r"(?<=://)[^\s/@\"']*:[^\s/@\"']*(?=@)")


def drop_tokens(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Takes the values of `?token=` and `Bearer`, and passwords in addresses, out of whatever is logged, tracebacks too: they would let anyone in."""
    for name, value in event.items():
        if isinstance(value, str) and ("token=" in value or "Bearer " in value or "@" in value):
            event[name] = _PASSWORD.sub("…", _TOKEN.sub("…", value))
    return event


error_hearers: list[Callable[[dict[str, Any], BaseException], None]] = []
"""Hear of failures that are logged with their traceback: what is logged, and the exception. None by default."""


def tell_errors(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Lets `error_hearers` hear."""
    if error_hearers and event.get("level") in {"error", "critical"} and (failure := event.get("exc_info")):
        error = failure if isinstance(failure, BaseException) else cast("tuple[object, ...]", failure)[1] if isinstance(failure, tuple) else sys.exc_info()[1]
        if isinstance(error, BaseException):
            for hears in error_hearers:
                hears(dict(event), error)
    return event


Level = Literal["debug", "info", "warning", "error"]


def set_level(level: Level) -> None:
    """Log that and what is graver from now on, at any time; of libraries warnings at the most."""
    root = logging.getLogger()
    root.setLevel(level.upper())
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _naming(worker: str) -> structlog.typing.Processor:
    """Lets each line say which worker it is of."""

    def name_worker(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event.setdefault("worker", worker)
        return event

    return name_worker


def configure_logs(level: Level, form: Literal["text", "json"], *, worker: str = "") -> None:
    """Set up structlog and the standard library's root logger, on stderr. `worker`: which of several processes of one server says it, in each line."""

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([_naming(worker)] if worker else []),
        tell_errors,
    ]
    # tracebacks are plain: with the values of variables they would hold tokens and keys
    last: list[structlog.typing.Processor] = (
        [structlog.processors.JSONRenderer()]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, drop_tokens, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    set_level(level)
