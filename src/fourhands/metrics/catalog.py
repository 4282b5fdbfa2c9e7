"""Every metric that `/metrics` serves, by name: the table of docs/operations.md is made of this. Pure data.

Names and units as Prometheus wants them (https://prometheus.io/docs/practices/naming/). No label has more values than the code
knows: never a room, a person or an address.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]

QUICK = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Seconds: from what a keystroke takes to what somebody notices."""
DISK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
PROGRAM = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
ROOM = (60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0, 86400.0)
REQUEST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One family. A counter's samples are served with `_total` behind `name`. `buckets`: a histogram's upper bounds, in seconds, rising;
    more than the last is counted as well."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def served(self) -> str:
        """The name as queries use it; of a histogram without `_bucket`, `_sum` and `_count`."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


BUILD_INFO = Metric("fourhands_build_info", "gauge", "Always 1; which version runs, on which Python.", ("version", "python"))
ROOMS = Metric("fourhands_rooms", "gauge", "Rooms in memory: `occupied` by somebody, or `empty` and about to leave it.", ("state",))
CONNECTIONS = Metric("fourhands_connections", "gauge", "WebSocket connections that are in a room.")
PEOPLE = Metric("fourhands_people", "gauge", "People in rooms; who is in two of them counts twice, who is in one at two instances once.")
EDITS = Metric("fourhands_edits_received", "counter", "Edits that connections sent: sync messages of kind update or step 2.")
RECEIVED_BYTES = Metric("fourhands_websocket_received_bytes", "counter", "Bytes that came on WebSocket connections, as the kernel counts them (TCP_INFO).")
SENT_BYTES = Metric("fourhands_websocket_sent_bytes", "counter", "Bytes that went out on them, without what was sent again.")
RECEIVED_SEGMENTS = Metric(
    "fourhands_websocket_received_segments", "counter", "TCP segments with data that came: nearly the messages, since a keystroke or a cursor is one."
)
SENT_SEGMENTS = Metric("fourhands_websocket_sent_segments", "counter", "TCP segments with data that went out: nearly the writes to receivers.")
CLOSED = Metric(
    "fourhands_websocket_closed",
    "counter",
    "Connections that ended, by who said so first and the close code: `none` where nobody did, `other` for codes of clients that we do not know.",
    ("by", "code"),
)
RELAY = Metric(
    "fourhands_edit_relay_seconds",
    "histogram",
    "From a frame with an edit being read to its being written to all receivers; of a sample, up to some 100 edits a second.",
    buckets=QUICK,
)
LAG = Metric(
    "fourhands_event_loop_lag_seconds", "histogram", "How long what arrives waits until the event loop takes it, by probes ten times a second.", buckets=QUICK
)
COMMIT = Metric("fourhands_journal_commit_seconds", "histogram", "What a commit of the journal took.", buckets=DISK)
ENTRIES = Metric("fourhands_journal_entries", "counter", "Entries of rooms' journals that are durable: edits, chat, runs, members and changes.")
BACKLOG = Metric("fourhands_journal_backlog_bytes", "gauge", "Edits that wait to be written.")
BACKLOG_LIMIT = Metric("fourhands_journal_backlog_limit_bytes", "gauge", "How many may: `FOURHANDS_BACKLOG_BYTES`.")
FAILING = Metric("fourhands_journal_failing", "gauge", "1 while the journal cannot be written, which people see as “not saved”.")
PROGRAMS = Metric("fourhands_programs", "gauge", "Programs on the server that are `running`, or `waiting` for their turn.", ("state",))
PROGRAMS_AVAILABLE = Metric("fourhands_programs_available", "gauge", "1 if programs can be run on the server.")
PROGRAM_WAIT = Metric("fourhands_program_wait_seconds", "histogram", "How long programs waited for their turn.", buckets=PROGRAM)
RUN = Metric(
    "fourhands_run_duration_seconds",
    "histogram",
    "How long runs took that ended, by language, where they ran (`browser`: as that browser says) and how they ended.",
    ("language", "where", "status"),
    PROGRAM,
)
ROOM_DURATION = Metric("fourhands_room_duration_seconds", "histogram", "How long rooms that left memory had been there.", buckets=ROOM)
REQUESTS = Metric(
    "fourhands_http_request_duration_seconds",
    "histogram",
    "HTTP requests, by method, route (a template, never an address) and status.",
    ("method", "route", "status"),
    REQUEST,
)
QUEUE = Metric("fourhands_queue_programs", "gauge", "Programs that wait for their turn, of all servers that share the queue; the same at each.", ("lane",))
RUNNERS = Metric("fourhands_runners", "gauge", "Runners that have joined, of all servers that share them: `ready`, or `failing` their own test.", ("state",))
RUNNER_PLACES = Metric("fourhands_runner_places", "gauge", "Programs that ready runners may have at once: `used` now, or `free`.", ("lane", "state"))
RUNNER_MEMORY = Metric("fourhands_runner_memory_bytes", "gauge", "Memory that ready runners may give to programs: `used` now, or `free`.", ("state",))
MESSAGES = Metric(
    "fourhands_messages_received",
    "counter",
    "What connections sent beside edits and cursors, by kind: chat, runs, typing into programs and the like; `other` where it could not be read.",
    ("kind",),
)
BUS_MESSAGES = Metric("fourhands_bus_messages", "counter", "With Redis: messages `said` to other instances, and `heard` of them.", ("direction",))
MEMORY = Metric("process_resident_memory_bytes", "gauge", "Memory of the process; its runner is another one.")
CPU = Metric("process_cpu_seconds", "counter", "Processor time that the process took.")
STARTED = Metric("process_start_time_seconds", "gauge", "When it started, in seconds since 1970.")
BUS_REACHED = Metric("fourhands_bus_reached", "gauge", "With Redis: 1 while people of a room who are at other instances are reached.")
BUS_LAG = Metric("fourhands_bus_lag_seconds", "gauge", "With Redis: what a word to it and back takes now, behind all that waits to be said.")
BUS_INSTANCES = Metric("fourhands_bus_instances", "gauge", "With Redis: instances that are there, this one among them; each worker is one.")
PROBLEMS = Metric("fourhands_problems", "counter", "Problem details that were answered, by their `code`.", ("code",))

CATALOG = (
    BUILD_INFO, ROOMS, CONNECTIONS, PEOPLE, EDITS, RECEIVED_BYTES, SENT_BYTES, RECEIVED_SEGMENTS, SENT_SEGMENTS, CLOSED, RELAY, LAG,
    COMMIT, ENTRIES, BACKLOG, BACKLOG_LIMIT, FAILING, PROGRAMS, PROGRAMS_AVAILABLE, PROGRAM_WAIT, RUN, ROOM_DURATION, REQUESTS, PROBLEMS,
    QUEUE, RUNNERS, RUNNER_PLACES, RUNNER_MEMORY, MESSAGES, MEMORY, CPU, STARTED, BUS_REACHED, BUS_LAG, BUS_INSTANCES, BUS_MESSAGES,
)  # fmt: skip


def as_markdown() -> str:
    """The table of docs/operations.md."""
    lines = ["| metric | kind | labels | what it is |", "|---|---|---|---|"]
    lines += [f"| `{one.served}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels) or '–'} | {one.help} |" for one in CATALOG]
    return "\n".join(lines)
