"""`fourhands doctor`: whether programs can be run on this machine, tried, and what to do if not. `cli` adds it."""

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fourhands.terminal import EXIT_FAILED, build_settings

if TYPE_CHECKING:
    from fourhands.execution.port import Health


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print it for programs.")] = False) -> None:
    """Try whether programs can be run here, kept apart from this machine, and say how to mend what is in the way.

    Runs the same tests as the server at its start and every hour. Ends with 1 if one fails; then the server runs no programs.
    """
    _enter_scope()
    import asyncio

    from fourhands.logs import configure_logs

    configure_logs("error", "text")
    health = asyncio.run(examine(build_settings({"host": "127.0.0.1"}).bwrap))
    if as_json:
        import msgspec

        typer.echo(json.dumps(msgspec.to_builtins(health), indent=2, ensure_ascii=False))
    else:
        _print(health)
    if not health.ok:
        raise typer.Exit(EXIT_FAILED)


async def examine(bwrap: str) -> "Health":
    """One self-test, by a backend of its own; a server may be running."""
    from fourhands.execution.backends.sandbox.backend import SandboxBackend
    from fourhands.execution.backends.sandbox.options import SandboxOptions

    backend = SandboxBackend((), SandboxOptions(bwrap=bwrap, warm=0))
    try:
        return await backend.check()
    finally:
        await backend.close()


def _print(health: "Health") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for check in health.checks:
        mark = Text("ok", style="green") if check.ok else Text("no", style="bold red")
        said = Text(check.sentence)
        if not check.ok:
            said.append(f"\n{check.mend}", style="yellow")
        table.add_row(mark, Text(check.name), said)
    console.print(table)
    console.print()
    console.print(Text(health.sentence, style="bold green" if health.ok else "bold red"))
    if not health.ok:
        console.print(Text(f"{health.mend} Until then the server runs no programs; browsers still run what they can."))


def _enter_scope() -> None:
    """Start again where control groups are ours, as the server's runner is started."""
    from fourhands.execution.backends.sandbox.delegation import delegated_command

    command = [sys.executable, "-m", "fourhands", *sys.argv[1:]]
    if (wrapped := delegated_command(command, os.environ)) != command:
        sys.stdout.flush()
        os.execv(wrapped[0], wrapped)  # noqa: S606 - ourselves
