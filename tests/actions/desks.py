"""An administrator and their desk, in a house."""

from fourhands.desk.desk import About, Desk, LogDial
from fourhands.execution.executor import switched_off
from fourhands.model.audit import Who
from tests.house import House

ROOT = Who("account", "root", "Root", "192.0.2.1")


def desk_of(house: House, *, ending_seconds: float = 30, levels: list[str] | None = None) -> Desk:
    """`levels` hears of each level that is logged at from then on."""
    about = About({}, "sqlite", ending_seconds, 500)
    dial = LogDial("info", (levels if levels is not None else []).append)
    return Desk(house.registry, house.journal, house.clock, store=house.store, executor=switched_off(), mode=house.place.mode, about=about, dial=dial)


async def lines(house: House) -> list[tuple[str, str, str]]:
    """What the audit log says, oldest first: what, who, and the room or what else it was done to."""
    return [(noted.what, noted.who.id, noted.room_id or noted.on) for noted in await house.store.audit.oldest(100)]
