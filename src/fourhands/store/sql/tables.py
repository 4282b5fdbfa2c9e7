"""The tables, as the newest migration leaves them (a test compares both). Repositories build their statements on these."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, false

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "ix": "ix_%(table_name)s_%(column_0_name)s"})


def _room_id() -> Column[str]:
    return Column("room_id", String(64), ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)


rooms = Table(
    "rooms",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", LargeBinary, nullable=False),  # sealed
    Column("language", String, nullable=False),
    Column("guest_role", String(16), nullable=False),
    Column("ephemeral", Boolean, nullable=False),
    Column("epoch", String(64), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("last_used_at_ms", BigInteger, nullable=False, index=True),
    Column("ended_at_ms", BigInteger),
    Column("closed_at_ms", BigInteger),
    Column("head", BigInteger, nullable=False),  # the last position in the room's rows; the log may go on from there
    Column("run_where", String(16)),  # none: where it can be had
    Column("team_id", String(32), index=True),
    Column("key", LargeBinary),  # store.sealing: the room's own, wrapped
    Column("password", LargeBinary),  # its hash, sealed
    Column("lobby", Boolean, nullable=False, server_default=false()),
    Column("locked", Boolean, nullable=False, server_default=false()),
    Column("read_only", Boolean, nullable=False, server_default=false()),
    Column("run_role", String(16), nullable=False, server_default="editor"),
    Column("expires_at_ms", BigInteger, index=True),
    sqlite_with_rowid=False,
)

members = Table(
    "members",
    metadata,
    _room_id(),
    Column("id", String(64), primary_key=True),
    Column("name", LargeBinary, nullable=False),  # sealed
    Column("color", String(7), nullable=False),
    Column("role", String(16), nullable=False),
    Column("joined_at_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False, server_default="in"),
    Column("role_fixed", Boolean, nullable=False, server_default=false()),
    Column("account_id", String(32)),
    Column("archived_at_ms", BigInteger),  # from the list of that account's rooms
    Index("ix_members_account_id", "account_id", "room_id", unique=True),
    sqlite_with_rowid=False,
)

invites = Table(
    "invites",
    metadata,
    _room_id(),
    Column("id", String(16), primary_key=True),  # of a standing one: its role
    Column("key", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("label", LargeBinary, nullable=False),  # sealed
    Column("made_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger),
    Column("single_use", Boolean, nullable=False),
    Column("used_at_ms", BigInteger),
    Column("revoked_at_ms", BigInteger),
    sqlite_with_rowid=False,
)

# One row for each commit, whatever the number of rooms in it; gone once all of it stands in the rooms' own rows.
log = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("payload", LargeBinary, nullable=False),  # store.sql.log says what it is
)

journal = Table(
    "journal",
    metadata,
    _room_id(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("member", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index("ix_journal_kind", "room_id", "kind", "position"),
)

# Edits: a row holds neighbouring ones, positions `first` to `last`.
blocks = Table(
    "blocks",
    metadata,
    _room_id(),
    Column("last", BigInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),  # the latest time in it
    Column("small", Boolean, nullable=False),  # packed with patience
    Column("payload", LargeBinary, nullable=False),  # protocol.edits, sealed
)

snapshots = Table(
    "snapshots",
    metadata,
    _room_id(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("until_ms", BigInteger, nullable=False),  # no entry up to `position` is later
    Column("state", LargeBinary, nullable=False),  # store.sql.snapshots.squeeze, sealed
    Column("base", BigInteger),  # the position of the snapshot that it adds to; none: it is whole
)

# What is counted of runs that ended. Not the code, not the output; of ephemeral, ended and deleted rooms neither room nor member.
executions = Table(
    "executions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("room_id", String(64), index=True),
    Column("member", String(64)),
    Column("language", String(64), nullable=False),
    Column("place", String(16), nullable=False),  # browser, server
    Column("status", String(16), nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("cpu_ms", BigInteger),
    Column("memory_bytes", BigInteger),
    Column("at_ms", BigInteger, nullable=False, index=True),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("login", String(64), nullable=False),
    Column("name", String, nullable=False),
    Column("color", String(7), nullable=False),
    Column("password", String),  # its hash, as access.passwords writes it; none: they log in elsewhere alone
    Column("admin", Boolean, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Index("ix_accounts_login", "login", unique=True),
)


def _account_id(*, primary: bool = False) -> Column[str]:
    return Column("account_id", String(32), ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=primary, nullable=False, index=True)


# Who an account is elsewhere (OpenID Connect).
identities = Table(
    "identities",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    _account_id(),
    sqlite_with_rowid=False,
)

# A family of refresh tokens. The tokens themselves are kept nowhere: they are signed, and say their generation.
logins = Table(
    "logins",
    metadata,
    Column("id", String(32), primary_key=True),
    _account_id(),
    Column("generation", BigInteger, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("rotated_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
)

personal_tokens = Table(
    "personal_tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    _account_id(),
    Column("name", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("scopes", String, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger),
    Column("used_at_ms", BigInteger),
    Index("ix_personal_tokens_digest", "digest", unique=True),
)

account_invites = Table(
    "account_invites",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("by", String(32)),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("used_by", String(32)),
    Index("ix_account_invites_digest", "digest", unique=True),
)

teams = Table(
    "teams",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team_id", String(32), ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    _account_id(primary=True),
    Column("role", String(16), nullable=False),
    Column("joined_at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Who is asked into a team, until they answer.
team_invitations = Table(
    "team_invitations",
    metadata,
    Column("team_id", String(32), ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    _account_id(primary=True),
    Column("role", String(16), nullable=False),
    Column("by_name", String, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Append-only: triggers refuse to change a line, and to delete one that is younger than a day.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),  # never given twice
    Column("at_ms", BigInteger, nullable=False, index=True),
    Column("what", String(64), nullable=False),
    Column("who_kind", String(16), nullable=False),
    Column("who_id", String(64), nullable=False),
    Column("who_name", String, nullable=False),
    Column("address", String(64), nullable=False),
    Column("room_id", String(64), nullable=False, index=True),
    Column("subject", String, nullable=False),
    Column("detail", String, nullable=False),  # JSON
    sqlite_autoincrement=True,
)

bans = Table(
    "bans",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("reason", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger),  # none: for good
    sqlite_with_rowid=False,
)
