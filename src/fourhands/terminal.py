"""What all commands share: how they end, and how they come by their settings. Used by `cli` and its groups of commands."""

import contextlib
import sys
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from fourhands.settings import Settings

EXIT_FAILED = 1
EXIT_USAGE = 2

DataDir = Annotated[Path | None, typer.Option(help="Where everything that is kept on disk lies.", show_default=False)]


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


def settings_of(data_dir: Path | None) -> "Settings":
    """The server's own settings; but whom it lets in does not matter here."""
    return build_settings({"host": "127.0.0.1", **({} if data_dir is None else {"data_dir": data_dir})})


def run(work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Do it; what goes wrong becomes a line and an exit code."""
    import asyncio

    from fourhands.errors import FourhandsError
    from fourhands.logs import configure_logs

    configure_logs("error", "text")
    try:
        asyncio.run(work())
    except FourhandsError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or 'The output'}: {error.strerror}.")


@contextlib.contextmanager
def opened(path: Path | None) -> Generator[IO[bytes]]:
    """For UTF-8, whatever the terminal's own encoding."""
    if path is None:
        yield sys.stdout.buffer
        return
    with path.open("wb") as file:
        yield file
