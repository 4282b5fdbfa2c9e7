CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE log (
	id INTEGER NOT NULL,
	payload BLOB NOT NULL,
	CONSTRAINT pk_log PRIMARY KEY (id)
);

CREATE TABLE journal (
	room_id VARCHAR(64) NOT NULL,
	position BIGINT NOT NULL,
	kind VARCHAR(16) NOT NULL,
	at_ms BIGINT NOT NULL,
	member VARCHAR(64) NOT NULL,
	payload BLOB NOT NULL,
	CONSTRAINT pk_journal PRIMARY KEY (room_id, position),
	CONSTRAINT fk_journal_room_id FOREIGN KEY(room_id) REFERENCES rooms (id) ON DELETE CASCADE
);

CREATE INDEX ix_journal_kind ON journal (room_id, kind, position);

CREATE TABLE blocks (
	room_id VARCHAR(64) NOT NULL,
	last BIGINT NOT NULL,
	first BIGINT NOT NULL,
	until_ms BIGINT NOT NULL,
	small BOOLEAN NOT NULL,
	payload BLOB NOT NULL,
	CONSTRAINT pk_blocks PRIMARY KEY (room_id, last),
	CONSTRAINT fk_blocks_room_id FOREIGN KEY(room_id) REFERENCES rooms (id) ON DELETE CASCADE
);

CREATE TABLE snapshots (
	room_id VARCHAR(64) NOT NULL,
	position BIGINT NOT NULL,
	until_ms BIGINT NOT NULL,
	state BLOB NOT NULL,
	base BIGINT,
	CONSTRAINT pk_snapshots PRIMARY KEY (room_id, position),
	CONSTRAINT fk_snapshots_room_id FOREIGN KEY(room_id) REFERENCES rooms (id) ON DELETE CASCADE
);

