"""`/api/rooms`: open, look at, join, change and end rooms."""

from dataclasses import replace
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fourhands.access.identity import may_use
from fourhands.actions.change_room import Change, change_room
from fourhands.actions.end_room import end_room
from fourhands.actions.join_room import Wish, join_room
from fourhands.actions.open_room import Doors, open_room
from fourhands.actions.place import Place
from fourhands.actions.show_room import Shown, show_room
from fourhands.edge.http.address import address_of
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, base_url, bearer, canonical, require_own, set_cookies
from fourhands.edge.http.identity import asking, identity
from fourhands.model.account import Scope
from fourhands.model.addresses import client_of
from fourhands.model.role import GuestRole, Role, RunRole
from fourhands.model.room import Member, MemberState

LAST_MS = (1 << 53) - 1
"""What a JavaScript number holds exactly."""

GuestRoleName = Literal["editor", "viewer", "none"]


class OpenRoom(Body):
    title: str = Field("", max_length=1000, description="What the room is called; may be empty.")
    language: str | None = Field(None, max_length=64, description="Id of the first file's language, see /api/languages.")
    guest_role: GuestRoleName = Field("editor", description="What somebody becomes who joins without a key.")
    ephemeral: bool = Field(False, description="Delete the room once everybody has left it.")
    name: str | None = Field(None, max_length=1000, description="The host's name.")
    color: str | None = Field(None, max_length=16, description="The host's colour, #rrggbb.")
    team: str | None = Field(None, max_length=64, description="Id of the team whose room it is; one is in it.")
    password: str | None = Field(None, max_length=256, description="Asked of everybody who comes without a host's key; empty: none.")
    lobby: bool = Field(False, description="Whether newcomers wait for a host.")
    expires_at: int | None = Field(None, ge=0, le=LAST_MS, description="When the room is ended and erased, in milliseconds since the epoch; 0: never.")


class RoomOpened(BaseModel):
    id: str
    url: str
    token: str = Field(description="The host's room token, valid for `/sync/{id}?token=` and as a bearer token.")
    member: str
    role: Literal["host"]
    host_url: str
    editor_url: str
    viewer_url: str


class JoinRoom(Body):
    name: str = Field(max_length=1000)
    color: str | None = Field(None, max_length=16)
    key: str | None = Field(None, max_length=256, description="The key of an invitation link, what stands behind its #.")
    password: str | None = Field(None, max_length=256, description="The room's password, where it has one; a host's key goes without.")


class RoomJoined(BaseModel):
    token: str
    member: str
    role: Literal["viewer", "editor", "host"]
    state: Literal["in", "waiting"] = Field(description="`waiting`: connect to `/sync/{id}` and wait for a host to let you in.")


class ChangeRoom(Body):
    title: str | None = Field(None, max_length=1000)
    guest_role: GuestRoleName | None = None
    run_where: Literal["browser", "server", "any"] | None = Field(None, description="Where programs run; `any`: on the server where that can be had.")
    password: str | None = Field(None, max_length=256, description="Asked of everybody new; empty: none any more.")
    lobby: bool | None = Field(None, description="Whether newcomers wait for a host; switched off, all who wait are let in.")
    locked: bool | None = Field(None, description="Whether nobody new can come in.")
    read_only: bool | None = Field(None, description="Whether only hosts may edit.")
    team: str | None = Field(None, max_length=64, description="Id of the team whose room it is, which one is in; empty: nobody's, as the team's owners say.")
    run_role: Literal["editor", "host", "none"] | None = Field(None, description="Who may run code: editors and hosts, hosts alone, nobody.")
    expires_at: int | None = Field(None, ge=0, le=LAST_MS, description="When the room is ended and erased, in milliseconds since the epoch; 0: never.")


class TeamOfRoom(BaseModel):
    id: str
    name: str


class Person(BaseModel):
    id: str
    name: str
    color: str
    role: str


class Me(Person):
    state: Literal["in", "waiting", "removed"]


class FileShown(BaseModel):
    id: str
    name: str
    language: str


class Links(BaseModel):
    host: str
    editor: str
    viewer: str


class RoomShown(BaseModel):
    id: str
    title: str
    language: str
    guest_role: GuestRoleName
    ephemeral: bool
    created_at: int = Field(description="Milliseconds since the epoch.")
    run_where: Literal["browser", "server"] | None = Field(description="Where programs run; null: on the server where that can be had.")
    state: Literal["open", "locked"]
    password: bool = Field(description="Whether newcomers are asked for a password.")
    lobby: bool
    locked: bool
    read_only: bool
    run_role: Literal["editor", "host", "none"]
    expires_at: int | None = Field(description="When the room is ended, in milliseconds since the epoch.")
    files: list[FileShown] | None = Field(description="The files in their order; null for somebody who is not in the room.")
    people: list[Person] = Field(description="Who is connected now; nobody for those outside where newcomers do not simply walk in.")
    me: Me | None = Field(description="Who the caller is in the room, by cookie or bearer token.")
    room_link: str
    team: TeamOfRoom | None = Field(description="Whose room it is; for those alone who are in the team.")
    links: Links | None = Field(description="Invitation links; for hosts only.")


