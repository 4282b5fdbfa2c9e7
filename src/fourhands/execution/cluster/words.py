"""What servers and runners write into Redis beside the messages of runs, which are those of `execution.link`. Data alone."""

from msgspec import Struct

from fourhands.execution.link import JobHead
from fourhands.execution.queue import Lane

REGISTRATION_BYTES = 16 * 1024
"""Most of a registration: more is no runner of ours."""
STATE_BYTES = 1024 * 1024
"""Most of a state: five dozen languages and what they have besides stay far below."""


class Capacity(Struct, frozen=True):
    """What a machine gives to programs: how many at once of each lane, and the memory of all together."""

    batch: int
    interactive: int
    memory_bytes: int


class Registration(Struct, frozen=True, kw_only=True):
    """What a runner's lease holds. `routes`: the languages that may be sent to it now, each between commas; `digest` changes with its `State`."""

    host: str
    version: int
    batch: int
    interactive: int
    memory_bytes: int
    routes: str
    digest: str


class Offer(Struct, frozen=True):
    """A run that a runner is to take: its name, the server that asks, and how much of its output may be unread."""

    run: str
    asker: str
    window: int


class Packed(Struct, frozen=True):
    """The head of a program that waits to be taken; its bytes follow."""

    job: JobHead


class Ticket(Struct, frozen=True, kw_only=True):
    """What a server writes of a turn."""

    id: str
    room: str
    person: str
    memory: int
    lane: Lane
    limited: bool
    language: str
    server: str


class Notice(Struct, frozen=True):
    """What became of turns: id, position (0: it is its turn), and the runner that it goes to. Of two, the one with the higher version is true."""

    version: int
    moves: tuple[tuple[str, int, str], ...]


class Seen(Struct, frozen=True, kw_only=True):
    """A runner as the queue has it: what it said of itself, and what it has to do."""

    name: str
    text: bytes
    batch: int
    interactive: int
    memory_bytes: int


class Beat(Struct, frozen=True, kw_only=True):
    """The answer to a server's beat. `held`: whether its lease still was there. `waiting`: programs that wait, of all servers."""

    held: bool
    version: int
    waiting: dict[Lane, int]
    runners: tuple[Seen, ...]
