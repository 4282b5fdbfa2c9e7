"""What instances tell one another about a room, and in general. `envelope.py` makes bytes of it; `room` makes sense of it.

A kind that an older instance does not know is passed over there, and a field is only ever added behind the others, with a default.
"""

from msgspec import Struct

from fourhands.model.room import Member


class Edit(Struct, array_like=True, frozen=True, gc=False, tag="e"):
    """A Yjs update that was taken in there; `ticket`: its number in that instance's journal queue of the room, 0 if it stands in none."""

    ticket: int
    author: str
    at_ms: int
    update: bytes


class Durable(Struct, array_like=True, frozen=True, gc=False, tag="d"):
    """All of its edits up to that ticket are committed."""

    ticket: int


class Shows(Struct, array_like=True, frozen=True, gc=False, tag="s"):
    """An awareness update of people who are connected there, `user` as that server knows it."""

    update: bytes


class Claims(Struct, array_like=True, frozen=True, gc=False, tag="c"):
    """One of its connections, there since that time, shows what these Yjs clients show: an older one elsewhere shows it no more."""

    clients: list[int]
    member: str
    since_ms: int


class People(Struct, array_like=True, frozen=True, gc=False, tag="p"):
    """Somebody came to that instance, is another now (`member`), or left it (`left`, an id); it has so many connections now."""

    connections: int
    member: Member | None = None
    left: str | None = None


class Ask(Struct, array_like=True, frozen=True, gc=False, tag="a"):
    """Who holds the room, say what you have that this state vector lacks, and who is there. `rest`: tell me what you lack, too."""

    vector: bytes
    rest: bool = False


class Answer(Struct, array_like=True, frozen=True, gc=False, tag="b"):
    """To the instance that asked. `ticket`: what is in `update` is durable once that one is, in that instance's queue; 0: it is already.
    `vector`: what it had, if the other is to tell it the rest."""

    to: str
    update: bytes
    ticket: int
    connections: int
    members: list[Member]
    shows: bytes
    vector: bytes = b""


class Said(Struct, array_like=True, frozen=True, gc=False, tag="v"):
    """A chat message that is durable, in JSON."""

    message: bytes


class Shut(Struct, array_like=True, frozen=True, gc=False, tag="x"):
    """The room is closed everywhere: its past is rewritten, or it is deleted. `by`: the host who erases something; None otherwise."""

    by: str | None = None


class Word(Struct, array_like=True, frozen=True, gc=False, tag="w"):
    """Whatever else; who knows the topic reads the payload."""

    topic: str
    payload: bytes


class Question(Struct, array_like=True, frozen=True, gc=False, tag="q"):
    """To one instance: do this, and answer under that number."""

    number: int
    topic: str
    payload: bytes


class Reply(Struct, array_like=True, frozen=True, gc=False, tag="r"):
    """`code`: of `errors.py`, if it could not be done; then `message` is a sentence for people."""

    number: int
    payload: bytes
    code: str = ""
    message: str = ""


Message = Edit | Durable | Shows | Claims | People | Ask | Answer | Said | Shut | Word | Question | Reply
