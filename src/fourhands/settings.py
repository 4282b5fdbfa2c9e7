"""One frozen `Settings`, read from the environment by the composition roots alone. Every setting is described here
and in `docs/operations.md`; insecure combinations refuse to start."""

import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AliasChoices, Field, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from fourhands.cluster_settings import ClusterSettings, plain
from fourhands.setting_checks import require_issuer, require_origins, require_runner, require_secrets

KiB, MiB = 1024, 1024 * 1024


def default_data_dir() -> Path:
    """The user's data directory: `$XDG_DATA_HOME/fourhands`, by default `~/.local/share/fourhands`."""
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "fourhands"


class Settings(ClusterSettings):
    """Everything that an operator may set. Sizes in bytes, times in the unit that the name says."""

    model_config = SettingsConfigDict(env_prefix="FOURHANDS_", frozen=True, extra="ignore", populate_by_name=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, validation_alias=plain("PORT"), description="Port to listen on; 0 takes a free one.")
    root_path: str = Field(default="", description="Path below which a proxy serves us, such as `/pad`.")
    public_url: str = Field(default="", description="Address that people use, when it is not the one their requests name.")
    trusted_proxies: str = Field(default="127.0.0.1,::1", description="Proxies whose `X-Forwarded-*` headers are believed.")
    data_dir: Path = Field(default_factory=default_data_dir, description="Where everything that is kept on disk lies.")
    secret_key: str = Field(default="", validation_alias=plain("SECRET_KEY"), description="Signs tokens; empty: made once and kept in the data directory.")
    encryption_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Keys that encrypt what is kept: 32 bytes in base64 each, newest first, comma-separated; empty: not encrypted."
    )
    encryption_keys_file: Path | None = Field(default=None, description="A file with such keys, one a line, newest first.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="What is logged.")
    log_format: Literal["text", "json"] = Field(default="text", description="How it is logged.")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Further origins whose pages may use the API and cookies here, such as `https://example.org`; comma-separated."
    )

    hsts_seconds: int = Field(
        default=31_536_000,
        ge=0,
        description="How long browsers that came by TLS are told to come by nothing else (Strict-Transport-Security); 0: they are not.",
    )
    audit_days: float = Field(default=180, ge=1, description="How long the audit log keeps a line.")
    audit_joins: bool = Field(default=False, description="Whether the audit log notes everybody who joins a room, once a member; hosts by a link always are.")

    adhoc_rooms: bool = Field(default=False, description="Joining an unknown room at `/sync/NAME` opens it, and people without a token are editors.")
    rate_limits: Literal["on", "off"] = Field(default="on", description="`off`: for benchmarks behind a closed door. Sizes stay limited.")
    api_requests_per_15_minutes: int = Field(
        default=100,
        ge=1,
        description="Requests to the API in any 15 minutes of a member, of an account, and of strangers from one address (IPv6: one /64) together. "
        "Pages, assets, `/sync`, health and metrics are not counted, admins are not limited. Past it, as past the next seven: 429 with `Retry-After`.",
    )
    joins_per_15_minutes: int = Field(
        default=300, ge=1, description="Joins from one address, so that a class behind one gets in; and as often it may look at rooms before it joins."
    )
    rooms_per_15_minutes: int = Field(default=60, ge=1, description="Rooms that an account, or strangers from one address, may open.")
    rooms_by_address_per_15_minutes: int = Field(default=300, ge=1, description="Rooms that all accounts of one address may open together.")
    logins_per_minute: int = Field(default=5, ge=1, description="Attempts to log in, for each name and address.")
    wrong_logins_per_15_minutes: int = Field(
        default=30, ge=1, description="Failed logins from one address, whatever the names; those that succeed do not count."
    )
    registrations_per_15_minutes: int = Field(default=20, ge=1, description="Attempts to register from one address, logged in or not.")
    password_guesses_per_15_minutes: int = Field(default=10, ge=1, description="Wrong passwords of a room from one address.")
    rate_keys: int = Field(
        default=50_000,
        ge=1,
        description="Members, accounts and addresses that are remembered for each of these rates, some 300 bytes each; "
        "past it, those are forgotten that came longest ago.",
    )
    accounts: Literal["open", "invite", "off"] = Field(default="open", description="Who may register; `off`: there are no accounts, and nobody is logged in.")
    oidc_issuer: str = Field(
        default="", description="An OpenID Connect provider by which people may log in, by its issuer, such as `https://accounts.example.org`; empty: none."
    )
    oidc_client_id: str = Field(default="", description="What the provider calls this server.")
    oidc_client_secret: str = Field(default="", repr=False, description="The secret that it shares with us; empty: a public client (PKCE alone).")
    oidc_name: str = Field(default="", description="What the button of the login page calls the provider; empty: its host.")
    oidc_seconds: float = Field(default=10, gt=0, description="How long the provider may take for one answer.")
    oidc_bytes: int = Field(default=256 * KiB, ge=KiB, description="Largest answer that is taken from it.")
    oidc_login_minutes: float = Field(default=10, gt=0, le=60, description="How long somebody may take to log in there.")
    room_creation: Literal["anyone", "accounts"] = Field(default="anyone", description="Who may open rooms: `accounts` those who are logged in.")
    access_minutes: float = Field(default=15, gt=0, le=1440, description="How long an access token of an account is valid; pages renew it by themselves.")
    login_days: float = Field(default=30, gt=0, description="A login ends when it was not used for so long.")
    refresh_grace_seconds: float = Field(default=10, ge=0, description="How long after a refresh the token before it is taken; later, that login ends.")
    account_invite_days: float = Field(default=7, gt=0, description="How long an invitation to register is good.")
    password_characters: int = Field(default=10, ge=8, le=64, description="Characters that a password needs at least.")
    password_memory_bytes: int = Field(default=64 * MiB, ge=8 * MiB, description="Memory that hashing one password takes (argon2id).")
    password_passes: int = Field(default=3, ge=1, description="Passes over that memory; each costs time.")
    passwords_at_once: int = Field(default=2, ge=1, description="Passwords that are hashed at once; as often that memory is taken.")
    passwords_waiting: int = Field(default=32, ge=0, description="Passwords that wait to be hashed; past it, 429.")
    passwords_each: int = Field(
        default=8, ge=1, description="Passwords from one address (IPv6: one /64) that are hashed or wait; past it, 429 for that address."
    )
    tokens_each: int = Field(default=50, ge=1, description="Personal API tokens that an account may have.")
    teams_each: int = Field(default=50, ge=1, description="Teams that an account may be in when it makes another.")
    people_per_team: int = Field(default=200, ge=1, description="People in a team.")
    rooms_searched: int = Field(default=1000, ge=100, description="Rooms of one's own whose titles one request reads when it searches; the next goes on.")
    idle_seconds: float = Field(default=210, gt=0, description="A room that nobody is in leaves memory after this time.")
    retention_days: float = Field(default=30, gt=0, description="A room is deleted when it was not used for so long.")
    executions_days: float = Field(default=90, gt=0, description="How long runs are counted in the table `executions`: figures, never code or output.")
    token_hours: float = Field(default=24, gt=0, description="How long a room token is valid; renewed while in use.")

    people_per_room: int = Field(default=500, ge=1, description="Connections a room takes.")
    message_bytes: int = Field(default=8 * MiB, ge=KiB, description="Largest WebSocket message.")
    fragments: int = Field(default=1024, ge=1, description="Fragments a WebSocket message may come in.")
    request_bytes: int = Field(
        default=MiB, ge=KiB, validation_alias=AliasChoices("FOURHANDS_REQUEST_BYTES", "MAX_CONTENT_LENGTH"), description="Largest body of an HTTP request."
    )
    head_bytes: int = Field(default=64 * KiB, ge=KiB, description="Largest head of an HTTP request: its address and headers. Past it, 431.")
    request_seconds: float = Field(default=30, gt=0, description="Time until an HTTP request must be there, its body included. Past it, 408.")
    answer_seconds: float = Field(
        default=30, gt=0, description="Time in which a client takes 64 KiB of an answer by HTTP, or what is left of it. Past it, its connection is cut."
    )
    text_bytes: int = Field(default=1_000_000, ge=1, description="Largest text of a file.")
    document_bytes: int = Field(default=32 * MiB, ge=KiB, description="Largest document: all files with what was deleted.")
    document_clients: int = Field(
        default=20_000,
        ge=16,
        description="Yjs clients that may have written in a document: each load of a page that somebody then writes in is one. "
        "Past it, those who wrote before write on, and new ones are closed with 4413.",
    )
    files_per_room: int = Field(default=64, ge=1, description="Files a room holds.")
    waiting_bytes: int = Field(default=8 * MiB, ge=KiB, description="Edits of a room that wait for others which they build on.")
    edits_set_aside: int = Field(
        default=64,
        ge=0,
        description="Edits of a room that cannot be replayed, without which it opens all the same; past it, it stays closed, and unchanged.",
    )
    name_characters: int = Field(default=40, ge=1, description="Longest name of a person.")
    title_characters: int = Field(default=80, ge=1, description="Longest title of a room, and name of a team.")
    invites_per_room: int = Field(default=100, ge=1, description="Invitation links that hosts of a room may have made and that are still good.")
    awareness_states: int = Field(default=64, ge=1, description="States one awareness message may hold; further ones are refused.")
    awareness_bytes: int = Field(default=16 * KiB, ge=64, description="Largest awareness state.")
    clients_per_connection: int = Field(default=4, ge=1, description="Yjs client ids that one connection may announce.")
    chat_characters: int = Field(default=2000, ge=1, description="Longest chat message.")
    chat_per_minute: int = Field(default=10, ge=1, description="Chat messages a person may send in a minute.")
    changes_per_minute: int = Field(default=30, ge=1, description="Times a person may change their name or colour in a minute.")
    messages_per_second: float = Field(
        default=1000,
        gt=0,
        description="WebSocket messages a connection may send, in the long run; five seconds' worth at once. Past it, it is closed with 4529.",
    )
    bytes_per_second: int = Field(default=4 * MiB, ge=KiB, description="Bytes a connection may send, in the long run; ten seconds' worth at once.")
    cursors_per_second: float = Field(
        default=30, gt=0, description="Cursor moves of a connection that are relayed at once; past it, the newest ten times a second."
    )
    answer_milliseconds_per_second: float = Field(
        default=50,
        gt=0,
        description="Milliseconds of a second that may go into answering one connection's sync step 1, in the long run; ten times that at once. "
        "A connection's first question is always answered; past it, it is closed with 4529.",
    )
    work_milliseconds_per_second: float = Field(
        default=200,
        gt=0,
        description="Milliseconds of a second that may go into applying one connection's large updates, in the long run; thirty times that at once, "
        "and as much again for a single update. Past it, it is closed with 4529; what was applied stays.",
    )
    room_messages_per_second: float = Field(
        default=10_000, gt=0, description="WebSocket messages that may be sent into a room, in the long run; five seconds' worth at once."
    )
    room_bytes_per_second: int = Field(default=16 * MiB, ge=KiB, description="Bytes that may be sent into a room, in the long run; ten seconds' worth at once.")
    room_cursors_per_second: float = Field(
        default=200, gt=0, description="Cursor moves of a room that are relayed at once; past it, everybody's newest together, ten times a second."
    )
    ending_seconds: float = Field(
        default=30, ge=0, description="How long people in a room are warned before an administrator's word ends it; it can be called off until then."
    )
    notice_characters: int = Field(default=500, ge=1, description="Longest message of an administrator to the people in a room, or in all of them.")
    chat_kept: int = Field(default=200, ge=1, description="Newest chat messages shown to somebody who joins.")
    run_seconds: float = Field(default=30, gt=0, description="A run in the browser is ended after this time.")
    runs_per_minute: int = Field(default=60, ge=1, description="Runs a person may announce in a minute.")
    runs_kept: int = Field(default=20, ge=1, description="Newest runs shown to somebody who joins.")
    run_bytes_per_day: int = Field(
        default=64 * MiB,
        ge=0,
        description="Output of a room's runs, pictures and pages too, that is kept in any day. Past it, output is shown to those who are there, and not kept.",
    )
    output_bytes: int = Field(default=MiB, ge=KiB, description="Output of a run; what comes after it is cut.")
    picture_bytes: int = Field(default=4 * MiB, ge=0, description="Pictures of a run on the server, in all; further ones are left out.")
    erase_least_characters: int = Field(default=4, ge=2, description="Characters that a text has at least which a host may erase from a room and its past.")
    erase_most_characters: int = Field(default=10_000, ge=2, le=1_000_000, description="Characters that it has at most.")
    history_events: int = Field(default=1000, ge=1, description="Events of a room's history that one answer may hold.")
    history_bytes: int = Field(default=4 * MiB, ge=KiB, description="Size of those events; an answer ends before it would pass that, but holds one at least.")
    outbox_bytes: int = Field(default=16 * MiB, ge=64 * KiB, description="What may wait to be sent to one connection; past it, it is closed with 4508.")
    heartbeat_seconds: float = Field(default=14, gt=0, description="Time between pings; a connection silent for two is closed.")
    commit_milliseconds: float = Field(
        default=100,
        ge=0,
        description="Time from the first edit that waits to the commit of all that wait; longer by 1 % for each room of the commit before, up to four times.",
    )
    fold_seconds: float = Field(default=5, gt=0, description="Time between two folds of the journal's log into the rooms' rows.")
    log_bytes: int = Field(default=256 * MiB, ge=MiB, description="What the journal's log holds while it cannot be folded; past it, nothing is saved.")
    backlog_bytes: int = Field(default=256 * MiB, ge=MiB, description="Edits that wait for the journal; past it, connections are closed with 4503.")
    database_busy_seconds: float = Field(default=5, gt=0, description="How long a write waits for a database that somebody else has locked.")
    drain_seconds: float = Field(default=5, gt=0, description="How long stopping may take.")

    runner: str = Field(
        default="child",
        description="The process that runs programs on the server: `child` (started with the server), `unix:///PATH` "
        "(a `fourhands runner` of its own), `redis` (whichever have joined by REDIS_URL), or `off`.",
    )
    runner_wait_seconds: float = Field(default=20, ge=0, description="How long programs that wait keep their places while there is no runner.")
    executor: Literal["sandbox", "piston"] = Field(default="sandbox", description="What runs programs: `sandbox`, on this machine, or a `piston` server.")
    bwrap: str = Field(default="bwrap", description="The program bubblewrap: its name, or its path.")
    programs_warm: int = Field(default=2, ge=0, description="Sandboxes with Python that wait ready, each for one program; they take memory.")
    programs_spare_processors: int = Field(default=0, ge=0, description="Processors of this machine that programs never get; one is always theirs.")
    programs_idle: bool = Field(default=False, description="Programs get the processors only while nothing else wants them: for machines that do nothing else.")
    piston_url: str = Field(default="", description="Address of that Piston server, such as `https://piston.example.org`.")
    piston_token: str = Field(default="", description="Its bearer token, if it wants one.")
    api_tokens: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Bearer tokens of machine clients, which run programs by Piston's API; comma-separated. None: the API is off."
    )
    programs_at_once: int = Field(default=0, ge=0, description="Programs that run at once on the server; 0: one for each processor. Others wait.")
    terminals_at_once: int = Field(default=16, ge=0, description="Programs with a terminal, or with open input, that run at once besides.")
    programs_waiting: int = Field(default=64, ge=0, description="Programs that wait for their turn, in all; past it, 429.")
    programs_running_each: int = Field(default=1, ge=1, description="Programs that one room, and one person, has running at once; others wait.")
    programs_queued_each: int = Field(default=3, ge=0, description="Programs of one room, and of one person, that wait; past it, 429.")
    programs_per_minute: int = Field(default=10, ge=1, description="Programs a person may run on the server in any minute; past it, 429 says when again.")
    api_programs_per_minute: int = Field(default=1200, ge=1, description="Programs that one of the API's tokens may run in any minute.")
    programs_memory_percent: float = Field(default=75, gt=0, le=100, description="Part of the machine's memory that all programs together may use.")
    program_seconds: float = Field(default=5, gt=0, description="A program on the server is ended after this time.")
    program_cpu_seconds: float = Field(default=8, gt=0, description="Processor time of a program, all its processes together.")
    program_memory_bytes: int = Field(default=256 * MiB, ge=16 * MiB, description="Memory of a program; languages that need more (the JVM) get more.")
    program_processes: int = Field(default=64, ge=1, description="Processes and threads of a program.")
    program_open_files: int = Field(default=256, ge=16, description="Open files of each of its processes.")
    program_disk_bytes: int = Field(default=32 * MiB, ge=MiB, description="What it may write, in memory, in each of its two folders.")
    program_output_bytes: int = Field(default=MiB, ge=KiB, description="Output of a program; past it, it is ended.")
    program_input_bytes: int = Field(default=MiB, ge=0, le=16 * MiB, description="Standard input of a program; past it, nothing more is taken.")
    program_files: int = Field(default=64, ge=1, description="Files of a program.")
    program_bytes: int = Field(default=MiB, ge=1, le=16 * MiB, description="Size of those files together.")
    compile_seconds: float = Field(default=10, gt=0, description="Time that compiling may take.")
    compile_cpu_seconds: float = Field(default=10, gt=0, description="Processor time that compiling may take.")
    compile_memory_bytes: int = Field(default=1024 * MiB, ge=16 * MiB, description="Memory that compiling may take.")
    terminal_seconds: float = Field(default=300, gt=0, description="A program with a terminal is ended after this time.")
    terminal_cpu_seconds: float = Field(default=30, gt=0, description="Processor time of a program with a terminal.")
    terminal_idle_seconds: float = Field(default=60, gt=0, description="A program with a terminal is ended after this time without input or output.")
    api_program_seconds: float = Field(default=3, gt=0, description="Time and processor time of a program that came by Piston's API and names none.")
    api_program_seconds_most: float = Field(default=10, gt=0, description="What it may name at most.")
    self_test_seconds: float = Field(default=3600, gt=0, description="Time between two self-tests of the sandbox; after one that failed, a minute at most.")

    @field_validator("allowed_origins", "encryption_keys", "api_tokens", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        require_origins(value)
        return value

    @field_validator("root_path")
    @classmethod
    def _root(cls, value: str) -> str:
        path = "/" + value.strip("/")
        return "" if path == "/" else path

    @field_validator("runner")
    @classmethod
    def _runner(cls, value: str) -> str:
        if value not in {"child", "off", "redis"} and not value.startswith("unix:///"):
            raise ValueError("Choose child, off, redis, or unix:///PATH")
        return value

    @field_validator("public_url", "piston_url")
    @classmethod
    def _public(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _safe(self) -> "Settings":
        require_secrets(self.host, self.secret_key, self.api_tokens)
        require_issuer(self.oidc_issuer, self.oidc_client_id)
        require_runner(self.runner, self.redis_url)
        if self.executor == "piston" and not self.piston_url.startswith(("http://", "https://")):
            raise ValueError("FOURHANDS_EXECUTOR=piston needs FOURHANDS_PISTON_URL, such as https://piston.example.org")
        return self

    @property
    def public_address(self) -> str:
        """`public_url` with the root path, whether or not it was set with it; empty if it was not set."""
        whole = not self.public_url or not self.root_path or self.public_url.endswith(self.root_path)
        return self.public_url if whole else self.public_url + self.root_path

    @property
    def database(self) -> str:
        """The database's URL, the default one filled in."""
        return self.database_url or f"sqlite:///{quote(str(self.data_dir / 'fourhands.db'))}"
