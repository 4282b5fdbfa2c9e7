"""What whoever starts a sandbox backend decides. Data alone; the settings that fill it are the runner's."""

from dataclasses import dataclass, field

from fourhands.execution.port import Limits


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """`bwrap`: the binary's name or path. `warm`: how many sandboxes with Python wait ready; 0 for none.
    `forks`: how many processes wait for any language (`forks`). `idle`: programs run only while nothing else wants to.
    `processors`: the numbers of those that programs may run on; empty for all.

    `most_files`, `program_bytes`: what a program may have. `limits`: what most jobs have; a warm
    sandbox is started with their sizes, and a job that wants others is started cold.
    """

    bwrap: str = "bwrap"
    warm: int = 2
    forks: int = 4
    idle: bool = False
    processors: tuple[int, ...] = ()
    most_files: int = 64
    program_bytes: int = 1024 * 1024
    limits: Limits = field(default_factory=Limits)
