-- +goose Up
-- Searches people save, long addresses of pages, and how much came in by the minute.

CREATE TABLE saved_searches (
  id       TEXT PRIMARY KEY,
  owner    TEXT NOT NULL,             -- a user, or 'local' while there are none; stays when the user goes
  name     TEXT NOT NULL,
  shared   INTEGER NOT NULL,
  body     TEXT NOT NULL,             -- JSON, as the page wrote it
  revision INTEGER NOT NULL,
  created  INTEGER NOT NULL,
  changed  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX saved_searches_owner ON saved_searches (owner, name);

CREATE TABLE short_links (
  id      TEXT PRIMARY KEY,           -- made of the address: the same for the same
  url     TEXT NOT NULL,
  owner   TEXT NOT NULL,
  created INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX short_links_created ON short_links (created);

-- What was finished in which minute. Filled by the trigger; old rows are removed.
CREATE TABLE intake_minutes (
  minute  INTEGER NOT NULL,           -- since 1970
  source  INTEGER NOT NULL REFERENCES sources(num),
  objects INTEGER NOT NULL,
  events  INTEGER NOT NULL,
  bytes   INTEGER NOT NULL,           -- decoded
  PRIMARY KEY (minute, source)
) WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER objects_arrived AFTER UPDATE OF state ON objects WHEN old.state = 2 AND new.state = 3 BEGIN
  INSERT INTO intake_minutes VALUES (new.done_at / 60000000000, new.source, 1, new.events, new.content_size)
    ON CONFLICT DO UPDATE SET objects = objects + 1, events = events + new.events, bytes = bytes + new.content_size;
END;
-- +goose StatementEnd
