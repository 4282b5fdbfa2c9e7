"""Run a room's files on the server, for everybody in it to see."""

from collections.abc import Sequence
from dataclasses import dataclass

from fourhands.access.may import Verb, require
from fourhands.actions.join_room import member_of, reader_of
from fourhands.actions.place import Place
from fourhands.actions.run_code import Order, find_runtime, run_code
from fourhands.errors import Forbidden, InvalidRequest, NotFound
from fourhands.execution.executor import Rate
from fourhands.execution.port import SourceFile, Terminal
from fourhands.model.addresses import client_of
from fourhands.model.ban import member_subject
from fourhands.model.room import Member
from fourhands.protocol import runs
from fourhands.room.live import LiveRoom
from fourhands.room.programs import Starter
from fourhands.room.runs import HELD_BYTES


@dataclass(frozen=True, slots=True)
class Prepared:
    """What somebody wants to run, as the room's files stood when they asked."""

    order: Order
    run: runs.Run
    by: Starter


def ask(place: Place, room: LiveRoom, member: Member, asked: runs.RunAsk, address: str = "") -> Prepared:
    """Read the files, in the tick of the event: what its sender typed before is in them, and nothing that comes after.

    `address`: where they are, if known. Raises `Forbidden`, `NotFound` (no such file), `InvalidRequest` or `Unavailable` (this language does not run here).
    """
    require(member, Verb.RUN, room.room)
    files = list(room.document.files())
    main = next((file for file in files if file.id == asked.file), None)
    language = asked.language or (main.language if main is not None else "")
    if main is None and not (asked.repl and language):
        raise NotFound("There is no such file in this room.")
    if asked.repl and asked.terminal is None:
        raise InvalidRequest("A prompt needs a terminal: say how many columns and rows it has.")
    if asked.terminal is not None and asked.stdin:
        raise InvalidRequest("Input is typed into a terminal: send it as run.input.")
    sources = [SourceFile(file.name, room.document.text(file.id).encode(errors="replace")) for file in sorted(files, key=lambda file: file is not main)]
    language = find_runtime(place, language).language
    order = _order(asked, language, sources, room=room.room.id, member=member.id)
    shown = "" if asked.repl or main is None else main.name
    run = runs.Run(asked.run, member.id, member.name, language, shown, "server", place.clock.now_ms(), "queued", terminal=asked.terminal, repl=asked.repl)
    return Prepared(order, run, Starter(member, address))


def _order(asked: runs.RunAsk, language: str, sources: Sequence[SourceFile], *, room: str, member: str) -> Order:
    person = f"{room}/{member}"  # guests of different rooms may be called alike
    return Order(
        id=asked.run,
        language=language,
        files=tuple(sources),
        room=room,
        person=person,
        rate=Rate(person, 0),  # `RunRate` counts
        args=tuple(asked.args),
        stdin=asked.stdin.encode(errors="replace"),
        terminal=None if asked.terminal is None else Terminal(asked.terminal.columns, asked.terminal.rows),
        repl=asked.repl,
    )


async def run_in_room(place: Place, room: LiveRoom, prepared: Prepared) -> runs.Run:
    """Start it; the room hears the rest.

    Raises `Conflict` (the id is taken), `LimitExceeded`, `TooLarge`, `InvalidRequest`, `Unavailable`, and `Forbidden` for who has lost the right meanwhile."""
    by, present = prepared.by, {peer.member.id for peer in room.peers}
    client = client_of(by.address)
    room.runs.rate.require(by.member.id, client, place.executor.rules.per_minute, present)
    program = await run_code(place, prepared.order)
    room.runs.count_start(by.member.id, client)
    try:
        place.bans.require(address=by.address, account_id=by.member.account_id, member=member_subject(by.member.room_id, by.member.id))
    except Forbidden:
        program.stop()
        raise
    room.runs.start_program(prepared.run, program, by=by, input_bytes=place.executor.rules.program.input_bytes)
    return prepared.run


async def run_for(place: Place, room_id: str, member_id: str | None, asked: runs.RunAsk, address: str = "") -> runs.Run:
    """As `run_in_room`, for somebody who need not be connected. Raises `NotFound`, `Gone`, `Forbidden` besides."""
    await place.registry.room_for(room_id)
    if member_id is None:
        raise Forbidden("Only people in the room may run code in it. Join it first.")
    member = await member_of(place, room_id, member_id)
    require(member, Verb.RUN)  # before the room is loaded for it
    room = await place.registry.get(room_id)
    return await run_in_room(place, room, ask(place, room, member, asked, address))


async def runs_of(place: Place, room_id: str, member_id: str | None) -> Sequence[runs.Run]:
    """The room's newest runs, oldest first, those under way too. Raises `NotFound`, `Gone`, `Unauthenticated`, `Forbidden`."""
    await reader_of(place, room_id, member_id)
    return (await place.registry.get(room_id)).runs.recent(HELD_BYTES)
