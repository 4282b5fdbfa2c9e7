"""`fourhands audit`: the log of who did what, written out, for operators. `cli` adds it; `upkeep` does it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fourhands.terminal import DataDir, opened, run, settings_of

TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]

audit = typer.Typer(help="The log of who did what: logins, roles, removals, ended rooms, and all that administrators do.", no_args_is_help=True)


@audit.command()
def export(
    data_dir: DataDir = None,
    since: Annotated[
        datetime | None, typer.Option(help="Lines from this time on (UTC).", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], show_default=False)
    ] = None,
    what: Annotated[str | None, typer.Option(help='Only these: "room.ended", or "room" for all that begin so.', show_default=False)] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write there instead of to the terminal.", show_default=False)] = None,
) -> None:
    """Write the log out as lines of JSON, oldest first. Changes nothing; a server may be running."""
    settings = settings_of(data_dir)
    since_ms = None if since is None else int(since.replace(tzinfo=UTC).timestamp() * 1000)

    async def go() -> None:
        from fourhands import upkeep

        lines = upkeep.audit(settings, what=what, since_ms=since_ms)
        first = await anext(lines, None)  # nothing is overwritten where nothing can be read
        with opened(output) as file:
            if first is not None:
                file.write(f"{first}\n".encode())
            async for line in lines:
                file.write(f"{line}\n".encode())

    run(go)
