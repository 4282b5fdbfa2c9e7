"""Reports what broke to Sentry, where it is set; the library is loaded then and not before. It gets the kind of a failure, where in our code it
happened, what the log calls it, and ids: no values, no sentences of exceptions (they may quote somebody), no requests, nobody's address."""

from typing import TYPE_CHECKING, Any

from fourhands import __version__
from fourhands.logs import error_hearers

if TYPE_CHECKING:
    from sentry_sdk.types import Event

LAST_SECONDS = 1.0
TAGS = ("event", "request", "room", "member", "worker", "logger")
KEPT = ("event_id", "timestamp", "level", "platform", "release", "exception", "tags", "logger", "sdk", "type", "contexts")
FRAME = ("filename", "function", "module", "lineno", "in_app")


class ErrorReports:
    """`dsn`: where Sentry is, empty for nowhere. `start` and `stop` go with the process."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._client: Any = None

    def start(self) -> None:
        """Report from now on. Raises `ValueError` for a DSN that is none."""
        if not self._dsn:
            return
        import sentry_sdk  # noqa: PLC0415 - see above

        sentry_sdk.init(
            dsn=self._dsn,
            release=f"fourhands@{__version__}",
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            include_source_context=False,
            max_breadcrumbs=0,
            before_send=scrubbed,
        )
        self._client = sentry_sdk.get_client()
        error_hearers.append(self._report)

    def stop(self) -> None:
        """Send what waits; takes a moment at the most."""
        if self._client is not None:
            error_hearers.remove(self._report)
            self._client.close(timeout=LAST_SECONDS)
            self._client = None

    def _report(self, logged: dict[str, Any], error: BaseException) -> None:
        import sentry_sdk  # noqa: PLC0415

        with sentry_sdk.new_scope() as scope:
            for name in TAGS:
                if name in logged:
                    scope.set_tag(name, str(logged[name]))
            scope.capture_exception(error)


def scrubbed(event: "Event", _hint: object) -> "Event":
    """What may leave this machine of an event."""
    whole: dict[str, Any] = {**event}
    kept: Any = {name: whole[name] for name in KEPT if name in whole}
    for exception in kept.get("exception", {}).get("values", ()):
        trace: dict[str, Any] = exception.get("stacktrace") or {"frames": []}
        frames: list[dict[str, Any]] = trace["frames"]
        exception["value"] = ""
        exception["stacktrace"] = {"frames": [{name: frame[name] for name in FRAME if name in frame} for frame in frames]}
    kept["contexts"] = {name: value for name, value in kept.get("contexts", {}).items() if name in {"runtime", "trace"}}
    return kept
