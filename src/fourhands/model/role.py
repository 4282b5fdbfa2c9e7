"""What a member is in a room; `access.may` says what each role may do."""

from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"
    EDITOR = "editor"
    HOST = "host"

    @property
    def rank(self) -> int:
        """Order of the roles: viewer 0, editor 1, host 2."""
        return list(Role).index(self)


class GuestRole(StrEnum):
    """What somebody becomes who joins without a key; `none` refuses them."""

    EDITOR = "editor"
    VIEWER = "viewer"
    NONE = "none"


class RunRole(StrEnum):
    """Who may run a room's code: editors and hosts, hosts alone, or nobody."""

    EDITOR = "editor"
    HOST = "host"
    NONE = "none"
