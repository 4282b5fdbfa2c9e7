"""What a room is told of its people, and of those who wait in its lobby; `events.py` has the other events."""

from msgspec import Struct

from fourhands.model.room import Member


class MemberView(Struct, frozen=True):
    """A member as everyone in the room sees them."""

    id: str
    name: str
    color: str
    role: str

    @classmethod
    def of(cls, member: Member) -> "MemberView":
        return cls(member.id, member.name, member.color, member.role.value)


class MemberJoined(Struct, frozen=True, tag_field="type", tag="member.joined"):
    member: MemberView


class MemberLeft(Struct, frozen=True, tag_field="type", tag="member.left"):
    member: str


class MemberChanged(Struct, frozen=True, tag_field="type", tag="member.changed"):
    """`by`: the host who changed a role; None: themselves."""

    member: MemberView
    by: str | None = None


class MemberRemoved(Struct, frozen=True, tag_field="type", tag="member.removed"):
    """Somebody was removed; their connections are closed with 4403, and `member.left` follows."""

    member: str
    by: str | None


class LobbyWait(Struct, frozen=True, tag_field="type", tag="lobby.wait"):
    """The first message to somebody who waits for a host. Nothing else comes until they are let in (`welcome`) or refused (closed with 4403)."""

    title: str
    me: MemberView


class LobbyKnock(Struct, frozen=True, tag_field="type", tag="lobby.knock"):
    """Somebody waits to be let in; told to hosts."""

    member: MemberView


class LobbyLeft(Struct, frozen=True, tag_field="type", tag="lobby.left"):
    """Somebody waits no more: let in, refused, or gone; told to hosts."""

    member: str