CREATE TABLE "rooms" (
	id VARCHAR(64) NOT NULL,
	title BLOB NOT NULL,
	language VARCHAR NOT NULL,
	guest_role VARCHAR(16) NOT NULL,
	ephemeral BOOLEAN NOT NULL,
	epoch VARCHAR(64) NOT NULL,
	created_at_ms BIGINT NOT NULL,
	last_used_at_ms BIGINT NOT NULL,
	ended_at_ms BIGINT,
	head BIGINT NOT NULL,
	"key" BLOB, run_where VARCHAR(16), team_id VARCHAR(32), password BLOB, lobby BOOLEAN DEFAULT 0 NOT NULL, locked BOOLEAN DEFAULT 0 NOT NULL, read_only BOOLEAN DEFAULT 0 NOT NULL, run_role VARCHAR(16) DEFAULT 'editor' NOT NULL, expires_at_ms BIGINT, closed_at_ms BIGINT,
	CONSTRAINT pk_rooms PRIMARY KEY (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_rooms_last_used_at_ms ON rooms (last_used_at_ms);

CREATE TABLE "members" (
	room_id VARCHAR(64) NOT NULL,
	id VARCHAR(64) NOT NULL,
	name BLOB NOT NULL,
	color VARCHAR(7) NOT NULL,
	role VARCHAR(16) NOT NULL,
	joined_at_ms BIGINT NOT NULL, account_id VARCHAR(32), archived_at_ms BIGINT, state VARCHAR(16) DEFAULT 'in' NOT NULL, role_fixed BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_members PRIMARY KEY (room_id, id),
	CONSTRAINT fk_members_room_id FOREIGN KEY(room_id) REFERENCES rooms (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE executions (
	id VARCHAR(32) NOT NULL,
	room_id VARCHAR(64),
	member VARCHAR(64),
	language VARCHAR(64) NOT NULL,
	place VARCHAR(16) NOT NULL,
	status VARCHAR(16) NOT NULL,
	duration_ms BIGINT NOT NULL,
	cpu_ms BIGINT,
	memory_bytes BIGINT,
	at_ms BIGINT NOT NULL,
	CONSTRAINT pk_executions PRIMARY KEY (id)
);

CREATE INDEX ix_executions_room_id ON executions (room_id);

CREATE INDEX ix_executions_at_ms ON executions (at_ms);

CREATE TABLE accounts (
	id VARCHAR(32) NOT NULL,
	login VARCHAR(64) NOT NULL,
	name VARCHAR NOT NULL,
	color VARCHAR(7) NOT NULL,
	password VARCHAR,
	admin BOOLEAN NOT NULL,
	created_at_ms BIGINT NOT NULL,
	CONSTRAINT pk_accounts PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ix_accounts_login ON accounts (login);

CREATE TABLE identities (
	issuer VARCHAR NOT NULL,
	subject VARCHAR NOT NULL,
	account_id VARCHAR(32) NOT NULL,
	CONSTRAINT pk_identities PRIMARY KEY (issuer, subject),
	CONSTRAINT fk_identities_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_identities_account_id ON identities (account_id);

CREATE TABLE logins (
	id VARCHAR(32) NOT NULL,
	account_id VARCHAR(32) NOT NULL,
	generation BIGINT NOT NULL,
	created_at_ms BIGINT NOT NULL,
	rotated_at_ms BIGINT NOT NULL,
	expires_at_ms BIGINT NOT NULL,
	CONSTRAINT pk_logins PRIMARY KEY (id),
	CONSTRAINT fk_logins_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE INDEX ix_logins_account_id ON logins (account_id);

CREATE INDEX ix_logins_expires_at_ms ON logins (expires_at_ms);

CREATE TABLE personal_tokens (
	id VARCHAR(32) NOT NULL,
	account_id VARCHAR(32) NOT NULL,
	name VARCHAR NOT NULL,
	digest BLOB NOT NULL,
	scopes VARCHAR NOT NULL,
	created_at_ms BIGINT NOT NULL,
	expires_at_ms BIGINT,
	used_at_ms BIGINT,
	CONSTRAINT pk_personal_tokens PRIMARY KEY (id),
	CONSTRAINT fk_personal_tokens_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE INDEX ix_personal_tokens_account_id ON personal_tokens (account_id);

CREATE UNIQUE INDEX ix_personal_tokens_digest ON personal_tokens (digest);

CREATE TABLE account_invites (
	id VARCHAR(32) NOT NULL,
	digest BLOB NOT NULL,
	"by" VARCHAR(32),
	created_at_ms BIGINT NOT NULL,
	expires_at_ms BIGINT NOT NULL,
	used_by VARCHAR(32),
	CONSTRAINT pk_account_invites PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ix_account_invites_digest ON account_invites (digest);

CREATE TABLE teams (
	id VARCHAR(32) NOT NULL,
	name VARCHAR NOT NULL,
	created_at_ms BIGINT NOT NULL,
	CONSTRAINT pk_teams PRIMARY KEY (id)
);

CREATE TABLE team_members (
	team_id VARCHAR(32) NOT NULL,
	account_id VARCHAR(32) NOT NULL,
	role VARCHAR(16) NOT NULL,
	joined_at_ms BIGINT NOT NULL,
	CONSTRAINT pk_team_members PRIMARY KEY (team_id, account_id),
	CONSTRAINT fk_team_members_team_id FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE CASCADE,
	CONSTRAINT fk_team_members_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_team_members_account_id ON team_members (account_id);

CREATE INDEX ix_rooms_team_id ON rooms (team_id);

CREATE UNIQUE INDEX ix_members_account_id ON members (account_id, room_id);

CREATE INDEX ix_rooms_expires_at_ms ON rooms (expires_at_ms);

CREATE TABLE invites (
	room_id VARCHAR(64) NOT NULL,
	id VARCHAR(16) NOT NULL,
	"key" VARCHAR(64) NOT NULL,
	role VARCHAR(16) NOT NULL,
	label BLOB NOT NULL,
	made_at_ms BIGINT NOT NULL,
	expires_at_ms BIGINT,
	single_use BOOLEAN NOT NULL,
	used_at_ms BIGINT,
	revoked_at_ms BIGINT,
	CONSTRAINT pk_invites_0005 PRIMARY KEY (room_id, id),
	CONSTRAINT fk_invites_room_id FOREIGN KEY(room_id) REFERENCES rooms (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	at_ms BIGINT NOT NULL,
	what VARCHAR(64) NOT NULL,
	who_kind VARCHAR(16) NOT NULL,
	who_id VARCHAR(64) NOT NULL,
	who_name VARCHAR NOT NULL,
	address VARCHAR(64) NOT NULL,
	room_id VARCHAR(64) NOT NULL,
	subject VARCHAR NOT NULL,
	detail VARCHAR NOT NULL
);

CREATE INDEX ix_audit_at_ms ON audit (at_ms);

CREATE INDEX ix_audit_room_id ON audit (room_id);

CREATE TABLE bans (
	id VARCHAR(32) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	subject VARCHAR(64) NOT NULL,
	reason VARCHAR NOT NULL,
	"by" VARCHAR NOT NULL,
	at_ms BIGINT NOT NULL,
	until_ms BIGINT,
	CONSTRAINT pk_bans PRIMARY KEY (id)
)
 WITHOUT ROWID;

CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN OLD.at_ms > (strftime('%s', 'now') - 86400) * 1000 BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only: this line is younger than a day');
END;

CREATE TABLE team_invitations (
	team_id VARCHAR(32) NOT NULL,
	account_id VARCHAR(32) NOT NULL,
	role VARCHAR(16) NOT NULL,
	by_name VARCHAR NOT NULL,
	made_at_ms BIGINT NOT NULL,
	CONSTRAINT pk_team_invitations PRIMARY KEY (team_id, account_id),
	CONSTRAINT fk_team_invitations_team_id FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE CASCADE,
	CONSTRAINT fk_team_invitations_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_team_invitations_account_id ON team_invitations (account_id)
