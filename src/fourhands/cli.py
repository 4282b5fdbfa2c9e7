"""The command `fourhands`: builds `Settings` from the environment and the options, and starts what was asked for.

Nothing is imported before it is needed, so that `--help` answers at once. A failure that has a sentence for people
becomes that one line and an exit code: 2 for what was asked wrongly, 1 for what went wrong.
"""

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fourhands import __version__
from fourhands.admin_commands import admin
from fourhands.audit_commands import audit
from fourhands.backup_commands import backup, restore
from fourhands.db_commands import db
from fourhands.doctor_commands import doctor
from fourhands.journal_commands import journal
from fourhands.language_commands import languages
from fourhands.terminal import EXIT_USAGE, build_settings, fail

if TYPE_CHECKING:
    from fourhands.settings import Settings

app = typer.Typer(
    name="fourhands",
    help="A room where people write and run code together, on your own machine.",
    epilog="Start with  [bold]fourhands serve[/bold]  and open the address that it prints.",
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def print_version(wanted: bool) -> None:
    """`--version`: print it and stop."""
    if wanted:
        typer.echo(f"fourhands {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", "-V", callback=print_version, is_eager=True, help="Print the version and stop.")] = False,
) -> None:
    """A room where people write and run code together, on your own machine."""
    del version


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [dim]127.0.0.1: this machine alone[/dim]", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one. [dim]8000[/dim]", show_default=False)] = None,
    root_path: Annotated[str | None, typer.Option(help="Path below which a proxy serves it, such as /pad.", show_default=False)] = None,
    *,
    data_dir: Annotated[Path | None, typer.Option(help="Where everything that is kept on disk lies.", show_default=False)] = None,
    workers: Annotated[int | None, typer.Option(help="Processes on that port; more than one need REDIS_URL. [dim]1[/dim]", show_default=False)] = None,
    log_level: Annotated[Literal["debug", "info", "warning", "error"] | None, typer.Option(help="What is logged. [dim]info[/dim]", show_default=False)] = None,
) -> None:
    """Serve the rooms until Ctrl+C.

    Every option is also a setting in the environment, and there are more of those: see [bold]fourhands settings[/bold].
    To let other machines in, set SECRET_KEY and give [bold]--host 0.0.0.0[/bold].
    """
    options = {"host": host, "port": port, "root_path": root_path, "data_dir": data_dir, "workers": workers, "log_level": log_level}
    settings = build_settings({name: value for name, value in options.items() if value is not None})

    from fourhands.errors import FourhandsError

    try:
        with contextlib.suppress(KeyboardInterrupt):  # how a server is stopped is no failure
            if settings.workers > 1:
                from fourhands.workers import supervise

                raise typer.Exit(supervise(settings, started=lambda address: announce(settings, address)))
            from fourhands.serving import serve as serve_until_stopped

            serve_until_stopped(settings, started=lambda address: announce(settings, address))
    except FourhandsError as error:
        fail(str(error))
    except OSError as error:
        fail(f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}. Is another server there? Choose another with --port.")


@app.command()
def runner(
    listen: Annotated[str | None, typer.Option(help="Where servers find it, unix:///PATH. [dim]what FOURHANDS_RUNNER says[/dim]", show_default=False)] = None,
    mode: Annotated[Literal["600", "660"], typer.Option(help="Who may use that socket: its owner, or the group as well.")] = "600",
) -> None:
    """Run programs for servers that were started with FOURHANDS_RUNNER=redis and know the same REDIS_URL, or with unix:///PATH on this machine.

    A server starts one of its own unless it is told otherwise. One by itself may be another user, who may do less, or another machine.
    """
    settings = build_settings({} if listen is None else {"runner": listen})

    from fourhands.errors import FourhandsError
    from fourhands.runner import serve_installation, serve_socket

    if settings.redis_url and not settings.runner.startswith("unix://"):
        serve_installation(settings, started=lambda: typer.echo(f"fourhands runner {__version__} joins the servers of {settings.redis_prefix!r} by Redis"))
        return
    if not settings.runner.startswith("unix://"):
        mend = "Say where servers will find it: set REDIS_URL, or give --listen, such as: fourhands runner --listen unix:///run/fourhands/runner.sock"
        fail(mend, EXIT_USAGE)

    path = Path(settings.runner.removeprefix("unix://"))
    try:
        serve_socket(settings, path, int(mode, 8), started=lambda: typer.echo(f"fourhands runner {__version__} listens at {path}"))
    except FourhandsError as error:
        fail(str(error))
    except OSError as error:
        fail(f"Cannot listen at {path}: {error.strerror or error}.")


def announce(settings: "Settings", address: str) -> None:
    """Say where the server is and where its data lies, once it takes requests."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n  [bold]fourhands[/bold] {__version__}")
    console.print(f"  Open    [bold blue]{address}[/bold blue]")
    console.print(f"  Data    {settings.data_dir}")
    console.print("  Stop    Ctrl+C\n")
    console.file.flush()


@app.command(name="settings")
def show_settings(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table of docs/operations.md.")] = False,
) -> None:
    """List every setting: its name in the environment, its value now, and what it does."""
    from fourhands.settings_table import as_markdown, setting_rows

    if markdown:
        typer.echo(as_markdown())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Setting", "Now", "What it does", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for row in setting_rows(build_settings({})):
        table.add_row(row.name, row.value, row.description, style=None if row.is_default else "green")
    Console(highlight=False).print(table)


@app.command()
def permissions() -> None:
    """Print who may do what in a room and with a team: the tables of docs/security.md."""
    from fourhands.access.table import markdown, team_markdown

    typer.echo(f"{markdown()}\n\n{team_markdown()}")


app.command()(doctor)
app.add_typer(admin, name="admin")
app.add_typer(journal, name="journal")
app.add_typer(db, name="db")
app.command()(backup)
app.command()(restore)
app.add_typer(audit, name="audit")
app.add_typer(languages, name="languages")


def main() -> None:
    """The entry point; Ctrl+C ends quietly."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
