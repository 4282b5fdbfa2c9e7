"""User ids that only one run of this machine has at a time, where we may give them out (root). The launcher takes one on.

Two runs of the same user could count against each other's limits that the kernel keeps by user; and a file of the machine
that only some user may read is read by none of these. The ids 60,600 and up belong to nobody by systemd's plan of the ids
below 65,536, which a container has too. An id is held by an abstract socket: the kernel frees it when we die, however.
"""

import os
import socket

FIRST_UID = 60_600
UIDS = 500


class Slots:
    """Ids to take and put back. `privileged` False: the only id is our own, and everybody shares it.

    Invariant: an id in `_free` is locked by us and used by nobody.
    """

    def __init__(self, *, privileged: bool | None = None) -> None:
        self._privileged = os.geteuid() == 0 if privileged is None else privileged
        self._free: list[int] = []
        self._locks: dict[int, socket.socket] = {}
        self._next = FIRST_UID

    def take(self) -> int | None:
        """An id nobody else has, or None: stay who you are. Raises `RuntimeError` when all are taken."""
        if not self._privileged:
            return None
        return self._free.pop() if self._free else self._claim()

    def give_back(self, uid: int | None) -> None:
        """Its run has ended, and nothing of it is left."""
        if uid is not None:
            self._free.append(uid)

    def close(self) -> None:
        """Let others have them."""
        for lock in self._locks.values():
            lock.close()
        self._locks.clear()
        self._free.clear()

    def _claim(self) -> int:
        while self._next < FIRST_UID + UIDS:
            uid, self._next = self._next, self._next + 1
            lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                lock.bind(f"\0fourhands-uid-{uid}")
            except OSError:  # another server of this machine has it
                lock.close()
                continue
            self._locks[uid] = lock
            return uid
        raise RuntimeError(f"All {UIDS} user ids for runs are taken.")
