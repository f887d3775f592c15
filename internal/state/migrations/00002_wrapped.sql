-- +goose Up
-- A record inside a delivery wrapper has the offset of the wrapper and a number in it: without
-- these a replay cannot give its events the ids they would have had.
ALTER TABLE quarantine ADD COLUMN wrapped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN idx INTEGER NOT NULL DEFAULT 0;
