"""`/api/admin`: the audit log, a page at a time or whole as JSON lines, and bans."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from fourhands.actions.admin_ban import ban, known_bans, name_in, unban
from fourhands.actions.place import Place
from fourhands.edge.http.admin_acts import WRONG
from fourhands.edge.http.admin_guard import REFUSED, admins, who
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside
from fourhands.model.audit import Noted
from fourhands.model.ban import Ban
from fourhands.store.protection import AuditWanted

LAST = (1 << 53) - 1
EXPORTED_AT_ONCE = 500
YEAR_SECONDS = 366 * 86_400


class Wanted(BaseModel):
    """Which lines: all that fit everything given. Times are milliseconds since the epoch."""

    what: str | None = Field(None, max_length=64, description="A word such as `room.ended`, or its beginning up to a dot: `room`.")
    by: str | None = Field(None, max_length=64, description="Id of a member or an account.")
    room: str | None = Field(None, max_length=64)
    since: int | None = Field(None, ge=0, le=LAST)
    until: int | None = Field(None, ge=0, le=LAST)


class WantedPage(Wanted):
    before: int | None = Field(None, ge=1, le=LAST, description="Only lines with a smaller id.")
    limit: int = Field(100, ge=1, le=500)


class By(BaseModel):
    kind: Literal["member", "account", "stranger", "operator", "server"]
    id: str
    name: str
    address: str


class Line(BaseModel):
    id: int
    at: int = Field(description="Milliseconds since the epoch.")
    what: str
    by: By
    room: str
    on: str
    detail: Mapping[str, str | int | bool | None]


class Lines(BaseModel):
    lines: list[Line] = Field(description="Newest first.")
    before: int | None = Field(description="Give it as `before` for those that are older; null: there are none.")


class AddBan(Body):
    kind: Literal["address", "account", "member"] = Field(description="`member`: somebody without an account, in one room.")
    subject: str = Field(min_length=1, max_length=64, description="An address, a network such as 192.0.2.0/24, an account's id, or `ROOM/MEMBER`.")
    seconds: float | None = Field(None, gt=0, le=YEAR_SECONDS, description="How long; without it, for good.")
    reason: str = Field("", max_length=200)


class BanShown(BaseModel):
    id: str
    kind: Literal["address", "account", "member"]
    subject: str
    name: str | None = Field(description="Of an account (with its login name) or of a guest; null where it is not known.")
    reason: str
    by: str
    at: int
    until: int | None = Field(description="Milliseconds since the epoch; null: for good.")


def admin_audit_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/admin", tags=["admin"], responses=REFUSED, dependencies=[admins(place, outside)])

    @router.get("/audit", summary="The audit log, newest first")
    async def audit(wanted: Annotated[WantedPage, Query()]) -> Lines:
        found = await place.store.audit.newest(wanted.limit, before=wanted.before, **_wanted(wanted))
        return Lines(lines=[_line(noted) for noted in found], before=found[-1].id if len(found) == wanted.limit else None)

    @router.get(
        "/audit.jsonl",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}, "description": "A line of JSON each, oldest first"}},
        summary="The audit log as JSON lines, oldest first",
    )
    async def export(request: Request, wanted: Annotated[Wanted, Query()]) -> StreamingResponse:
        await place.audit.note("admin.audit_exported", who(request))
        headers = {"Content-Disposition": 'attachment; filename="fourhands-audit.jsonl"', "Cache-Control": "no-store"}
        return StreamingResponse(_lines(place, _wanted(wanted)), media_type="application/jsonl", headers=headers)

    @router.get("/bans", summary="Who is banned now")
    async def bans() -> list[BanShown]:
        return [_ban(one, name) for one, name in await known_bans(place)]

    @router.post(
        "/bans",
        status_code=201,
        responses={**WRONG, 404: {"description": "There is no such member"}},
        summary="Ban an address, an account, or a guest in a room; connections end",
    )
    async def add_ban(request: Request, body: AddBan) -> BanShown:
        made = await ban(place, who(request), body.kind, body.subject, seconds=body.seconds, reason=body.reason)
        return _ban(made, await name_in(place, made))

    @router.delete("/bans/{ban_id}", status_code=204, responses={404: {"description": "There is no such ban"}}, summary="Let them in again")
    async def remove_ban(request: Request, ban_id: str) -> None:
        await unban(place, who(request), ban_id)

    return router


async def _lines(place: Place, wanted: AuditWanted) -> AsyncIterator[bytes]:
    after = 0
    while found := await place.store.audit.oldest(EXPORTED_AT_ONCE, after=after, **wanted):
        yield b"".join(msgspec.json.encode(_line(noted).model_dump()) + b"\n" for noted in found)
        after = found[-1].id


def _wanted(wanted: Wanted) -> AuditWanted:
    found = AuditWanted()
    if wanted.what is not None:
        found["what"] = wanted.what
    if wanted.by is not None:
        found["who"] = wanted.by
    if wanted.room is not None:
        found["room_id"] = wanted.room
    if wanted.since is not None:
        found["since_ms"] = wanted.since
    if wanted.until is not None:
        found["until_ms"] = wanted.until
    return found


def _line(noted: Noted) -> Line:
    by = By(kind=noted.who.kind, id=noted.who.id, name=noted.who.name, address=noted.who.address)
    return Line(id=noted.id, at=noted.at_ms, what=noted.what, by=by, room=noted.room_id, on=noted.on, detail=noted.detail)


def _ban(ban: Ban, name: str | None) -> BanShown:
    return BanShown(id=ban.id, kind=ban.kind, subject=ban.subject, name=name, reason=ban.reason, by=ban.by, at=ban.at_ms, until=ban.until_ms)
