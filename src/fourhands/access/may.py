"""The one table of who may do what in a room. Every edge asks here before it acts; `docs/security.md` shows it."""

from enum import StrEnum

from fourhands.errors import Forbidden
from fourhands.model.role import Role, RunRole
from fourhands.model.room import Member, MemberState, Room


class Actor(StrEnum):
    """Who somebody is to a room: its members by role, those who wait or were removed, and everybody else."""

    HOST = "host"
    EDITOR = "editor"
    VIEWER = "viewer"
    LOBBY = "lobby"
    REMOVED = "removed"
    STRANGER = "stranger"  # without a token, with another room's or with one that has run out
    ACCOUNT = "account"  # logged in, and no member of this room
    ADMIN = "admin"  # of the server, and no member of this room
    TEAM_OWNER = "team owner"  # of the team that the room is of, and no member of this room yet
    TEAM_MEMBER = "team member"


class Verb(StrEnum):
    LOOK = "see that the room is there"
    JOIN = "join the room"
    WAIT = "wait to be let in"
    READ = "read the room"
    PRESENT = "show where they are"
    CHAT = "write in the chat"
    RENAME_SELF = "change their name and colour"
    EDIT = "edit the text"
    RUN = "run code"
    STOP_RUN = "stop a run"
    CHANGE_ROOM = "change the room"
    SEE_INVITES = "see the invitation links"
    CHANGE_INVITES = "make and revoke invitation links"
    SEE_MEMBERS = "see who waits and who was removed"
    CHANGE_ROLE = "change somebody's role"
    ADMIT = "let in, refuse and remove people"
    ERASE = "erase something from the room and its past"
    END_ROOM = "end the room"


_OUTSIDE = frozenset({Verb.LOOK, Verb.JOIN})
_VIEWER = _OUTSIDE | {Verb.READ, Verb.PRESENT, Verb.CHAT, Verb.RENAME_SELF}
_EDITOR = _VIEWER | {Verb.EDIT, Verb.RUN, Verb.STOP_RUN}
_HOSTS = {Verb.CHANGE_ROOM, Verb.SEE_INVITES, Verb.CHANGE_INVITES, Verb.SEE_MEMBERS, Verb.CHANGE_ROLE, Verb.ADMIT, Verb.ERASE, Verb.END_ROOM}

ALLOWED: dict[Actor, frozenset[Verb]] = {
    Actor.HOST: _EDITOR | _HOSTS,
    Actor.EDITOR: _EDITOR,
    Actor.VIEWER: _VIEWER,
    Actor.LOBBY: _OUTSIDE | {Verb.WAIT},
    Actor.REMOVED: frozenset({Verb.LOOK}),
    Actor.STRANGER: _OUTSIDE,
    Actor.ACCOUNT: _OUTSIDE,
    Actor.ADMIN: _OUTSIDE,
    Actor.TEAM_OWNER: _OUTSIDE,
    Actor.TEAM_MEMBER: _OUTSIDE,
}
"""In a room as it was opened; its doors take some of it away, see `withheld`."""

NEWCOMERS = frozenset({Actor.STRANGER, Actor.ACCOUNT, Actor.ADMIN, Actor.TEAM_MEMBER})
"""Whom a lock keeps out. Owners of the room's team come in as hosts, whom none does."""

LOCKED = "This room is locked: nobody new can come in. Ask its host."
READ_ONLY = "A host made this room read-only: only hosts may edit the text."
NO_RUNS = "A host switched running off in this room."
RUNS_BY_HOSTS = "In this room only hosts may run code."


def actor_of(member: Member) -> Actor:
    """What a member of the room is to it."""
    match member.state:
        case MemberState.WAITING:
            return Actor.LOBBY
        case MemberState.REMOVED:
            return Actor.REMOVED
        case MemberState.IN:
            return Actor(member.role)


def withheld(actor: Actor, verb: Verb, room: Room) -> str | None:
    """Why the room as it is set keeps from them what the table allows; None: it does not."""
    if verb is Verb.JOIN and room.locked and actor in NEWCOMERS | {Actor.LOBBY}:
        return LOCKED
    if verb is Verb.EDIT and room.read_only and actor is not Actor.HOST:
        return READ_ONLY
    if verb is Verb.RUN and room.run_role is RunRole.NONE:
        return NO_RUNS
    if verb is Verb.RUN and room.run_role is RunRole.HOST and actor is not Actor.HOST:
        return RUNS_BY_HOSTS
    return None


def may(who: Actor | Member, verb: Verb, room: Room | None = None) -> bool:
    """`room`: as it is set now; None: as it was opened."""
    actor = actor_of(who) if isinstance(who, Member) else who
    return verb in ALLOWED[actor] and (room is None or withheld(actor, verb, room) is None)


def require(who: Actor | Member, verb: Verb, room: Room | None = None) -> None:
    """Raises `Forbidden` with who would be allowed, or what the room says."""
    actor = actor_of(who) if isinstance(who, Member) else who
    if verb not in ALLOWED[actor]:
        raise Forbidden(_refusal(actor, verb))
    reason = None if room is None else withheld(actor, verb, room)
    if reason is not None:
        raise Forbidden(reason)


def _refusal(actor: Actor, verb: Verb) -> str:
    if actor is Actor.REMOVED:
        return "A host removed you from this room."
    if actor is Actor.LOBBY:
        return "You are not in this room yet: a host has to let you in."
    allowed = " and ".join(f"{role.value}s" for role in Role if verb in ALLOWED[Actor(role)])
    if actor in NEWCOMERS | {Actor.TEAM_OWNER}:
        return f"You are not in this room: only {allowed} may {verb.value}. Join it first."
    return f"You are here as {actor.value}: only {allowed} may {verb.value}."
