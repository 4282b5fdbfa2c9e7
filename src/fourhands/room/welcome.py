"""What somebody who joins is told first. Called by `live.py`."""

from collections.abc import Sequence
from typing import Protocol

from fourhands import __version__
from fourhands.access.may import Verb, may
from fourhands.model.limits import Limits
from fourhands.model.room import Member, Room
from fourhands.protocol import events
from fourhands.room.doors import Doors


class Hall(Protocol):
    """What is needed of the room."""

    @property
    def room(self) -> Room: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def chat(self) -> Sequence[events.ChatMessage]: ...
    @property
    def doors(self) -> Doors: ...
    def people(self) -> Sequence[Member]: ...
    def shown_runs(self) -> list[events.Run]: ...


def welcome(hall: Hall, me: Member) -> events.Welcome:
    limits = hall.limits
    return events.Welcome(
        me=events.MemberView.of(me),
        members=[events.MemberView.of(member) for member in hall.people()],
        room=events.RoomView.of(hall.room),
        epoch=hall.room.epoch,
        chat=list(hall.chat),
        runs=hall.shown_runs(),
        limits=events.Limits(limits.chat_characters, limits.text_bytes, limits.message_bytes, limits.output_bytes, limits.run_seconds),
        version=__version__,
        waiting=[events.MemberView.of(member) for member in hall.doors.people()] if may(me, Verb.ADMIT) else [],
    )
