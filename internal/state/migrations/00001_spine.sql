-- The first schema of the state file. docs/design/state.md explains every table.
-- Times are int64 nanoseconds UTC, 0 = never. State numbers are those of state.go and part.go.

-- +goose Up

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES ('commit_seq', 0), ('forgotten_seq', 0);

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE cursors (
  source TEXT NOT NULL,
  name   TEXT NOT NULL,
  value  BLOB NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (source, name)
) WITHOUT ROWID;

-- Sources and their running totals. The totals by state are kept by triggers on objects, the
-- totals of records by the transactions that change them.
CREATE TABLE sources (
  num           INTEGER PRIMARY KEY,
  name          TEXT NOT NULL UNIQUE,
  records       INTEGER NOT NULL DEFAULT 0,
  events        INTEGER NOT NULL DEFAULT 0,
  filtered      INTEGER NOT NULL DEFAULT 0,
  ignored       INTEGER NOT NULL DEFAULT 0,
  quarantined   INTEGER NOT NULL DEFAULT 0,
  last_modified INTEGER NOT NULL DEFAULT 0,
  last_done     INTEGER NOT NULL DEFAULT 0,
  error         TEXT NOT NULL DEFAULT '',
  error_object  TEXT NOT NULL DEFAULT '',
  error_at      INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE tallies (
  source  INTEGER NOT NULL REFERENCES sources(num),
  state   INTEGER NOT NULL,
  objects INTEGER NOT NULL,
  bytes   INTEGER NOT NULL,
  PRIMARY KEY (source, state)
) WITHOUT ROWID;

-- The ledger: one row for each object ever seen.
CREATE TABLE objects (
  num          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  source       INTEGER NOT NULL REFERENCES sources(num),
  place        INTEGER NOT NULL,            -- 63-bit hash of (source, bucket, key)
  bucket       TEXT NOT NULL,
  key          TEXT NOT NULL,
  version      TEXT NOT NULL,
  etag         TEXT NOT NULL,
  size         INTEGER NOT NULL,
  modified     INTEGER NOT NULL,
  discovered   INTEGER NOT NULL,
  generation   INTEGER NOT NULL DEFAULT 1,
  prior        INTEGER,                     -- num of the generation before
  newer        INTEGER NOT NULL DEFAULT 0,  -- 1: a later generation is known
  state        INTEGER NOT NULL DEFAULT 0,
  owner        TEXT NOT NULL DEFAULT '',
  epoch        INTEGER NOT NULL DEFAULT 0,
  lease_until  INTEGER NOT NULL DEFAULT 0,
  tries        INTEGER NOT NULL DEFAULT 0,  -- failures since it was last offered or retried
  lost         INTEGER NOT NULL DEFAULT 0,  -- leases that ran out or died with their process
  retry_at     INTEGER NOT NULL DEFAULT 0,
  reason       TEXT NOT NULL DEFAULT '',
  detail       TEXT NOT NULL DEFAULT '',
  log_types    TEXT NOT NULL DEFAULT '',
  records      INTEGER NOT NULL DEFAULT 0,
  events       INTEGER NOT NULL DEFAULT 0,
  filtered     INTEGER NOT NULL DEFAULT 0,
  ignored      INTEGER NOT NULL DEFAULT 0,
  quarantined  INTEGER NOT NULL DEFAULT 0,
  content_hash TEXT NOT NULL DEFAULT '',
  content_size INTEGER NOT NULL DEFAULT 0,
  tail_from    INTEGER NOT NULL DEFAULT 0,
  commit_seq   INTEGER NOT NULL DEFAULT 0,
  done_at      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX objects_place   ON objects (place);
CREATE INDEX objects_source  ON objects (source, num);
-- The work lists. Nothing else is read at start-up, so its cost does not grow with the ledger.
CREATE INDEX objects_pending ON objects (source, modified, num) WHERE state = 0;
CREATE INDEX objects_waiting ON objects (retry_at) WHERE state = 1;
CREATE INDEX objects_leased  ON objects (lease_until) WHERE state = 2;
CREATE INDEX objects_trouble ON objects (state, num) WHERE state IN (4, 6, 7, 8);

-- +goose StatementBegin
CREATE TRIGGER objects_added AFTER INSERT ON objects BEGIN
  INSERT INTO tallies VALUES (new.source, new.state, 1, new.size)
    ON CONFLICT DO UPDATE SET objects = objects + 1, bytes = bytes + new.size;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER objects_moved AFTER UPDATE OF state ON objects WHEN old.state <> new.state BEGIN
  UPDATE tallies SET objects = objects - 1, bytes = bytes - old.size
    WHERE source = old.source AND state = old.state;
  INSERT INTO tallies VALUES (new.source, new.state, 1, new.size)
    ON CONFLICT DO UPDATE SET objects = objects + 1, bytes = bytes + new.size;
END;
-- +goose StatementEnd

-- Who is allowed to finish pending parts: the holders of the leases named in claim_objects, or,
-- for rewrites of live parts, whoever keeps until in the future.
CREATE TABLE claims (
  num   INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  until INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE claim_objects (
  claim  INTEGER NOT NULL REFERENCES claims(num) ON DELETE CASCADE,
  object INTEGER NOT NULL REFERENCES objects(num),
  epoch  INTEGER NOT NULL,
  PRIMARY KEY (claim, object)
) WITHOUT ROWID;

-- The catalogue. Column lists are shared by the parts of one log type version.
CREATE TABLE part_fields (
  num    INTEGER PRIMARY KEY,
  fields TEXT NOT NULL UNIQUE -- JSON of []store.Field
);
CREATE TABLE parts (
  num       INTEGER PRIMARY KEY,
  id        TEXT NOT NULL UNIQUE,
  state     INTEGER NOT NULL, -- 0 pending, 1 live, 2 dead
  log_type  TEXT NOT NULL,
  version   INTEGER NOT NULL,
  day       INTEGER NOT NULL,
  tier      TEXT NOT NULL,
  path      TEXT NOT NULL,
  rows      INTEGER NOT NULL DEFAULT 0,
  bytes     INTEGER NOT NULL DEFAULT 0,
  raw_bytes INTEGER NOT NULL DEFAULT 0,
  min_time  INTEGER NOT NULL DEFAULT 0,
  max_time  INTEGER NOT NULL DEFAULT 0,
  sha256    TEXT NOT NULL DEFAULT '',
  fields    INTEGER REFERENCES part_fields(num),
  original  INTEGER NOT NULL DEFAULT 0,
  rest      INTEGER NOT NULL DEFAULT 0,
  derived   INTEGER NOT NULL DEFAULT 0,
  stats     BLOB,
  claim     INTEGER, -- while pending
  seq       INTEGER NOT NULL DEFAULT 0, -- commit that made it live
  dead_seq  INTEGER NOT NULL DEFAULT 0, -- commit that made it dead; 0 if it never was live
  dead_at   INTEGER NOT NULL DEFAULT 0,
  UNIQUE (tier, path)
);
CREATE INDEX parts_pending ON parts (claim) WHERE state = 0;
CREATE INDEX parts_live    ON parts (log_type, min_time) WHERE state = 1;
CREATE INDEX parts_dead    ON parts (dead_at) WHERE state = 2;

-- Which objects a part holds rows of, and how many.
CREATE TABLE part_objects (
  part   INTEGER NOT NULL REFERENCES parts(num) ON DELETE CASCADE,
  object INTEGER NOT NULL REFERENCES objects(num),
  rows   INTEGER NOT NULL,
  PRIMARY KEY (part, object)
) WITHOUT ROWID;
CREATE INDEX part_objects_object ON part_objects (object);

CREATE TABLE sidecars (
  part    INTEGER NOT NULL REFERENCES parts(num) ON DELETE CASCADE,
  name    TEXT NOT NULL,
  version INTEGER NOT NULL,
  tier    TEXT NOT NULL DEFAULT '',
  path    TEXT NOT NULL DEFAULT '', -- '' = the bytes are in data
  rows    INTEGER NOT NULL,
  bytes   INTEGER NOT NULL,
  sha256  TEXT NOT NULL DEFAULT '',
  data    BLOB,
  PRIMARY KEY (part, name)
) WITHOUT ROWID;

CREATE TABLE quarantine (
  num      INTEGER PRIMARY KEY,
  object   INTEGER NOT NULL REFERENCES objects(num),
  log_type TEXT NOT NULL,
  reason   TEXT NOT NULL,
  detail   TEXT NOT NULL,
  pos      INTEGER NOT NULL, -- where the record starts in the decoded stream
  length   INTEGER NOT NULL, -- of the whole record
  records  INTEGER NOT NULL, -- neighbouring records this row stands for, mostly 1
  sha256   TEXT NOT NULL,    -- of the whole record before masking
  body     BLOB NOT NULL,    -- masked first bytes, zstd
  seq      INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  replayed INTEGER NOT NULL DEFAULT 0 -- commit that replayed it
);
CREATE INDEX quarantine_open   ON quarantine (log_type, reason, num) WHERE replayed = 0;
CREATE INDEX quarantine_object ON quarantine (object);

-- Places for detection: signals feed the correlator in (seq, n) order, findings are rule
-- matches, occurrences what the alert pipeline received.
CREATE TABLE signals (
  seq          INTEGER NOT NULL,
  n            INTEGER NOT NULL,
  rule         TEXT NOT NULL,
  rule_version INTEGER NOT NULL,
  time         INTEGER NOT NULL,
  key          TEXT NOT NULL,
  value        TEXT NOT NULL,
  event_id     TEXT NOT NULL,
  object       INTEGER NOT NULL REFERENCES objects(num),
  withdrawn    INTEGER NOT NULL DEFAULT 0, -- commit that replaced its object
  PRIMARY KEY (seq, n)
) WITHOUT ROWID;
CREATE INDEX signals_object    ON signals (object);
CREATE INDEX signals_rule      ON signals (rule, key, time);
CREATE INDEX signals_withdrawn ON signals (withdrawn) WHERE withdrawn > 0;

CREATE TABLE findings (
  id           TEXT NOT NULL,
  revision     INTEGER NOT NULL,
  rule         TEXT NOT NULL,
  rule_version INTEGER NOT NULL,
  key          TEXT NOT NULL,
  anchor       INTEGER NOT NULL,
  time         INTEGER NOT NULL,
  events       TEXT NOT NULL, -- JSON list of event ids
  detail       TEXT NOT NULL, -- JSON
  withdrawn    INTEGER NOT NULL DEFAULT 0,
  seq          INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  PRIMARY KEY (id, revision)
) WITHOUT ROWID;
CREATE INDEX findings_seq ON findings (seq);

CREATE TABLE occurrences (
  num         INTEGER PRIMARY KEY,
  finding     TEXT NOT NULL,
  revision    INTEGER NOT NULL,
  source      TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  severity    INTEGER NOT NULL,
  time        INTEGER NOT NULL,
  body        BLOB NOT NULL,
  seq         INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  UNIQUE (finding, revision)
);
CREATE INDEX occurrences_fingerprint ON occurrences (fingerprint, time);

-- +goose Down
SELECT 'a state file is never migrated down: restore the copy made before the upgrade' WHERE 0;
