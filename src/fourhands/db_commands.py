"""`fourhands db`: look at the database, bring it up, bring it to PostgreSQL; for operators. `cli` adds it; `backups` does it."""

from pathlib import Path
from typing import Annotated

import typer

from fourhands.terminal import EXIT_FAILED, DataDir, run, settings_of

db = typer.Typer(help="Look after the database as a whole: check it, upgrade it, bring it to PostgreSQL.", no_args_is_help=True)


@db.command()
def check(data_dir: DataDir = None) -> None:
    """Say which database it is, and whether it can be used as it is. Changes nothing; a server may be running.

    Ends with 1 if anything is wrong. `fourhands journal check` reads all rooms besides.
    """
    settings = settings_of(data_dir)
    wrong = 0

    async def go() -> None:
        nonlocal wrong
        from fourhands import backups

        async for line, well in backups.check(settings):
            typer.echo(line)
            wrong += not well

    run(go)
    if wrong:
        raise typer.Exit(EXIT_FAILED)


@db.command()
def upgrade(data_dir: DataDir = None) -> None:
    """Bring the database to this version's schema. A server does so when it starts; this is for doing it before."""
    settings = settings_of(data_dir)

    async def go() -> None:
        from fourhands import backups

        typer.echo(await backups.upgrade(settings))

    run(go)


@db.command()
def copy(
    data_dir: DataDir = None,
    source: Annotated[Path | None, typer.Option("--from", help="The SQLite file. [dim]fourhands.db in the data directory[/dim]", show_default=False)] = None,
) -> None:
    """Bring a SQLite installation to the empty PostgreSQL that DATABASE_URL names. Stop the server before.

    The file stays as it is. Every row is compared, and every room opened at its new place.
    """
    settings = settings_of(data_dir)
    file = source or settings.data_dir / "fourhands.db"

    async def go() -> None:
        from fourhands import backups

        async for line in backups.copy(settings, file):
            typer.echo(line)

    run(go)
