"""Refuse an address, a network or an account everywhere on this server, or a guest in their room, for a time or for good; as an administrator."""

from collections.abc import Sequence

from fourhands.actions.place import Place
from fourhands.errors import InvalidRequest, NotFound
from fourhands.guard.bans import matcher
from fourhands.model.addresses import read_network
from fourhands.model.audit import Who
from fourhands.model.ban import Ban, BanKind, member_subject


async def ban(place: Place, who: Who, kind: BanKind, subject: str, *, seconds: float | None, reason: str) -> Ban:
    """Their live connections end at once.

    Raises `InvalidRequest`, also for one that would ban whoever asks, `NotFound` for an account or a member that is none, and `Unavailable`.
    """
    if kind == "address":
        subject = str(read_network(subject))
    if kind == "account":
        subject = await _account(place, subject)
    if kind == "member":
        subject = await _guest(place, subject)
    until_ms = None if seconds is None else place.clock.now_ms() + int(seconds * 1000)
    asked = Ban("", kind, subject, reason, who.name, place.clock.now_ms(), until_ms)
    if matcher(asked)(who.address, who.id):
        raise InvalidRequest("That would ban you as well.")
    await place.audit.note("admin.ban", who, on=subject, detail={"kind": kind, "seconds": None if seconds is None else int(seconds), "reason": reason})
    return await place.bans.add(kind, subject, until_ms=until_ms, reason=reason, by=who.name)


async def _account(place: Place, subject: str) -> str:
    """The account's id, from that or from a login name. Raises `NotFound`: a ban of nobody would only look like one."""
    account = await place.store.accounts.account(subject)
    if account is None:
        account, _ = await place.store.accounts.named(subject.strip().lower()) or (None, None)
    if account is None:
        raise NotFound("There is no such account: name it by its id or its login name.")
    return account.id


async def _guest(place: Place, subject: str) -> str:
    """Raises `InvalidRequest` for what names nobody and for a member with an account, `NotFound` for somebody who never joined."""
    room_id, _, member_id = subject.partition("/")
    if not room_id or not member_id:
        raise InvalidRequest("A member is named by the room's id, a slash, and the member's id.")
    member = await place.store.member(room_id, member_id)
    if member is None:
        raise NotFound("There is no such person in this room.")
    if member.account_id is not None:
        raise InvalidRequest("This person has an account: ban that, for they could come in by it.")
    return member_subject(room_id, member_id)


async def known_bans(place: Place) -> Sequence[tuple[Ban, str | None]]:
    """Those in force, each with the name of the account or guest; None for addresses, and for somebody who is not there any more.
    Raises `Unavailable`."""
    return [(one, await name_in(place, one)) for one in place.bans.all()]


async def name_in(place: Place, ban: Ban) -> str | None:
    """Whom a ban is for. Raises `Unavailable`."""
    if ban.kind == "account":
        account = await place.store.accounts.account(ban.subject)
        return None if account is None else f"{account.name} ({account.login})"
    if ban.kind == "member":
        room_id, _, member_id = ban.subject.partition("/")
        member = await place.store.member(room_id, member_id)
        return None if member is None else member.name
    return None


async def unban(place: Place, who: Who, ban_id: str) -> Ban:
    """Raises `NotFound`, `Unavailable`."""
    if not _is_known(place, ban_id):
        await place.bans.reload()  # another instance may have banned them this moment
    if not _is_known(place, ban_id):
        raise NotFound("There is no such ban.")
    await place.audit.note("admin.unban", who, on=ban_id)
    return await place.bans.remove(ban_id)


def _is_known(place: Place, ban_id: str) -> bool:
    return any(known.id == ban_id for known in place.bans.all())
