"""Whether an update may be taken into a room's document: asked before anything of it is.

Called by `document.py` and `large.py`. All of it is steps: what is asked of a large document, or of a large update, is read some at a
time, while others go on.
"""

from collections.abc import Mapping

import structlog

from fourhands.errors import InvalidRequest
from fourhands.model.limits import Limits
from fourhands.protocol.nesting import Nesting
from fourhands.protocol.split import Split
from fourhands.protocol.steps import Steps
from fourhands.protocol.structs import Clock
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.walk import walk_in_steps
from fourhands.room.replica import Replica
from fourhands.room.sizes import Sizes
from fourhands.room.waiting import Waiting

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.document")


class Checks:
    """One document's: its sizes, and how deep its types stand."""

    __slots__ = ("_known_nesting", "_limits", "sizes")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known_nesting: Nesting | None = None  # read from the replica when it matters first
        self.sizes = Sizes(limits)

    def require_room(self, replica: Replica, waiting: Waiting, part: Split) -> Steps[int]:
        """How many bytes wait with those that it lets wait, and may come in at any time. Raises `InvalidRequest` when too much does, and
        `TooLarge` when there would be too many files, or no room for what waits."""
        reserved = waiting.size_bytes
        if part.places:
            yield from self.sizes.require_files(replica, part.places, waiting.places)
        if part.rest != EMPTY_UPDATE:
            waiting.require_patience(part, self._limits.waiting_bytes)
            reserved += len(part.rest)
            self.sizes.require_reserve(replica, reserved)
        return reserved

    def require_sound(self, replica: Replica, part: Split) -> Steps[Mapping[Clock, int]]:
        """Whether what fits is what pycrdt and Yjs read alike; the depths of the types that it brings.

        Raises `InvalidRequest` when it cuts a character, or when something stands in what is no type (a letter, an embed): pycrdt
        breaks on it. Raises `TooLarge` when types stand too deep in each other.
        """
        if part.pairs.cuts:
            raise InvalidRequest("This update cuts a character in two: half of it would be left. Delete and insert whole characters only.")
        if not part.types and not part.parents:
            return {}
        nesting = yield from self._nesting(replica)
        for parent in part.parents:
            if parent not in nesting and not replica.may_hold(*parent):
                raise InvalidRequest("Something in this update stands in what is no type.")
            yield
        return (yield from nesting.measure(part.types))

    def know(self, depths: Mapping[Clock, int]) -> None:
        """Types of those depths are in the document now."""
        if depths and self._known_nesting is not None:
            self._known_nesting.know(depths)

    def _nesting(self, replica: Replica) -> Steps[Nesting]:
        if self._known_nesting is not None:
            return self._known_nesting
        state = replica.state()
        try:
            walked = yield from walk_in_steps(state, len(state), len(state))
            nesting = yield from Nesting.of(state, walked.sections)
        except InvalidRequest as error:  # yrs 0.28 writes strings of no letters where somebody stood between two surrogates
            log.warning("document.nesting_unknown", reason=str(error))
            nesting = Nesting()
        if self._known_nesting is None:  # nobody was faster; types come in by way of this alone, so that it is what there is
            self._known_nesting = nesting
        return self._known_nesting
