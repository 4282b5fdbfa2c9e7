"""Whom a room's token stands for at this moment. Both doors ask here, for each request and each connection: a token is good for a day, and
its holder may have been banned or may have deleted their account since it was made."""

from fourhands.access.tokens import Claims
from fourhands.actions.place import Place
from fourhands.errors import Unauthenticated
from fourhands.model.ban import member_subject
from fourhands.model.room import Member
from fourhands.protocol.close import CloseCode

DELETED = "The account that was here was deleted. Join the room again."
DELETED_ACCOUNT = "account.deleted"
ADOPTED = "Whoever this was has logged in since. Join the room again."


async def holder(place: Place, claims: Claims) -> Member | None:
    """The member, in whatever state; None if there is none (any more). Raises `Unauthenticated` once their account was deleted, and for a
    token of before they had this account: somebody else may have put it into their browser. `Forbidden` while the account, or
    the member, is banned."""
    member = await place.store.member(claims.room_id, claims.member_id)
    place.bans.require(member=member_subject(claims.room_id, claims.member_id))
    for account_id in {claims.account_id, member.account_id if member else None} - {None}:
        place.bans.require(account_id=account_id)
    if claims.account_id is not None and await place.store.accounts.account(claims.account_id) is None:
        raise Unauthenticated(DELETED)
    if member is not None and member.account_id is not None and member.account_id != claims.account_id:
        raise Unauthenticated(ADOPTED)
    return member


def send_away(place: Place, account_id: str) -> None:
    """End the connections of an account that was deleted, and its programs on the server, at all instances."""
    if (others := place.registry.sharing) is not None:
        others.say_all(DELETED_ACCOUNT, account_id.encode())
    send_away_here(place, account_id)


def send_away_here(place: Place, account_id: str) -> None:
    """At this instance."""
    for room in place.registry.rooms():
        for peer in [peer for peer in room.peers if peer.account_id == account_id]:
            peer.outbox.close(CloseCode.UNAUTHENTICATED, DELETED)
        if room.has_programs:
            room.runs.stop_of(lambda by: by.member.account_id == account_id)
