"""What is asked of a store where something is to leave a room's past: see `store.port.Store.rewrite_room`."""

from collections.abc import Callable
from dataclasses import dataclass

from fourhands.model.entry import Entry


@dataclass(frozen=True, slots=True)
class Rewriting:
    """How a room is to be rewritten that stands at `head` in `epoch`. Each function gives the very bytes back where nothing is to be changed.

    `update`: Yjs updates, of edits and of snapshots' states; the clocks in them stay. `payload`: all other entries' payloads. `line`:
    the room's title, and names of members and invitations. `member`: a member's name, given their id, after `line`. `mark`: the entry that is
    appended. `new_epoch`: the room's from then on.
    """

    head: int
    epoch: str
    new_epoch: str
    mark: Entry
    update: Callable[[bytes], bytes] = lambda same: same
    payload: Callable[[bytes], bytes] = lambda same: same
    line: Callable[[str], str] = str
    member: Callable[[str, str], str] = lambda _, name: name


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What was rewritten: how many edits, other entries and snapshots are not what they were. `clean`: whether the store's own
    files hold nothing of it any more; if not (somebody reads beside it), they do in seconds."""

    edits: int
    entries: int
    snapshots: int
    clean: bool
