"""What the keys in Redis are called. One hash tag: all of an installation's lie together, so that a script may touch them.

What only one end is to know (a runner's offers, a run's streams) has a name that cannot be guessed: whoever may not list
the keys cannot reach it.
"""

import secrets


def new_name() -> str:
    """128 random bits, for whatever is to be known to whoever was told alone."""
    return secrets.token_hex(16)


class Keys:
    """Names below `prefix`."""

    def __init__(self, prefix: str) -> None:
        self.root = f"{{{prefix}:programs}}:"

    @property
    def runners(self) -> str:
        """A set: the names of runners that have joined and may be gone."""
        return f"{self.root}runners"

    def runner(self, name: str) -> str:
        """A runner's lease, which holds its `Registration`."""
        return f"{self.root}runner:{name}"

    def state(self, name: str) -> str:
        """What a runner found and tested: its `State`."""
        return f"{self.root}state:{name}"

    def offers(self, name: str) -> str:
        """A stream: the runs that a runner is to take."""
        return f"{self.root}offers:{name}"

    def server(self, name: str) -> str:
        """A server's lease."""
        return f"{self.root}server:{name}"

    def notices(self, name: str) -> str:
        """A stream: what became of the turns that a server's programs wait for."""
        return f"{self.root}notices:{name}"

    def job(self, run: str) -> str:
        """A program that nobody has taken yet."""
        return f"{self.root}job:{run}"

    def to_run(self, run: str) -> str:
        """A stream: what is said to a run."""
        return f"{self.root}to:{run}"

    def from_run(self, run: str) -> str:
        """A stream: what a run says."""
        return f"{self.root}from:{run}"
