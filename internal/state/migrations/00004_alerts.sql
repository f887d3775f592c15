-- Alerts, what each object adds to them, and their history. docs/design/detection.md explains them.
-- Severities and statuses are the numbers of package alert; times are int64 nanoseconds UTC.

-- +goose Up

CREATE TABLE alerts (
  num         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,        -- fingerprint
  rule        TEXT NOT NULL,
  version     TEXT NOT NULL,               -- of the rule, at the latest finding; so are the next five
  title       TEXT NOT NULL,
  title_ja    TEXT NOT NULL,
  severity    INTEGER NOT NULL,
  author      TEXT NOT NULL,
  license     TEXT NOT NULL,
  grp         TEXT NOT NULL,               -- JSON list of {field, value}
  log_types   TEXT NOT NULL,               -- comma separated, sorted
  search      TEXT NOT NULL,               -- folded text that is searched
  status      INTEGER NOT NULL DEFAULT 0,
  assignee    TEXT NOT NULL DEFAULT '',
  findings    INTEGER NOT NULL DEFAULT 0,  -- always the sum over alert_objects
  first       INTEGER NOT NULL,
  last        INTEGER NOT NULL,
  created     INTEGER NOT NULL,
  updated     INTEGER NOT NULL,
  closed_at   INTEGER NOT NULL DEFAULT 0,
  closed_last INTEGER NOT NULL DEFAULT 0,  -- latest event known when it was closed
  reason      TEXT NOT NULL DEFAULT '',
  backfill    INTEGER NOT NULL             -- 1: all events were old when they came in
);
CREATE INDEX alerts_last   ON alerts (last, num);
CREATE INDEX alerts_status ON alerts (status, severity);
CREATE INDEX alerts_rule   ON alerts (rule);

-- What each object adds: it goes when the object is replaced.
CREATE TABLE alert_objects (
  alert    INTEGER NOT NULL REFERENCES alerts(num),
  object   INTEGER NOT NULL REFERENCES objects(num),
  findings INTEGER NOT NULL,
  first    INTEGER NOT NULL,
  last     INTEGER NOT NULL,
  samples  TEXT NOT NULL,                  -- JSON list of finding ids
  PRIMARY KEY (alert, object)
) WITHOUT ROWID;
CREATE INDEX alert_objects_object ON alert_objects (object);

-- What happened to an alert. notify: people are to be told; who tells them remembers num.
CREATE TABLE alert_log (
  num    INTEGER PRIMARY KEY,
  alert  INTEGER NOT NULL REFERENCES alerts(num),
  at     INTEGER NOT NULL,
  seq    INTEGER NOT NULL,                 -- commit that did it; 0 = a person
  who    TEXT NOT NULL,
  action TEXT NOT NULL,
  note   TEXT NOT NULL,
  notify INTEGER NOT NULL
);
CREATE INDEX alert_log_alert  ON alert_log (alert, num);
CREATE INDEX alert_log_notify ON alert_log (num) WHERE notify = 1;

-- +goose Down
SELECT 'a state file is never migrated down: restore the copy made before the upgrade' WHERE 0;
