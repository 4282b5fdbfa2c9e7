"""What whoever starts a sandbox backend decides. Data alone; the settings that fill it are the runner's."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """`bwrap`: the binary's name or path. `warm`: how many sandboxes with Python wait ready; 0 for none.

    `most_files`, `program_bytes`: what a program may have.
    """

    bwrap: str = "bwrap"
    warm: int = 2
    most_files: int = 64
    program_bytes: int = 1024 * 1024
