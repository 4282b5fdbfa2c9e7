"""Run a program on the server, for whoever may: what every way in (rooms, Piston's API) asks for. Rights are checked before.

The language is found, the program is looked at, its limits are fitted to the language and to this machine, and it gets
a place in the queue. What is given back says everything else.
"""

from dataclasses import dataclass

from fourhands.actions.place import Place
from fourhands.errors import InvalidRequest, Unavailable
from fourhands.execution.executor import AdmittedRun, Rate
from fourhands.execution.languages.packages import lacking_sentence
from fourhands.execution.port import Job, Limits, Runtime, SourceFile, Terminal
from fourhands.execution.programs import check_program
from fourhands.execution.queue import Ask, Lane
from fourhands.model.ids import new_run_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants to run. The first file is the main one.

    `id` is made if there is none. `room`, `person`: whose turn it counts as. `limited`: the queue's numbers for rooms and people hold for it. `limits`: None
    for the usual ones of a program, or of one whose input stays open.
    """

    language: str
    files: tuple[SourceFile, ...]
    room: str
    person: str
    rate: Rate
    id: str = ""
    args: tuple[str, ...] = ()
    stdin: bytes = b""
    limits: Limits | None = None
    limited: bool = True
    open_input: bool = False
    terminal: Terminal | None = None
    repl: bool = False

    @property
    def lane(self) -> Lane:
        return "interactive" if self.open_input or self.terminal is not None else "batch"


def find_runtime(place: Place, language: str) -> Runtime:
    """What runs a language here, by its name or another of its names.

    Raises `Unavailable` if nothing runs here now, `InvalidRequest` if this language does not.
    """
    runtimes = place.executor.runtimes()
    for runtime in runtimes:
        if language == runtime.language or language in runtime.aliases:
            return runtime
    if why := place.executor.why_not():
        raise Unavailable(why, "runner")
    if known := next((one for one in place.languages if language in (one.id, *one.aliases)), None):
        raise InvalidRequest(lacking_sentence(known))
    raise InvalidRequest(f"{language[:40]!r} does not run on this server. These do: {', '.join(runtime.language for runtime in runtimes) or 'none'}.")


async def run_code(place: Place, order: Order) -> AdmittedRun:
    """Raises `InvalidRequest` and `TooLarge` for what makes no sense, `LimitExceeded` for too much at once, `Unavailable`."""
    rules, runtime = place.executor.rules, find_runtime(place, order.language)
    if order.repl and not runtime.repl:
        raise InvalidRequest(f"There is no prompt for {runtime.language} here.")
    limits = order.limits or (rules.program if order.lane == "batch" else rules.terminal)
    limits = rules.fitted(limits, runtime, order.lane)
    job = Job(
        id=order.id or new_run_id(),
        language=runtime.language,
        files=order.files,
        args=order.args,
        stdin=order.stdin,
        open_input=order.open_input,
        terminal=order.terminal,
        repl=order.repl,
        limits=limits,
    )
    check_program(job, files=rules.files, program_bytes=rules.program_bytes)
    ask = Ask(room=order.room, person=order.person, memory_bytes=rules.memory_bytes(limits, runtime), lane=order.lane, limited=order.limited)
    return await place.executor.start(job, ask, order.rate)
