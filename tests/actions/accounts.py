"""Somebody with an account, for tests of actions."""

from fourhands.access.identity import Identity
from fourhands.actions.identify import identify
from fourhands.actions.log_in import LoggedIn
from fourhands.actions.register import register
from tests.house import House

PASSWORD = "correct horse battery"


async def registered(house: House, login: str = "ada") -> LoggedIn:
    return await register(house.place, login=login, password=PASSWORD, name=None, color=None, invite=None, address="192.0.2.1")


async def somebody(house: House, login: str = "ada") -> Identity:
    """Who they are by their login."""
    return await identify(house.place, (await registered(house, login)).access, "192.0.2.1")


async def audited(house: House) -> list[str]:
    """What the audit log says, oldest first."""
    return [noted.what for noted in reversed(await house.store.audit.newest(50))]
