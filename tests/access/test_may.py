"""The table of what each role may do."""

import pytest

from fourhands.access.may import ALLOWED, Verb, may, require
from fourhands.errors import Forbidden
from fourhands.model.role import Role

EVERYONE = {Verb.READ, Verb.PRESENT, Verb.CHAT, Verb.RENAME_SELF}
WRITERS = {Verb.EDIT, Verb.RUN, Verb.STOP_RUN}
HOSTS = {Verb.CHANGE_ROOM, Verb.SEE_INVITES, Verb.END_ROOM}


@pytest.mark.parametrize("verb", Verb)
def test_each_verb_is_for_whom_it_is_meant(verb: Verb) -> None:
    assert may(Role.HOST, verb)
    assert may(Role.EDITOR, verb) is (verb in EVERYONE | WRITERS)
    assert may(Role.VIEWER, verb) is (verb in EVERYONE)


def test_every_verb_and_role_is_in_the_table() -> None:
    assert set(Verb) == EVERYONE | WRITERS | HOSTS
    assert set(ALLOWED) == set(Role)


def test_a_refusal_says_who_may() -> None:
    require(Role.EDITOR, Verb.EDIT)
    with pytest.raises(Forbidden, match="You are here as viewer: only editors and hosts may edit the text"):
        require(Role.VIEWER, Verb.EDIT)
    with pytest.raises(Forbidden, match="only hosts may end the room"):
        require(Role.EDITOR, Verb.END_ROOM)
