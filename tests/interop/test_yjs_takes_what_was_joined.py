"""The real Yjs comes to the same document from a state whose deleted neighbours were joined, and goes on from there with those who had it before."""

import pytest

from fourhands.protocol.update import read_state_vector
from tests.interop.test_yjs_takes_what_we_take import Yjs, yjs
from tests.protocol.test_joining import join, pieces, played

__all__ = ["yjs"]


@pytest.mark.parametrize("seed", range(10))
def test_a_joined_state_is_to_yjs_what_the_whole_one_is(yjs: Yjs, seed: int) -> None:
    room, state = played(seed)
    joined = join(state)
    assert pieces(joined) < pieces(state)
    for _ in range(20):
        room.act(2, hears=False)
    late = room.history[-20:]
    whole = yjs.after([*room.history])
    for page in (yjs.after([state, *late]), yjs.after([joined, *late]), yjs.after([*late, joined]), yjs.after([*room.history, joined])):
        assert (page["thrown"], page["pending"]) == ([], False)
        assert read_state_vector(bytes.fromhex(page["vector"])) == read_state_vector(bytes.fromhex(whole["vector"]))
        assert join(bytes.fromhex(page["state"])) == join(bytes.fromhex(whole["state"]))
