"""The settings by which a server becomes one of several: where what they share is kept, and how it is reached. A part of `Settings`."""

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings


def plain(name: str) -> AliasChoices:
    """Settings that are known everywhere by a plain name, such as PORT; ours goes first."""
    return AliasChoices(f"FOURHANDS_{name}", name)


class ClusterSettings(BaseSettings):
    """What the instances of one installation have in common."""

    database_url: str = Field(default="", validation_alias=plain("DATABASE_URL"), description="`sqlite:///PATH`; empty: a file in the data directory.")
