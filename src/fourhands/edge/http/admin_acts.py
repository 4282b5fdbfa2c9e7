"""`/api/admin`: what an administrator does to rooms, to people in them, and to the server. Each is in the audit log before it is done."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from fourhands.actions.admin_end_room import cancel_ending, start_ending
from fourhands.actions.admin_remove import remove
from fourhands.actions.admin_say import say
from fourhands.actions.admin_set_log_level import set_log_level
from fourhands.actions.admin_set_mode import set_mode
from fourhands.actions.place import Place
from fourhands.desk.desk import Desk
from fourhands.edge.http.admin_guard import REFUSED, admins, who
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, canonical

NO_ROOM: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such room"}, 410: {"description": "It has ended"}}
WRONG: dict[int | str, dict[str, Any]] = {400: {"description": "It makes no sense, and why"}}
CLASHES: dict[int | str, dict[str, Any]] = {409: {"description": "It is about to be ended already, or it is too late"}}

LAST_HOST: dict[int | str, dict[str, Any]] = {409: {"description": "They are the room's last host: end the room, or ban them"}}

RoomId = Annotated[str, Path(max_length=64)]


class EndRoom(Body):
    erases: bool = Field(True, description="Erase all that it holds. Else it is kept in the database until rooms that nobody uses are deleted.")


class EndingShown(BaseModel):
    at: int = Field(description="When it will be ended, in milliseconds since the epoch.")
    seconds: float = Field(description="So many from now.")
    erases: bool


class Say(Body):
    text: str = Field(max_length=4000, description="Plain text, one line.")
    room: str | None = Field(None, max_length=64, description="A room's id; without one, everybody hears it.")


class Said(BaseModel):
    heard: int = Field(description="Connections that it was sent to.")


class ModeShown(BaseModel):
    mode: Literal["open", "maintenance", "drain"]
    message: str = Field(description="What those who are refused are told.")
    since: int = Field(description="Milliseconds since the epoch.")


class SetMode(Body):
    mode: Literal["open", "maintenance", "drain"]
    message: str = Field("", max_length=4000, description="What people are told; without one, a sentence of ours.")
    instance: str | None = Field(None, max_length=64, description="Drain this one of several instances alone, or open it again.")


class LevelShown(Body):
    level: Literal["debug", "info", "warning", "error"]


def admin_acts_router(place: Place, desk: Desk, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/admin", tags=["admin"], responses=REFUSED, dependencies=[admins(place, outside)])

    @router.put("/rooms/{room_id}/ending", status_code=202, responses={**NO_ROOM, **CLASHES}, summary="Warn everybody in a room, then end it")
    async def end(request: Request, room_id: RoomId, body: EndRoom) -> EndingShown:
        ending = await start_ending(place, desk, who(request), canonical(room_id), erases=body.erases)
        return EndingShown(at=ending.told.at, seconds=ending.told.seconds, erases=ending.told.erases)

    @router.delete("/rooms/{room_id}/ending", status_code=204, responses={**NO_ROOM, **CLASHES}, summary="Call that off")
    async def cancel(request: Request, room_id: RoomId) -> None:
        await cancel_ending(place, desk, who(request), canonical(room_id))

    @router.delete("/rooms/{room_id}/members/{member_id}", status_code=204, responses={**NO_ROOM, **LAST_HOST}, summary="Remove somebody from a room")
    async def remove_(request: Request, room_id: RoomId, member_id: RoomId) -> None:
        await remove(place, who(request), canonical(room_id), member_id)

    @router.post("/messages", responses={**WRONG, **NO_ROOM}, summary="Say something to a room, or to everybody")
    async def message(request: Request, body: Say) -> Said:
        room_id = None if body.room is None else canonical(body.room)
        return Said(heard=await say(place, desk, who(request), body.text, room_id))

    @router.get("/mode", summary="Whom the server takes in")
    async def mode() -> ModeShown:
        return _mode(desk)

    @router.put("/mode", responses=WRONG, summary="Take nobody new in, send everybody away, or be open again")
    async def put_mode(request: Request, body: SetMode) -> ModeShown:
        await set_mode(place, desk, who(request), body.mode, body.message, instance=body.instance)
        return _mode(desk)

    @router.get("/log-level", summary="What is logged")
    async def log_level() -> LevelShown:
        return LevelShown(level=desk.dial.level)

    @router.put("/log-level", summary="Log more or less from now on")
    async def put_log_level(request: Request, body: LevelShown) -> LevelShown:
        await set_log_level(place, desk, who(request), body.level)
        return LevelShown(level=desk.dial.level)

    return router


def _mode(desk: Desk) -> ModeShown:
    return ModeShown(mode=desk.mode.name, message=desk.mode.message, since=desk.mode.since_ms)
