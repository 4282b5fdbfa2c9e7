"""The table of who may do what."""

from dataclasses import replace

import pytest

from fourhands.access.may import ALLOWED, LOCKED, NEWCOMERS, Actor, Verb, actor_of, may, require
from fourhands.errors import Forbidden
from fourhands.model.role import GuestRole, Role, RunRole
from fourhands.model.room import Member, MemberState, Room

EVERYONE = {Verb.READ, Verb.PRESENT, Verb.CHAT, Verb.RENAME_SELF}
WRITERS = {Verb.EDIT, Verb.RUN, Verb.STOP_RUN}
HOSTS = {Verb.CHANGE_ROOM, Verb.SEE_INVITES, Verb.CHANGE_INVITES, Verb.SEE_MEMBERS, Verb.CHANGE_ROLE, Verb.ADMIT, Verb.ERASE, Verb.END_ROOM}
OUTSIDE = {Verb.LOOK, Verb.JOIN}
ROOM = Room("r", "", "python", GuestRole.EDITOR, False, "e", 1, 1)


@pytest.mark.parametrize("verb", Verb)
def test_each_verb_is_for_whom_it_is_meant(verb: Verb) -> None:
    assert may(Actor.HOST, verb) is (verb is not Verb.WAIT)
    assert may(Actor.EDITOR, verb) is (verb in OUTSIDE | EVERYONE | WRITERS)
    assert may(Actor.VIEWER, verb) is (verb in OUTSIDE | EVERYONE)
    assert may(Actor.LOBBY, verb) is (verb in OUTSIDE | {Verb.WAIT})
    assert may(Actor.REMOVED, verb) is (verb is Verb.LOOK)
    for actor in NEWCOMERS:
        assert may(actor, verb) is (verb in OUTSIDE)


def test_every_verb_and_actor_is_in_the_table() -> None:
    assert set(Verb) == OUTSIDE | EVERYONE | WRITERS | HOSTS | {Verb.WAIT}
    assert set(ALLOWED) == set(Actor)


@pytest.mark.parametrize(
    ("state", "role", "actor"),
    [
        (MemberState.IN, Role.HOST, Actor.HOST),
        (MemberState.IN, Role.EDITOR, Actor.EDITOR),
        (MemberState.IN, Role.VIEWER, Actor.VIEWER),
        (MemberState.WAITING, Role.EDITOR, Actor.LOBBY),
        (MemberState.REMOVED, Role.HOST, Actor.REMOVED),
    ],
)
def test_a_member_is_what_they_are_now_whatever_their_role_was(state: MemberState, role: Role, actor: Actor) -> None:
    assert actor_of(Member("lin", "r", "Lin", "#1d4ed8", role, 1, state)) is actor


def test_a_locked_room_takes_nobody_new_and_keeps_its_own() -> None:
    locked = replace(ROOM, locked=True)
    assert [actor for actor in Actor if may(actor, Verb.JOIN) and not may(actor, Verb.JOIN, locked)] == [
        Actor.LOBBY, Actor.STRANGER, Actor.ACCOUNT, Actor.ADMIN, Actor.TEAM_MEMBER
    ]  # fmt: skip
    with pytest.raises(Forbidden, match="locked"):
        require(Actor.STRANGER, Verb.JOIN, locked)
    assert LOCKED


def test_read_only_leaves_the_text_to_hosts() -> None:
    read_only = replace(ROOM, read_only=True)
    assert [actor for actor in Actor if may(actor, Verb.EDIT, read_only)] == [Actor.HOST]
    assert may(Actor.EDITOR, Verb.RUN, read_only)


def test_running_is_for_whom_the_room_says() -> None:
    for run_role, actors in ((RunRole.EDITOR, [Actor.HOST, Actor.EDITOR]), (RunRole.HOST, [Actor.HOST]), (RunRole.NONE, [])):
        assert [actor for actor in Actor if may(actor, Verb.RUN, replace(ROOM, run_role=run_role))] == actors


def test_a_refusal_says_who_may() -> None:
    require(Actor.EDITOR, Verb.EDIT)
    with pytest.raises(Forbidden, match="You are here as viewer: only editors and hosts may edit the text"):
        require(Actor.VIEWER, Verb.EDIT)
    with pytest.raises(Forbidden, match="only hosts may end the room"):
        require(Actor.EDITOR, Verb.END_ROOM)
    with pytest.raises(Forbidden, match="removed you"):
        require(Actor.REMOVED, Verb.JOIN)
    with pytest.raises(Forbidden, match="has to let you in"):
        require(Actor.LOBBY, Verb.READ)
    with pytest.raises(Forbidden, match="Join it first"):
        require(Actor.ACCOUNT, Verb.CHAT)
