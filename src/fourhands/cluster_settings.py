"""The settings by which a server becomes one of several: where what they share is kept, and how it is reached. A part of `Settings`."""

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

TOKEN_CHARACTERS = 16


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

    metrics: Literal["off", "private", "open"] = Field(
        default="private",
        description="Who may read `/metrics`: nobody; `private`: this machine, past any proxy, and whoever has the token; `open`: everybody who reaches it.",
    )
    metrics_token: str = Field(default="", repr=False, description="The bearer token that Prometheus reads `/metrics` with from elsewhere; empty: none.")
    ready_needs: Annotated[tuple[Literal["redis", "pages", "programs"], ...], NoDecode] = Field(
        default=(),
        description="What makes `/readyz` answer 503 when it does not work, besides the database: any of `redis`, `pages`, `programs`; comma-separated. "
        "Redis and programs are named in its answer otherwise.",
    )
    drain_delay_seconds: float = Field(
        default=0,
        ge=0,
        description="How long a server that was told to stop goes on as before, while `/readyz` says that it stops, so that balancers send nobody more.",
    )

    @field_validator("ready_needs", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("metrics_token")
    @classmethod
    def _long(cls, value: str) -> str:
        if value and len(value) < TOKEN_CHARACTERS:
            raise ValueError(f"FOURHANDS_METRICS_TOKEN is too short: use at least {TOKEN_CHARACTERS} characters.")
        return value
