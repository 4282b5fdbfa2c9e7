"""The JSON events of `fourhands.v1`, in a frame of type 16: varUint 16, varString of `{"type": ...}`.

The TypeScript twin is `web/src/protocol/events.ts`; `tests/protocol/golden/` holds frames that both sides' tests read.
Times are milliseconds since the epoch (UTC); `by` and `member` are member ids unless they hold a whole member.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from fourhands.errors import InvalidRequest
from fourhands.model.room import Room
from fourhands.protocol.people import LobbyKnock, LobbyLeft, LobbyWait, MemberChanged, MemberJoined, MemberLeft, MemberRemoved, MemberView
from fourhands.protocol.runs import (
    Run,
    RunAsk,
    RunEnd,
    RunEnded,
    RunInput,
    RunInputEnd,
    RunOutput,
    RunPicture,
    RunQueued,
    RunResize,
    RunResized,
    RunSignal,
    RunStage,
    RunStart,
    RunStarted,
    RunStop,
    Where,
)

Ref = Annotated[str, Meta(max_length=64)]


class RoomView(Struct, frozen=True):
    """A room as everyone in it sees it. `run_where`: where its host wants programs to run; None: on the server where that can be had.

    `password`: whether newcomers are asked for one; `lobby`: whether they wait for a host; `locked`: whether there can be any. `read_only`: only hosts
    edit. `run_role`: who may run: editor (and host), host, none. `expires_at`: the room is ended then.
    """

    id: str
    title: str
    language: str
    guest_role: str
    ephemeral: bool
    created_at: int
    run_where: Where | None = None
    password: bool = False
    lobby: bool = False
    locked: bool = False
    read_only: bool = False
    run_role: str = "editor"
    expires_at: int | None = None

    @classmethod
    def of(cls, room: Room) -> "RoomView":
        return cls(
            room.id,
            room.title,
            room.language,
            room.guest_role.value,
            room.ephemeral,
            room.created_at_ms,
            room.run_where,
            password=room.password_hash is not None,
            lobby=room.lobby,
            locked=room.locked,
            read_only=room.read_only,
            run_role=room.run_role.value,
            expires_at=room.expires_at_ms,
        )


class ChatMessage(Struct, frozen=True):
    """A chat message; `id` is its place in the room's journal."""

    id: int
    member: str
    name: str
    color: str
    text: str
    at: int


def chat_message(payload: bytes, position: int) -> ChatMessage:
    """A message as the journal has it: it was written before its position was known."""
    return msgspec.structs.replace(msgspec.json.decode(payload, type=ChatMessage), id=position)


class Limits(Struct, frozen=True):
    """What the page must know to keep within limits. `run_seconds`: a browser run is ended then."""

    chat_characters: int
    text_bytes: int
    message_bytes: int
    output_bytes: int
    run_seconds: float


# ---- said by the server --------------------------------------------------------------------------------------------


class Welcome(Struct, frozen=True, tag_field="type", tag="welcome"):
    """The first message on a `fourhands.v1` connection that is in the room. `members`: who is connected now, oneself included; `waiting`: who waits in
    the lobby, told to hosts."""

    me: MemberView
    members: list[MemberView]
    room: RoomView
    epoch: str
    chat: list[ChatMessage]
    runs: list[Run]
    limits: Limits
    version: str
    waiting: list[MemberView] = []


class Saved(Struct, frozen=True, tag_field="type", tag="saved"):
    """This connection's first `count` sync messages (step 2 or update, in arrival order, empty and refused ones
    included) are durable, and so is all that the room held when they arrived. A refused one was named by an `error`."""

    count: int


class ChatSaid(Struct, frozen=True, tag_field="type", tag="chat"):
    """Said after it was journaled. `ref` is the sender's own mark, given back."""

    message: ChatMessage
    ref: str | None = None


class RoomChanged(Struct, frozen=True, tag_field="type", tag="room.changed"):
    room: RoomView
    by: str | None


class RoomLanguage(Struct, frozen=True, tag_field="type", tag="room.language"):
    """Somebody chose another language for a file; the document itself holds it."""

    file: str
    language: str
    by: str | None


class RoomStorage(Struct, frozen=True, tag_field="type", tag="room.storage"):
    """Whether the journal can be written; while not, `saved` stays away and the page says "not saved"."""

    ok: bool
    message: str


class RoomReach(Struct, frozen=True, tag_field="type", tag="room.reach"):
    """Whether people who are connected by way of other servers are reached; while not, everything goes on among those who are here."""

    ok: bool
    message: str


class RoomEnding(Struct, frozen=True, tag_field="type", tag="room.ending"):
    """The room will be ended at that time, `seconds` from when this was said, unless that is called off; said to whoever joins, too. `erases`: what
    it holds is erased then. `by`: None if an administrator of the server ends it."""

    at: int
    seconds: float
    erases: bool
    by: str | None = None


class RoomEndingCancelled(Struct, frozen=True, tag_field="type", tag="room.ending_cancelled"):
    """It goes on."""


class Notice(Struct, frozen=True, tag_field="type", tag="notice"):
    """What an administrator of the server has to say to everybody in a room, or in all rooms: plain text."""

    text: str
    at: int


class RoomErased(Struct, frozen=True, tag_field="type", tag="room.erased"):
    """A host erases something from the room and its past; the connection is closed with 1012 right after, and the next `welcome` has another epoch."""

    by: str


class RoomEnded(Struct, frozen=True, tag_field="type", tag="room.ended"):
    """The room was ended; the connection is closed with 4410 right after."""

    by: str | None


class ErrorSaid(Struct, frozen=True, tag_field="type", tag="error"):
    """Something that this connection sent was refused. `sync`: the number (from 1, as `saved` counts) of a refused
    sync message; `ref`: the refused event's own mark or run id."""

    code: str
    message: str
    sync: int | None = None
    ref: str | None = None
    retry_after: float | None = None


ServerEvent = (
    Welcome
    | Saved
    | MemberJoined
    | MemberLeft
    | MemberChanged
    | MemberRemoved
    | LobbyWait
    | LobbyKnock
    | LobbyLeft
    | ChatSaid
    | RunStarted
    | RunQueued
    | RunStage
    | RunOutput
    | RunPicture
    | RunResized
    | RunEnded
    | RunStop
    | RoomChanged
    | RoomLanguage
    | RoomStorage
    | RoomReach
    | RoomEnding
    | RoomEndingCancelled
    | RoomErased
    | RoomEnded
    | Notice
    | ErrorSaid
)


# ---- sent by clients -----------------------------------------------------------------------------------------------


class Chat(Struct, frozen=True, tag_field="type", tag="chat"):
    text: str
    ref: Ref | None = None


class MemberChange(Struct, frozen=True, tag_field="type", tag="member.change"):
    """Change one's own name or colour (`#rrggbb`)."""

    name: str | None = None
    color: str | None = None


RunEvent = RunStart | RunOutput | RunEnd | RunStop | RunAsk | RunInput | RunInputEnd | RunResize | RunSignal
ClientEvent = Chat | MemberChange | RunEvent

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[ClientEvent] = msgspec.json.Decoder(ClientEvent)


def encode(event: ServerEvent | Struct) -> bytes:
    """The event's JSON."""
    return _encoder.encode(event)


def decode(payload: bytes) -> ClientEvent:
    """Read a client's event. Raises `InvalidRequest` with what is wrong (unknown type, missing or mistyped field)."""
    try:
        return _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:  # ValidationError is a DecodeError
        raise InvalidRequest(f"This event cannot be read: {error}.") from error
