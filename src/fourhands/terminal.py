"""What all commands share: how they end, and how they come by their settings. Used by `cli` and its groups of commands."""

from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from fourhands.settings import Settings

EXIT_FAILED = 1
EXIT_USAGE = 2


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say in one line on stderr what is wrong, and end with `code`."""
    typer.echo(f"{typer.style('error:', fg='red', bold=True)} {message}", err=True)
    raise typer.Exit(code)


def build_settings(given: dict[str, object]) -> "Settings":
    """Settings from the environment, with the options that were given on top. Ends the command if they make no sense."""
    from pydantic import ValidationError

    from fourhands.settings import Settings

    try:
        return Settings(**given)  # pyright: ignore[reportArgumentType]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        sentence = first["msg"].removeprefix("Value error, ")
        known_as = name if name.isupper() else f"FOURHANDS_{name.upper()}"
        fail(f"{known_as}: {sentence} (it is {first['input']!r})" if name else sentence, EXIT_USAGE)
