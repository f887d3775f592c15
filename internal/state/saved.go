package state

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// SavedSearch is a search that somebody keeps. Body is JSON of whoever stores it.
type SavedSearch struct {
	ID       string
	Owner    string
	Name     string
	Shared   bool
	Body     []byte
	Revision int64 // goes up with each change
	Created  time.Time
	Changed  time.Time
}

// maxSaved is how many searches there can be, maxLinks how many addresses are kept.
const (
	maxSaved = 10_000
	maxLinks = 100_000
)

const savedColumns = `id, owner, name, shared, body, revision, created, changed`

func scanSaved(r scanner) (s SavedSearch, err error) {
	var body string
	var created, changed int64
	err = r.Scan(&s.ID, &s.Owner, &s.Name, &s.Shared, &body, &s.Revision, &created, &changed)
	s.Body, s.Created, s.Changed = []byte(body), fromNanos(created), fromNanos(changed)
	return s, err
}

// SavedSearches lists the searches an owner sees: own and shared ones, by name.
func (d *DB) SavedSearches(ctx context.Context, owner string) ([]SavedSearch, error) {
	var out []SavedSearch
	err := d.read(ctx, func(r scanner) error {
		s, err := scanSaved(r)
		out = append(out, s)
		return err
	}, `SELECT `+savedColumns+` FROM saved_searches WHERE owner = ? OR shared = 1 ORDER BY name, id`, owner)
	if err != nil {
		return nil, fmt.Errorf("list saved searches: %w", err)
	}
	return out, nil
}

// AddSavedSearch stores a new one under its id; ErrInvalid when there are too many.
func (d *DB) AddSavedSearch(ctx context.Context, s SavedSearch) (SavedSearch, error) {
	err := d.write(ctx, func(t *tx) error {
		var n int
		if err := t.row(`SELECT count(*) FROM saved_searches`).Scan(&n); err != nil {
			return err
		}
		if n >= maxSaved {
			return invalid("there are %d saved searches already, the most there can be", n)
		}
		s.Revision, s.Created = 1, d.now()
		s.Changed = s.Created
		return t.exec(`INSERT INTO saved_searches VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, s.ID, s.Owner, s.Name, s.Shared, string(s.Body), s.Revision, nanos(s.Created), nanos(s.Changed))
	}, nil)
	if err != nil {
		return SavedSearch{}, fmt.Errorf("save search %s: %w", s.Name, err)
	}
	return s, nil
}

// ChangeSavedSearch lets f change a search in one transaction; what f refuses stays.
func (d *DB) ChangeSavedSearch(ctx context.Context, id string, f func(*SavedSearch) error) (s SavedSearch, err error) {
	err = d.write(ctx, func(t *tx) error {
		if s, err = scanSaved(t.row(`SELECT `+savedColumns+` FROM saved_searches WHERE id = ?`, id)); err != nil {
			if noRows(err) {
				return ErrNotFound
			}
			return err
		}
		if err := f(&s); err != nil {
			return err
		}
		s.Revision, s.Changed = s.Revision+1, d.now()
		return t.exec(`UPDATE saved_searches SET name = ?, shared = ?, body = ?, revision = ?, changed = ? WHERE id = ?`, s.Name, s.Shared, string(s.Body), s.Revision, nanos(s.Changed), id)
	}, nil)
	if err != nil {
		return SavedSearch{}, fmt.Errorf("saved search %s: %w", strconv.Quote(id), err)
	}
	return s, nil
}

// RemoveSavedSearch removes a search unless allow objects.
func (d *DB) RemoveSavedSearch(ctx context.Context, id string, allow func(SavedSearch) error) error {
	err := d.write(ctx, func(t *tx) error {
		s, err := scanSaved(t.row(`SELECT `+savedColumns+` FROM saved_searches WHERE id = ?`, id))
		if noRows(err) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := allow(s); err != nil {
			return err
		}
		return t.exec(`DELETE FROM saved_searches WHERE id = ?`, id)
	}, nil)
	if err != nil {
		return fmt.Errorf("saved search %s: %w", strconv.Quote(id), err)
	}
	return nil
}

// PutLink keeps an address under an id; the oldest go when there are too many.
func (d *DB) PutLink(ctx context.Context, id, url, owner string) error {
	err := d.write(ctx, func(t *tx) error {
		if err := t.exec(`INSERT INTO short_links VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET created = excluded.created WHERE url = excluded.url`, id, url, owner, nanos(d.now())); err != nil {
			return err
		}
		return t.exec(`DELETE FROM short_links WHERE (SELECT count(*) FROM short_links) > ? AND id = (SELECT id FROM short_links ORDER BY created LIMIT 1)`, maxLinks)
	}, nil)
	if err != nil {
		return fmt.Errorf("keep link: %w", err)
	}
	return nil
}

// LinkURL returns the address kept under an id; ErrNotFound.
func (d *DB) LinkURL(ctx context.Context, id string) (url string, err error) {
	err = d.readers.QueryRowContext(ctx, `SELECT url FROM short_links WHERE id = ?`, id).Scan(&url)
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("link %s: %w", strconv.Quote(id), err)
	}
	return url, nil
}
