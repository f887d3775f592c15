-- +goose Up
-- Users, their sessions and tokens, and the audit log. Secrets of sessions and tokens are kept as
-- SHA-256 only. Times are int64 nanoseconds UTC, 0 = never.

CREATE TABLE users (
  name         TEXT PRIMARY KEY,
  role         TEXT NOT NULL,
  hash         TEXT NOT NULL,               -- argon2id, PHC format
  password_set INTEGER NOT NULL,
  must_change  INTEGER NOT NULL DEFAULT 0,
  disabled     INTEGER NOT NULL DEFAULT 0,
  lang         TEXT NOT NULL DEFAULT '',
  theme        TEXT NOT NULL DEFAULT '',
  zone         TEXT NOT NULL DEFAULT '',
  created      INTEGER NOT NULL,
  last_login   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE sessions (
  hash    BLOB PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,             -- names it without giving it away
  user    TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
  created INTEGER NOT NULL,
  seen    INTEGER NOT NULL,
  until   INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user, seen);
CREATE INDEX sessions_seen ON sessions (seen);

CREATE TABLE tokens (
  hash         BLOB PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  owner        TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  scopes       TEXT NOT NULL,               -- separated by commas
  created      INTEGER NOT NULL,
  expires      INTEGER NOT NULL,
  used         INTEGER NOT NULL DEFAULT 0,
  used_address TEXT NOT NULL DEFAULT '',
  UNIQUE (owner, name)
) WITHOUT ROWID;

-- Who did what. Rows are added and, when they are old enough, removed from the front; a trigger
-- refuses to change one.
CREATE TABLE audit (
  num     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  who     TEXT NOT NULL,
  address TEXT NOT NULL,
  action  TEXT NOT NULL,
  target  TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail  TEXT NOT NULL                     -- JSON, '' = none
);
CREATE INDEX audit_at     ON audit (at);
CREATE INDEX audit_who    ON audit (who, num);
CREATE INDEX audit_action ON audit (action, num);

-- +goose StatementBegin
CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log cannot be changed');
END;
-- +goose StatementEnd