def rooms_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/rooms", tags=["rooms"])

    def give_token(response: Response, request: Request, room_id: str, token: str) -> None:
        response.headers["Cache-Control"] = "no-store"
        set_cookies(response, request, outside, room_id=room_id, token=token, valid_seconds=place.tokens.valid_seconds)

    @router.post("", status_code=201, summary="Open a room; the caller is its host")
    async def open_(request: Request, response: Response, body: OpenRoom) -> RoomOpened:
        require_own(request, outside)
        opened = await open_room(
            place,
            title=body.title,
            language=body.language,
            guest_role=GuestRole(body.guest_role),
            ephemeral=body.ephemeral,
            name=body.name,
            color=body.color,
            doors=Doors(body.password, body.lobby, body.expires_at, body.team),
            who=await identity(request, place, outside, writes=True),
        )
        room = opened.room
        token = place.tokens.issue(room.id, opened.host.id, place.clock.now_ms(), account_id=opened.host.account_id)
        give_token(response, request, room.id, token)
        url = f"{base_url(request, outside)}/r/{room.id}"
        response.headers["Location"] = url
        links = {f"{role.value}_url": f"{url}#{key}" for role, key in opened.keys.items()}
        return RoomOpened(id=room.id, url=url, token=token, member=opened.host.id, role="host", **links)

    @router.get("/{room_id}", summary="What the caller may know of a room")
    async def show(request: Request, response: Response, room_id: str) -> RoomShown:
        room_id = canonical(room_id)
        asked = await asking(request, place, outside, room_id, Scope.ROOMS_READ, writes=False)
        shown = await show_room(place, room_id, asked.member_id, asked.identity.account_id)
        by_account = asked.claims is None and bearer(request) is None  # its page goes on with the room's own token
        if shown.me and (by_account or (asked.claims and place.tokens.is_ageing(asked.claims, place.clock.now_ms()))):
            fresh = place.tokens.issue(room_id, shown.me.id, place.clock.now_ms(), account_id=shown.me.account_id)
            give_token(response, request, room_id, fresh)
        response.headers["Cache-Control"] = "no-store"
        return _shown(shown if may_use(asked.identity, Scope.ROOMS_WRITE) else replace(shown, keys=None), base_url(request, outside))

    @router.post("/{room_id}/join", summary="Join a room; with a valid token one stays the same member")
    async def join(request: Request, response: Response, room_id: str, body: JoinRoom) -> RoomJoined:
        room_id = canonical(room_id)
        asked = await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=True)
        client, account_id = client_of(address_of(request)), asked.identity.account_id
        wish = Wish(body.name, body.color, body.key, body.password, asked.member_id, client, account_id)
        _, member = await join_room(place, room_id, wish)
        token = place.tokens.issue(room_id, member.id, place.clock.now_ms(), account_id=member.account_id)
        give_token(response, request, room_id, token)
        return RoomJoined(token=token, member=member.id, role=member.role.value, state="waiting" if member.state is MemberState.WAITING else "in")

    @router.patch("/{room_id}", summary="Change a room (hosts)")
    async def change(request: Request, response: Response, room_id: str, body: ChangeRoom) -> RoomShown:
        room_id = canonical(room_id)
        asked = await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=True)
        account_id = asked.identity.account_id
        await change_room(place, room_id, asked.member_id, _change(body), account_id=account_id, address=address_of(request))
        response.headers["Cache-Control"] = "no-store"
        return _shown(await show_room(place, room_id, asked.member_id, account_id), base_url(request, outside))

    @router.delete("/{room_id}", status_code=204, summary="End a room for everyone (hosts)")
    async def end(request: Request, room_id: str) -> None:
        room_id = canonical(room_id)
        asked = await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=True)
        await end_room(place, room_id, asked.member_id, address=address_of(request))

    return router


def _shown(shown: Shown, base: str) -> RoomShown:
    room, link = shown.room, f"{base}/r/{shown.room.id}"
    return RoomShown(
        id=room.id,
        title=room.title,
        language=room.language,
        guest_role=room.guest_role.value,
        ephemeral=room.ephemeral,
        created_at=room.created_at_ms,
        run_where=room.run_where,
        state="locked" if room.locked else "open",
        password=room.password_hash is not None,
        lobby=room.lobby,
        locked=room.locked,
        read_only=room.read_only,
        run_role=room.run_role.value,
        expires_at=room.expires_at_ms,
        files=None if shown.files is None else [FileShown(id=file.id, name=file.name, language=file.language) for file in shown.files],
        people=[_person(member) for member in shown.people],
        me=None if shown.me is None else Me(**_person(shown.me).model_dump(), state=shown.me.state.value),
        room_link=link,
        team=None if shown.team is None else TeamOfRoom(id=shown.team.id, name=shown.team.name),
        links=Links(**{role.value: f"{link}#{shown.keys[role]}" for role in Role}) if shown.keys and set(shown.keys) == set(Role) else None,
    )


def _change(body: ChangeRoom) -> Change:
    return Change(
        title=body.title,
        guest_role=GuestRole(body.guest_role) if body.guest_role else None,
        run_where=body.run_where,
        password=body.password,
        lobby=body.lobby,
        locked=body.locked,
        read_only=body.read_only,
        run_role=RunRole(body.run_role) if body.run_role else None,
        expires_at_ms=body.expires_at,
        team=body.team,
    )


def _person(member: Member) -> Person:
    return Person(id=member.id, name=member.name, color=member.color, role=member.role.value)
