"""The settings by which a server becomes one of several: where what they share is kept, and how it is reached. A part of `Settings`."""

from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from fourhands.setting_checks import require_cluster

TOKEN_CHARACTERS = 16


def plain(name: str) -> AliasChoices:
    """Settings that are known everywhere by a plain name, such as PORT; ours goes first."""
    return AliasChoices(f"FOURHANDS_{name}", name)


class ClusterSettings(BaseSettings):
    """What the instances of one installation have in common."""

    database_url: str = Field(
        default="",
        repr=False,  # it may hold a password
        validation_alias=plain("DATABASE_URL"),
        description="`sqlite:///PATH`, or `postgresql://USER:PASSWORD@HOST/NAME` (with libpq's options, such as `?sslmode=verify-full`), "
        "which several instances may share; empty: a file in the data directory.",
    )
    database_read_url: str = Field(
        default="",
        repr=False,
        validation_alias=plain("DATABASE_READ_URL"),
        description="A PostgreSQL server that follows the one of `DATABASE_URL`: history and exports are read there, as far as it has them; empty: none.",
    )
    database_pool_size: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="PostgreSQL: connections of an instance for what it writes, as many for what it reads, and as many to `DATABASE_READ_URL`. "
        "They are made when they are needed.",
    )
    database_timeout_seconds: float = Field(
        default=15,
        ge=0.1,
        le=600,
        description="PostgreSQL: how long a new connection, a free one, a lock, or the answer to a statement is waited for.",
    )
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
    bus_shards: int = Field(
        default=1,
        ge=1,
        le=256,
        description="Over so many nodes of a Redis Cluster rooms may be spread; each costs an instance two connections. The same for all instances.",
    )
    bus_entries: int = Field(
        default=2000, ge=1000, description="Entries of a room's stream that Redis keeps; an instance that falls further behind reads the room's journal again."
    )
    bus_backlog_bytes: int = Field(
        default=64 * 1024 * 1024,
        ge=1024 * 1024,
        description="What is kept to tell the others when Redis is back; past it rooms exchange their states.",
    )
    outstanding_bytes: int = Field(
        default=4 * 1024 * 1024,
        ge=64 * 1024,
        description="What an instance keeps of a room that others took in and have not committed; past it, as after two seconds, it journals it itself.",
    )
    instance_lease_seconds: float = Field(
        default=10,
        ge=2,
        le=60,
        description="An instance that is silent for so long is lost: its people have left, and what it had not saved others save.",
    )

    workers: int = Field(
        default=1,
        ge=1,
        le=256,
        description="Processes that serve one port, a core each; more than one need `REDIS_URL` and PostgreSQL.",
    )
    metrics: Literal["off", "private", "open"] = Field(
        default="private",
        description="Who may read `/metrics`: nobody; `private`: this machine, past any proxy, and whoever has the token; `open`: everybody who reaches it.",
    )
    metrics_token: str = Field(default="", repr=False, description="The bearer token that Prometheus reads `/metrics` with from elsewhere; empty: none.")
    otlp_endpoint: str = Field(
        default="",
        validation_alias=AliasChoices("FOURHANDS_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="A collector of OpenTelemetry, such as `http://127.0.0.1:4318`, which gets traces of requests, joins and runs by OTLP over HTTP; "
        "empty: none. `OTEL_SERVICE_NAME`, `OTEL_EXPORTER_OTLP_HEADERS` and the other names of its standard count, too.",
    )
    sentry_dsn: str = Field(
        default="", repr=False, validation_alias=plain("SENTRY_DSN"), description="Where Sentry is told of what broke, without values or texts; empty: nowhere."
    )
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

    runner_lease_seconds: float = Field(
        default=12,
        gt=1,
        description="A runner or a server that Redis has not heard of for this time is gone, and its programs on the other with it.",
    )

    @field_validator("ready_needs", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _follows_a_server(self) -> Self:
        if self.database_read_url and not self.database_url.startswith("postgres"):
            raise ValueError("DATABASE_READ_URL is for PostgreSQL: name the server that it follows in DATABASE_URL, or leave it out.")
        return self

    @field_validator("metrics_token")
    @classmethod
    def _long(cls, value: str) -> str:
        if value and len(value) < TOKEN_CHARACTERS:
            raise ValueError(f"FOURHANDS_METRICS_TOKEN is too short: use at least {TOKEN_CHARACTERS} characters.")
        return value

    @model_validator(mode="after")
    def _several(self) -> Self:
        require_cluster(self.workers, self.redis_url, self.database_url)
        return self
