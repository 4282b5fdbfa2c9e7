"""The settings by which a server becomes one of several: where what they share is kept, and how it is reached. A part of `Settings`."""

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings


def plain(name: str) -> AliasChoices:
    """Settings that are known everywhere by a plain name, such as PORT; ours goes first."""
    return AliasChoices(f"FOURHANDS_{name}", name)


class ClusterSettings(BaseSettings):
    """What the instances of one installation have in common."""

    database_url: str = Field(default="", validation_alias=plain("DATABASE_URL"), description="`sqlite:///PATH`; empty: a file in the data directory.")
    redis_url: str = Field(
        default="",
        repr=False,  # it may hold a password
        validation_alias=plain("REDIS_URL"),
        description="The Redis by which several instances are one: `redis://HOST:6379/0`, `rediss://` with TLS, `unix:///PATH`; empty: there is one instance.",
    )
    redis_prefix: str = Field(
        default="fourhands",
        pattern=r"^[A-Za-z0-9_.-]{1,40}$",
        description="What every key in Redis begins with: installations that share a Redis need different ones.",
    )
