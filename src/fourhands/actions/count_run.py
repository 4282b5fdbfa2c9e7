"""Counts the programs that no room ran, those of machine clients, beside the others: for whoever looks after the server."""

from collections.abc import AsyncGenerator

from fourhands.actions.place import Place
from fourhands.execution.executor import AdmittedRun
from fourhands.execution.port import Error, Event, Exit
from fourhands.model.execution import Execution


async def counted(place: Place, run: AdmittedRun) -> AsyncGenerator[Event]:
    """What it says; when it is over, or nobody listens any more, it is counted. Close it behind you: a client may go in the middle."""
    began_ms, final = place.clock.now_ms(), None
    try:
        async for event in run:
            if isinstance(event, Exit | Error):
                final = event
            yield event
    finally:
        place.registry.executions.put(_execution(run, began_ms, place.clock.now_ms(), final))


def _execution(run: AdmittedRun, began_ms: int, now_ms: int, final: Exit | Error | None) -> Execution:
    """Nothing says whose it was: `final` is None if its client stopped it by going."""
    match final:
        case Exit():
            status, duration_ms, cpu_ms, memory_bytes = final.status, final.wall_ms, final.cpu_ms, final.memory_bytes
        case Error():
            status, duration_ms, cpu_ms, memory_bytes = final.status, now_ms - began_ms, None, None
        case None:
            status, duration_ms, cpu_ms, memory_bytes = "stopped", now_ms - began_ms, None, None
    return Execution(run.job.id, None, None, run.job.language, "server", status, duration_ms, cpu_ms, memory_bytes, began_ms)
