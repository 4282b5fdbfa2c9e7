"""`fourhands admin`: accounts, for operators. `cli` adds it. Passwords come from a prompt or from standard input, never from the command line."""

import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated

import typer

from fourhands.terminal import EXIT_USAGE, DataDir, fail, run, settings_of

if TYPE_CHECKING:
    from fourhands.settings import Settings
    from fourhands.store.port import Store

admin = typer.Typer(help="Look after accounts. A server may be running: it knows of a change within a second.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="The name that they log in with.")]


@admin.command()
def create_user(
    login: Login,
    name: Annotated[str | None, typer.Option(help="What others see. [dim]the login name[/dim]", show_default=False)] = None,
    make_admin: Annotated[bool, typer.Option("--admin", help="Make them an administrator.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make an account, whoever may register otherwise. Asks for the password, or reads it as one line from standard input."""
    settings = settings_of(data_dir)
    password = ask_password(settings, login)

    async def go(store: "Store") -> None:
        from fourhands.access.passwords import Cost, Passwords
        from fourhands.model.account import Account
        from fourhands.model.clock import SystemClock
        from fourhands.model.ids import new_member_id
        from fourhands.model.people import clean_color, clean_login, clean_name

        shown, account_id = clean_login(login), new_member_id()
        color = clean_color(None, sum(account_id.encode()))
        account = Account(account_id, shown, clean_name(name or shown, settings.name_characters), color, make_admin, SystemClock().now_ms())
        await store.accounts.add(account, Passwords(Cost(settings.password_memory_bytes, settings.password_passes)).hash(password))
        await note(store, "account.registered", account.id, shown)
        typer.echo(f"{shown} may log in now{', and is an administrator' if make_admin else ''}.")

    on_store(settings, go)


@admin.command()
def promote(
    login: Login,
    demote: Annotated[bool, typer.Option("--undo", help="Take it away again.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make somebody an administrator."""

    async def go(store: "Store") -> None:
        account_id = await find(store, login)
        await store.accounts.change(account_id, admin=not demote)
        await note(store, "account.demoted" if demote else "account.promoted", account_id, login)
        typer.echo(f"{login} is {'no administrator any more' if demote else 'an administrator now'}.")

    on_store(settings_of(data_dir), go)


@admin.command()
def reset_password(login: Login, data_dir: DataDir = None) -> None:
    """Give somebody another password, and end all their logins. Asks for it, or reads it as one line from standard input."""
    settings = settings_of(data_dir)
    password = ask_password(settings, login)

    async def go(store: "Store") -> None:
        from fourhands.access.passwords import Cost, Passwords

        account_id = await find(store, login)
        hashed = Passwords(Cost(settings.password_memory_bytes, settings.password_passes)).hash(password)
        await store.accounts.set_password(account_id, hashed, keep_login=None)
        await note(store, "account.password_reset", account_id, login)
        typer.echo(f"{login} has a new password, and is logged in nowhere.")

    on_store(settings, go)


@admin.command()
def invite(
    data_dir: DataDir = None,
    url: Annotated[str, typer.Option(help="The server's address, for the link. [dim]what FOURHANDS_PUBLIC_URL says[/dim]", show_default=False)] = "",
) -> None:
    """Print a link by which one person may register."""
    settings = settings_of(data_dir)
    base = url.rstrip("/") or settings.public_address
    if not base:
        fail("Say where the server is: give --url https://fourhands.example.org, or set FOURHANDS_PUBLIC_URL.", EXIT_USAGE)

    async def go(store: "Store") -> None:
        from fourhands.access.account_tokens import digest_of, new_invite_key
        from fourhands.model.account import AccountInvite
        from fourhands.model.clock import SystemClock
        from fourhands.model.ids import new_member_id

        now_ms, key = SystemClock().now_ms(), new_invite_key()
        made = AccountInvite(new_member_id(), None, now_ms, now_ms + int(settings.account_invite_days * 86_400_000))
        await store.accounts.add_invite(made, digest_of(key))
        await note(store, "account.invited", made.id, "")
        typer.echo(f"{base}/register#{key}")

    on_store(settings, go)


def ask_password(settings: "Settings", login: str) -> str:
    """From a prompt, twice; or one line of standard input. Ends the command if it is not good enough."""
    from fourhands.access.passwords import require_good
    from fourhands.errors import InvalidRequest

    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    try:
        require_good(password, settings.password_characters, not_in=(login,))
    except InvalidRequest as error:
        fail(str(error), EXIT_USAGE)
    return password


async def find(store: "Store", login: str) -> str:
    """The account's id. Raises `NotFound`."""
    from fourhands.errors import NotFound

    found = await store.accounts.named(login.strip().lower())
    if found is None:
        raise NotFound(f"Nobody logs in as {login}.")
    return found[0].id


async def note(store: "Store", what: str, account_id: str, login: str) -> None:
    """In the audit log: the operator did it, at the machine."""
    from fourhands.guard.audit import Audit
    from fourhands.model.audit import Who
    from fourhands.model.clock import SystemClock

    await Audit(store.audit, SystemClock()).note(what, Who("operator"), on=account_id, detail={"login": login})


def on_store(settings: "Settings", go: "Callable[[Store], Coroutine[None, None, None]]") -> None:
    """Do it on the store, beside a server or without one. Ends the command with a sentence if it fails."""
    from fourhands.storage import start_account_store

    async def work() -> None:
        store = await start_account_store(settings)
        try:
            await go(store)
        finally:
            await store.stop()

    run(work)
