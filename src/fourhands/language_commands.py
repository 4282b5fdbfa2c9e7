"""`fourhands languages`: what this machine can run, and how to install more. `cli` adds it; `execution.languages` knows it."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fourhands.terminal import EXIT_FAILED, EXIT_USAGE, fail

if TYPE_CHECKING:
    from fourhands.execution.languages import Language
    from fourhands.execution.languages.detect import Missing
    from fourhands.execution.port import Toolchain

languages = typer.Typer(help="List what this machine can run, and install more.", invoke_without_command=True)

Names = Annotated[list[str], typer.Argument(help="Ids or names, as `fourhands languages` lists them: cpp, rust, c#.", show_default=False)]


@languages.callback()
def show(context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print it for programs.")] = False) -> None:
    """List every language: what runs it on this machine, in which version, and why not where nothing does.

    The browser runs some by itself. Whether programs are kept apart from this machine is asked by [bold]fourhands doctor[/bold].
    """
    if context.invoked_subcommand is not None:
        return
    from fourhands.execution.languages import load_languages
    from fourhands.execution.languages.detect import detect
    from fourhands.execution.languages.prepare import cache_folder

    every = load_languages()
    found = {one.language: one for one in detect(every, cache=cache_folder())}
    if as_json:
        typer.echo(json.dumps([_as_object(one, found.get(one.id)) for one in every], indent=2, ensure_ascii=False))
        return
    _print_table(every, found)


@languages.command()
def install(
    names: Names,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Install them now, without a question; needs root or sudo.")] = False,
) -> None:
    """Print the command that installs what languages need on Debian and its kin, or run it."""
    from fourhands.errors import NotFound
    from fourhands.execution.languages import load_languages
    from fourhands.execution.languages.packages import install_command, named, packages_of, unknown_packages

    try:
        wanted = named(load_languages(), names)
        packages = packages_of(wanted)
    except NotFound as error:
        fail(str(error), EXIT_USAGE)
    if apt_cache := shutil.which("apt-cache"):
        told = subprocess.run([apt_cache, "madison", *packages], capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own words
        if unknown := unknown_packages(packages, told):
            fail(f"This system's package lists have no {', '.join(unknown)}. Bring them up to date with apt-get update; else it is not in this Debian.")
    command = install_command(packages, root=os.geteuid() == 0, yes=yes)
    if not yes:
        typer.echo(shlex.join(command))
        return
    if not shutil.which("apt-get"):
        fail(f"There is no apt-get here. Install with this system's own tools what Debian calls {' '.join(packages)}.")
    sys.stdout.flush()
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603 - our own words
        fail(f"They could not be installed. The command was: {shlex.join(command)}")
    _prepare(tuple(wanted))


@languages.command()
def prepare() -> None:
    """Make what would else be made in each run, and takes seconds: compiled headers, lists of fonts.

    The server does it by itself, after its first start. Ends with 1 if something could not be made.
    """
    from fourhands.execution.languages import load_languages

    if _prepare(load_languages()):
        raise typer.Exit(EXIT_FAILED)


def _prepare(wanted: "tuple[Language, ...]") -> bool:
    """Whether anything could not be made; says so."""
    from fourhands.execution.languages.detect import prepare_toolchains
    from fourhands.execution.languages.prepare import cache_folder

    failed = prepare_toolchains(wanted, cache_folder())
    for language, fault in failed.items():
        typer.echo(f"{language}: what would make it faster could not be made: {fault}", err=True)
    return bool(failed)


def _as_object(language: "Language", found: "Toolchain | Missing | None") -> dict[str, object]:
    from fourhands.execution.port import Toolchain

    here, why = (found, "") if isinstance(found, Toolchain) else (None, found.sentence if found else "")
    return {
        "id": language.id,
        "name": language.name,
        "aliases": list(language.aliases),
        "browser": language.runtime is not None,
        "runtime": here.runtime if here else None,
        "version": here.version if here else None,
        "libraries": list(here.libraries) if here else [],
        "repl": bool(here and here.repl),
        "packages": list(language.packages),
        "why": why,
    }


def _print_table(every: "tuple[Language, ...]", found: "dict[str, Toolchain | Missing]") -> None:
    from rich.console import Console
    from rich.table import Table

    from fourhands.execution.port import Toolchain

    table = Table("Id", "Language", "In the browser", "On this machine", "With", box=None, header_style="bold", padding=(0, 2, 0, 0))
    lacking: list[str] = []
    for one in every:
        here = found.get(one.id)
        browser = "yes" if one.runtime else ""
        if isinstance(here, Toolchain):
            table.add_row(one.id, one.name, browser, f"[green]{here.runtime} {here.version}[/green]", ", ".join(here.libraries))
        elif here:
            lacking += [one.id] if one.packages else []
            table.add_row(one.id, one.name, browser, f"[dim]{here.sentence}[/dim]")
        elif browser:
            table.add_row(one.id, one.name, browser)
    console = Console(highlight=False)
    console.print(table)
    if lacking:
        console.print(f"\nTo install more: [bold]fourhands languages install[/bold] {lacking[0]} ...")
