"""Invite somebody to register, and take that back; as an administrator. Each is in the audit log before it is done."""

from collections.abc import Iterable, Mapping

from fourhands.access.account_tokens import digest_of, new_invite_key
from fourhands.actions.place import Place
from fourhands.errors import NotFound
from fourhands.model.account import AccountInvite
from fourhands.model.audit import Who
from fourhands.model.ids import new_member_id

SHOWN_MOST = 500
"""The newest are listed; those that have run out go by themselves."""


async def invite(place: Place, who: Who, *, days: float | None) -> tuple[AccountInvite, str]:
    """The invitation, and its key, which is told this once. `days`: how long it is good; None: as the settings say. Raises `Unavailable`."""
    now_ms, key = place.clock.now_ms(), new_invite_key()
    seconds = place.accounts.rules.invite_seconds if days is None else days * 86_400
    made = AccountInvite(new_member_id(), who.id or None, now_ms, now_ms + int(seconds * 1000))
    await place.audit.note("admin.invited", who, on=made.id)
    await place.store.accounts.add_invite(made, digest_of(key))
    return made, key


async def inviters(place: Place, made: Iterable[AccountInvite]) -> Mapping[str, str]:
    """Account id -> login name of those who made them; accounts that are gone are not in it. Raises `Unavailable`."""
    found = [await place.store.accounts.account(account_id) for account_id in {invite.by for invite in made if invite.by is not None}]
    return {account.id: account.login for account in found if account is not None}


async def uninvite(place: Place, who: Who, invite_id: str) -> None:
    """Nobody registers by it any more. Raises `NotFound`, `Unavailable`."""
    if all(known.id != invite_id for known in await place.store.accounts.invites(SHOWN_MOST)):
        raise NotFound("There is no such invitation.")
    await place.audit.note("admin.uninvited", who, on=invite_id)
    await place.store.accounts.remove_invite(invite_id)
