"""SQLite's write-ahead log as a file (https://www.sqlite.org/fileformat2.html#walformat): where its frames and commits end."""

import struct
from pathlib import Path

HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
BACKFILLED_AT = 96  # in the index (-shm): how many frames a checkpoint has copied into the database file
ATTEMPTED_AT = 128  # and how many one that was killed may have copied (SQLite's src/wal.c: WalCkptInfo)


class WriteAheadLog:
    """A log as it is now. Frames of an earlier round, whose salts differ, are left out."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes() if path.exists() else b""
        self.salts = self.content[16:24]
        self.page_bytes = struct.unpack(">I", self.content[8:12])[0] if self.content else 0
        self.frame_ends: list[int] = []
        self.commit_ends: list[int] = []
        step = FRAME_HEADER_BYTES + self.page_bytes
        for start in range(HEADER_BYTES, len(self.content) - step + 1, step):
            if self.content[start + 8 : start + 16] != self.salts:
                break
            self.frame_ends.append(start + step)
            if struct.unpack(">I", self.content[start + 4 : start + 8])[0]:  # the database's size after a commit
                self.commit_ends.append(start + step)

    @property
    def end(self) -> int:
        """Where its last commit ends."""
        return self.commit_ends[-1] if self.commit_ends else 0

    def frame_start(self, at: int) -> int:
        """Where the frame begins that holds a byte; 0 for the header."""
        return max([0, *(end for end in [HEADER_BYTES, *self.frame_ends] if end <= at)])

    def backfilled_end(self, index: Path) -> int:
        """Where the part ends that a checkpoint has copied, or had begun to copy: a cut before it is none that a power cut could make."""
        content = index.read_bytes()
        frames = max(struct.unpack_from("=I", content, at)[0] for at in (BACKFILLED_AT, ATTEMPTED_AT))
        return self.frame_ends[frames - 1] if frames else HEADER_BYTES
