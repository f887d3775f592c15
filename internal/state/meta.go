package state

import (
	"context"
	"fmt"
)

// Cursor is a named place in the listing of a source (one for each leaf prefix).
type Cursor struct {
	Name  string
	Value []byte
}

// Cursors returns the listing cursors of a source by name.
func (d *DB) Cursors(ctx context.Context, source string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := d.read(ctx, func(r scanner) error {
		var name string
		var value []byte
		err := r.Scan(&name, &value)
		out[name] = value
		return err
	}, `SELECT name, value FROM cursors WHERE source = ?`, source)
	if err != nil {
		return nil, fmt.Errorf("read cursors of source %s: %w", source, err)
	}
	return out, nil
}

// PutCursors stores cursors of a source, together. A nil Value removes a cursor. Store a cursor
// only after the objects up to it were offered.
func (d *DB) PutCursors(ctx context.Context, source string, cursors []Cursor) error {
	err := d.write(ctx, func(t *tx) error {
		for _, c := range cursors {
			var err error
			if c.Value == nil {
				err = t.exec(`DELETE FROM cursors WHERE source = ? AND name = ?`, source, c.Name)
			} else {
				err = t.exec(`INSERT INTO cursors VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at`,
					source, c.Name, c.Value, nanos(d.now()))
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, nil)
	if err != nil {
		return fmt.Errorf("store cursors of source %s: %w", source, err)
	}
	return nil
}

// Meta returns a small stored value, nil when there is none.
func (d *DB) Meta(ctx context.Context, key string) (value []byte, err error) {
	err = d.readers.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, key).Scan(&value)
	if noRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return value, nil
}

// PutMeta stores a small value; nil removes it.
func (d *DB) PutMeta(ctx context.Context, key string, value []byte) error {
	err := d.write(ctx, func(t *tx) error {
		if value == nil {
			return t.exec(`DELETE FROM meta WHERE key = ?`, key)
		}
		return t.exec(`INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`, key, value)
	}, nil)
	if err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	return nil
}
