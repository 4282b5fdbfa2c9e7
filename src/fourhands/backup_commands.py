"""`fourhands backup` and `fourhands restore`, for operators. `cli` adds them; `backups` does it."""

from pathlib import Path
from typing import Annotated

import typer

from fourhands.terminal import DataDir, run, settings_of

File = Annotated[Path, typer.Argument(help="The backup's file.")]


def backup(file: File, data_dir: DataDir = None) -> None:
    """Write all rooms, accounts and the audit log to a new file, as they are at one moment. A server may be running.

    Secrets are not in it: keep SECRET_KEY, and the encryption keys without which encrypted rooms stay closed, elsewhere.
    """
    settings = settings_of(data_dir)

    async def go() -> None:
        from fourhands import backups

        told = await backups.backup(settings, file)
        typer.echo(f"{file}: {told['rooms'][0]:,} rooms, {sum(count for count, _ in told.values()):,} rows, {file.stat().st_size:,} bytes.")

    run(go)


def restore(file: File, data_dir: DataDir = None) -> None:
    """Put a backup into an empty place: a data directory without a database, or an empty database on PostgreSQL.

    Nothing is overwritten. All of the backup is there afterwards, compared row by row, or nothing.
    """
    settings = settings_of(data_dir)

    async def go() -> None:
        from fourhands import backups

        told = await backups.restore(settings, file)
        typer.echo(f"{told['rooms'][0]:,} rooms, {sum(count for count, _ in told.values()):,} rows restored, each as it was.")

    run(go)
