"""How a connection has updates taken that are no keystrokes: at once if they are small and quick, else in steps while others go on.

Called by `connection.py`, which lets all that comes behind one wait.
"""

import time

from fourhands.access.may import Verb, require
from fourhands.errors import Forbidden, FourhandsError
from fourhands.protocol.steps import Steps, TakesSteps, finish
from fourhands.room.document import STEPS_AT_ONCE
from fourhands.room.edits import edit, edit_in_steps, refuse_edit
from fourhands.room.live import LiveRoom
from fourhands.room.pace import Pace
from fourhands.room.peer import Peer

AT_ONCE_BYTES = 8 * 1024
"""Larger updates are taken in steps; of smaller ones those that may take long."""


def take_at_once(room: LiveRoom, peer: Peer, update: bytes, pace: Pace, *, whole: bool, message: bytes | None = None) -> bool:
    """Take what is small, and takes little of everybody's time. False: nothing of it was taken. Raises as `edit`."""
    if len(update) > AT_ONCE_BYTES:
        return False
    began = time.thread_time()  # of the processor: what others do on this machine is not theirs
    try:
        if peer.may_edit:
            edit(room, peer, update, whole=whole, message=message)
        else:
            finish(refuse_edit(room, peer, update, _may_not(room, peer), whole=whole), STEPS_AT_ONCE)
    except TakesSteps:
        return False
    finally:
        pace.worked(time.thread_time() - began)
    return True


def in_steps(room: LiveRoom, peer: Peer, update: bytes, *, whole: bool) -> Steps[None]:
    """Take it, or answer it, some at a time: their role may change meanwhile. Raises as `edit_in_steps`."""
    if peer.may_edit and (yield from edit_in_steps(room, peer, update, whole=whole)):
        return
    yield from refuse_edit(room, peer, update, _may_not(room, peer), whole=whole)


def _may_not(room: LiveRoom, peer: Peer) -> FourhandsError:
    """Why they may not edit."""
    try:
        require(peer.member, Verb.EDIT, room.room)
    except Forbidden as error:
        return error
    return Forbidden("You could not edit when this came.")
