"""Sends traces to a collector by OTLP over HTTP, where one is set; the library is loaded then and not before.

Spans wait in memory, 2,048 at the most, and a thread sends them; a collector that is away costs those, and a line in the log.
https://opentelemetry.io/docs/specs/otlp/, https://www.w3.org/TR/trace-context/
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import structlog

from fourhands import __version__
from fourhands.metrics.spans import NO_SPANS, Attribute, Span, Spans

if TYPE_CHECKING:
    from opentelemetry.trace import Span as OtelSpan

SEND_SECONDS = 3.0
LAST_SECONDS = 1.0
"""How long a server that stops waits for the last spans to be sent."""
TRACES = "/v1/traces"

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.tracing")


def make_spans(endpoint: str) -> Spans:
    """`endpoint`: a collector's address, `/v1/traces` may be left out; empty: nobody traces."""
    return OtlpSpans(endpoint) if endpoint else NO_SPANS


class OtlpSpans:
    """See `metrics.spans.Spans`."""

    def __init__(self, endpoint: str) -> None:
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - see above, here and below
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # a traceback each time: what there is to say is said below
        self._provider = TracerProvider(resource=Resource.create({"service.name": "fourhands", "service.version": __version__}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(_exporter(endpoint)))
        self._tracer = self._provider.get_tracer("fourhands", __version__)
        self._propagator = TraceContextTextMapPropagator()

    @contextlib.contextmanager
    def span(self, name: str, *, parent: str = "", **attributes: Attribute) -> Generator[Span]:
        context = self._propagator.extract({"traceparent": parent}) if parent else None
        # without what exceptions say: they may quote what somebody wrote
        with self._tracer.start_as_current_span(name, context=context, record_exception=False, set_status_on_exception=False) as begun:
            span = _Span(begun)
            span.set(**attributes)
            try:
                yield span
            except Exception as error:
                span.set(error__type=type(error).__name__)
                raise

    def ended(self, name: str, *, at_ms: int, duration_ms: int, **attributes: Attribute) -> None:
        begun = self._tracer.start_span(name, start_time=at_ms * 1_000_000)
        _Span(begun).set(**attributes)
        begun.end(end_time=(at_ms + duration_ms) * 1_000_000)

    async def stop(self) -> None:
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)  # nobody waits for it longer than this
        sending.start()
        await asyncio.to_thread(sending.join, LAST_SECONDS)


class _Span:
    def __init__(self, span: "OtelSpan") -> None:
        self._span = span

    def name(self, name: str) -> None:
        self._span.update_name(name)

    def set(self, **attributes: Attribute) -> None:
        for name, value in attributes.items():
            self._span.set_attribute(name.replace("__", "."), value)


def _exporter(endpoint: str) -> Any:
    """One that says once that the collector is away, and once that it is back."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SpanExportResult  # noqa: PLC0415

    class Telling(OTLPSpanExporter):
        is_away = False

        def export(self, spans: Any) -> SpanExportResult:
            result = super().export(spans)
            if (away := result is not SpanExportResult.SUCCESS) != self.is_away:
                self.is_away = away
                if away:
                    log.warning("tracing.away", reason="The collector takes no spans; they are dropped until it does.")
                else:
                    log.info("tracing.back")
            return result

    base = endpoint.rstrip("/")
    return Telling(endpoint=base if base.endswith(TRACES) else base + TRACES, timeout=SEND_SECONDS)
