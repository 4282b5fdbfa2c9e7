"""The pictures that a program shows, read from its channel at a pace, and one at a time: nothing more is read while one waits to be seen.

So whoever shows pictures without end waits, and costs a run no more than one picture, and a pipe.
"""

import asyncio
from collections.abc import Callable

from fourhands.execution.backends.sandbox.channels import Channels, read_some
from fourhands.execution.backends.sandbox.pictures import PictureReader
from fourhands.execution.port import Limits, Picture

PACE_SECONDS = 0.01
"""Between two readings."""
CHUNK_BYTES = 64 * 1024


class Shown:
    """Made and used by a run. `tell` hears of each picture; `see` says that one was fetched. Invariant: `_unseen` are told and not fetched."""

    def __init__(self, channels: Channels, limits: Limits, tell: Callable[[Picture], None]) -> None:
        self._channels = channels
        self._reader = PictureReader(limits.pictures, limits.picture_bytes)
        self._tell = tell
        self._unseen = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """Whether a picture waits to be fetched: what was written after it is to be told after it."""
        return self._unseen > 0

    def see(self) -> None:
        """One was fetched."""
        self._unseen -= 1

    def listen(self) -> None:
        """Begin; to be called once."""
        if self.waits:
            self._timer = asyncio.get_running_loop().call_later(PACE_SECONDS, self.listen)
        else:
            asyncio.get_running_loop().add_reader(self._channels.pictures, self._hear)

    def read(self, *, to_the_end: bool = False) -> None:
        """Read what is there, to the next picture or, when the program is over, all of it."""
        while (to_the_end or not self.waits) and self._take():
            pass

    def stop(self) -> None:
        """Listen no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._channels.pictures != -1:
            asyncio.get_running_loop().remove_reader(self._channels.pictures)

    def _hear(self) -> None:
        asyncio.get_running_loop().remove_reader(self._channels.pictures)
        if self._take() is not False:
            self._timer = asyncio.get_running_loop().call_later(PACE_SECONDS, self.listen)

    def _take(self) -> bool | None:
        """Read a piece; None if there is nothing now, False if nothing comes any more."""
        data = read_some(self._channels.pictures, CHUNK_BYTES) if self._channels.pictures != -1 else b""
        for picture in self._reader.feed(data or b""):
            self._unseen += 1
            self._tell(Picture(picture))
        return None if data is None else bool(data) and not self._reader.broken
