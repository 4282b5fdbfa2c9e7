"""Rows of invites. Each function works inside its caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from fourhands.errors import Conflict, NotFound
from fourhands.model.role import Role
from fourhands.model.room import Invite
from fourhands.store.sealing import Box, Sealer
from fourhands.store.sql.rooms import NO_ROOM, box_of
from fourhands.store.sql.tables import invites

NO_INVITE = "There is no such invitation."


def _invite(row: Row[Any], box: Box) -> Invite:
    return Invite(
        room_id=row.room_id,
        role=Role(row.role),
        key=row.key,
        id=row.id,
        label=box.open(f"label/{row.id}", 0, row.label).decode(),
        made_at_ms=row.made_at_ms,
        expires_at_ms=row.expires_at_ms,
        single_use=row.single_use,
        used_at_ms=row.used_at_ms,
        revoked_at_ms=row.revoked_at_ms,
    )


def add(connection: Connection, box: Box, new: Sequence[Invite]) -> None:
    """Insert them."""
    rows = [
        {
            "room_id": invite.room_id,
            "id": invite.id,
            "key": invite.key,
            "role": invite.role.value,
            "label": box.seal(f"label/{invite.id}", 0, invite.label.encode()),
            "made_at_ms": invite.made_at_ms,
            "expires_at_ms": invite.expires_at_ms,
            "single_use": invite.single_use,
            "used_at_ms": invite.used_at_ms,
            "revoked_at_ms": invite.revoked_at_ms,
        }
        for invite in new
    ]
    if rows:
        connection.execute(insert(invites), rows)


def find(connection: Connection, sealer: Sealer, room_id: str) -> Sequence[Invite]:
    """The room's, viewers' first, then by age."""
    box = box_of(connection, sealer, room_id)
    rows = connection.execute(select(invites).where(invites.c.room_id == room_id)).all()
    if box is None:
        return []
    return sorted((_invite(row, box) for row in rows), key=lambda invite: (invite.role.rank, not invite.standing, invite.made_at_ms, invite.key))


def put(connection: Connection, sealer: Sealer, invite: Invite) -> None:
    """Insert it; one of the same id goes. Raises `NotFound` without such a room, or if it has ended."""
    box = box_of(connection, sealer, invite.room_id, ended=False)
    if box is None:
        raise NotFound(NO_ROOM)
    connection.execute(invites.delete().where(invites.c.room_id == invite.room_id, invites.c.id == invite.id))
    add(connection, box, [invite])


def revoke(connection: Connection, sealer: Sealer, room_id: str, invite_id: str, at_ms: int) -> Invite:
    """Let nobody else in by it; the first time counts. Raises `NotFound`."""
    of_invite = (invites.c.room_id == room_id, invites.c.id == invite_id)
    connection.execute(update(invites).where(*of_invite, invites.c.revoked_at_ms.is_(None)).values(revoked_at_ms=at_ms))
    row = connection.execute(select(invites).where(*of_invite)).one_or_none()
    box = box_of(connection, sealer, room_id)
    if row is None or box is None:
        raise NotFound(NO_INVITE)
    return _invite(row, box)


def use(connection: Connection, room_id: str, invite_id: str, at_ms: int) -> None:
    """Note that somebody comes in by it. Of those who come at the same time by one for a single use, one gets in. Raises `Conflict`."""
    good = (
        invites.c.room_id == room_id,
        invites.c.id == invite_id,
        invites.c.revoked_at_ms.is_(None),
        or_(invites.c.expires_at_ms.is_(None), invites.c.expires_at_ms > at_ms),
        or_(invites.c.single_use.is_(False), invites.c.used_at_ms.is_(None)),
    )
    if connection.execute(update(invites).where(*good).values(used_at_ms=at_ms)).rowcount != 1:
        raise Conflict("This invitation cannot be used any more.")
