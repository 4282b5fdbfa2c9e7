"""What a member says by an event of `fourhands.v1`: chat, runs, their own name. `run.ask` is `run_in_room`'s."""

from dataclasses import replace

from fourhands.access.may import Verb, require
from fourhands.actions.place import Place
from fourhands.errors import InvalidRequest, NotFound
from fourhands.model.people import clean_color, clean_file, clean_name, unturned
from fourhands.protocol import events
from fourhands.room.chat import say
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer

ProgramEvent = events.RunInput | events.RunInputEnd | events.RunResize | events.RunSignal
RoomEvent = events.Chat | events.RunStart | events.RunOutput | events.RunEnd | events.RunStop | ProgramEvent


def hear_event(place: Place, room: LiveRoom, peer: Peer, event: RoomEvent) -> None:
    """Take in an event, in the order in which it came.

    Raises `Forbidden`, `InvalidRequest`, `LimitExceeded`, `NotFound`, `Conflict` or `Unavailable`: said back to the sender."""
    match event:
        case events.Chat():
            require(peer.member, Verb.CHAT)
            say(room, peer, _message(place, room, peer, event.text), event.ref)
        case events.RunStart():
            require(peer.member, Verb.RUN, room.room)
            room.within_rate(peer.member, "runs", place.limits.runs_per_minute)
            member, now_ms = peer.member, place.clock.now_ms()
            file = clean_file(event.file)
            room.runs.start(peer, events.Run(event.run, member.id, member.name, event.language, file, "browser", now_ms, page=event.page))
        case events.RunOutput():
            require(peer.member, Verb.RUN, room.room)
            room.runs.output(peer, event)
        case events.RunEnd():
            room.runs.end(peer, event)
        case events.RunStop():
            require(peer.member, Verb.STOP_RUN)
            room.runs.act(event, by=peer.member.id, peer=peer.number)
        case _:
            require(peer.member, Verb.RUN, room.room)
            room.runs.act(event, by=peer.member.id, peer=peer.number)


def _message(place: Place, room: LiveRoom, peer: Peer, text: str) -> str:
    text = unturned(text).replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise InvalidRequest("This message is empty.")
    if len(text) > place.limits.chat_characters:
        raise InvalidRequest(f"A message may have {place.limits.chat_characters:,} characters, this one has {len(text):,}.")
    room.within_rate(peer.member, "messages", place.limits.chat_per_minute)
    return text


async def change_self(place: Place, room: LiveRoom, peer: Peer, event: events.MemberChange) -> None:
    """A member's new name or colour. Raises `Forbidden`, `InvalidRequest` or `Unavailable`."""
    require(peer.member, Verb.RENAME_SELF)
    name = None if event.name is None else clean_name(event.name, place.limits.name_characters)
    color = None if event.color is None else clean_color(event.color, 0)
    try:
        member = await place.store.change_member(room.room.id, peer.member.id, name=name, color=color)
    except NotFound:  # a guest of a room that was opened by joining is kept nowhere
        member = replace(peer.member, name=name or peer.member.name, color=color or peer.member.color)
    await place.following.member(member, None)
