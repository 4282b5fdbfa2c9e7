"""`fourhands journal`: check, compact and export, for operators. `cli` adds it; `upkeep` does it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fourhands.terminal import EXIT_FAILED, DataDir, opened, run, settings_of

if TYPE_CHECKING:
    from fourhands.settings import Settings

journal = typer.Typer(help="Look after what is kept: check it, make it smaller, write it out.", no_args_is_help=True)

Rooms = Annotated[list[str] | None, typer.Argument(help="Ids of rooms; all of them if none is named.", show_default=False)]


@journal.command()
def check(rooms: Rooms = None, data_dir: DataDir = None) -> None:
    """Read everything and say what is wrong. Changes nothing; a server may be running.

    Ends with 1 if anything is damaged, with a sentence for each defect.
    """
    settings = settings_of(data_dir)
    sound, wrong = 0, 0

    async def go() -> None:
        nonlocal sound, wrong
        from fourhands import upkeep

        async for room_id, faults in upkeep.check(settings, rooms or []):
            for fault in faults:
                typer.echo(f"{room_id}: {fault}" if room_id else fault)
            wrong += bool(faults)
            sound += not faults

    run(go)
    typer.echo(f"{_count(sound, 'room')} sound." if not wrong else f"{_count(sound, 'room')} sound, {wrong} damaged.")
    if wrong:
        raise typer.Exit(EXIT_FAILED)


@journal.command()
def compact(
    rooms: Rooms = None,
    data_dir: DataDir = None,
    reseal: Annotated[bool, typer.Option("--reseal", help="Also encrypt what was written before encryption was on.")] = False,
    vacuum: Annotated[bool, typer.Option("--vacuum", help="Also give free pages back to the disk; needs room for a copy meanwhile.")] = False,
) -> None:
    """Merge and thin out what is kept, without losing any history. Stop the server before, unless its database is PostgreSQL.

    A running server does the merging by itself, a little at a time; this does all of it at once.
    """
    settings = settings_of(data_dir)

    async def go() -> None:
        from fourhands import upkeep

        done = await upkeep.compact(settings, rooms or [], reseal=reseal, vacuum=vacuum)
        typer.echo(f"{_count(done.rooms, 'room')}: {done.before:,} bytes before, {done.after:,} after.")
        if reseal:
            typer.echo(f"{_count(done.sealed, 'row')} encrypted.")

    run(go)


@journal.command()
def export(
    room: Annotated[str, typer.Argument(help="The room's id.")],
    data_dir: DataDir = None,
    text: Annotated[bool, typer.Option("--text", help="Only the files as they are now.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write there instead of to the terminal.", show_default=False)] = None,
) -> None:
    """Write a room's whole history out as lines of JSON, or its files. Changes nothing; a server may be running."""
    settings = settings_of(data_dir)

    async def go() -> None:
        from fourhands import upkeep

        lines = _shown(settings, room) if text else upkeep.export(settings, room)
        first = await anext(lines, "")  # nothing is overwritten by a room that is not there
        with opened(output) as file:
            file.write(f"{first}\n".encode())
            async for line in lines:
                file.write(f"{line}\n".encode())

    run(go)


async def _shown(settings: "Settings", room: str) -> AsyncIterator[str]:
    """Each text; with a line before it that names it, if there are several, as `head` does."""
    from fourhands import upkeep

    files = await upkeep.texts(settings, room)
    for file, text in files:
        yield (f"==> {file.name} <==\n" if len(files) > 1 else "") + text.removesuffix("\n")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
