package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake"
)

// partStore gives the lake the shape that ingest asks for.
type partStore struct{ *lake.Lake }

var _ ingest.Store = partStore{}

func (s partStore) Write(ctx context.Context, p *store.Part, b *event.Batch, ingested time.Time) error {
	return storeError(s.Lake.Write(ctx, p, b, ingested))
}

func (s partStore) Without(ctx context.Context, p store.Part, into *store.Part, objects []string) (map[string]int64, error) {
	rows, err := s.Lake.Without(ctx, p, into, objects)
	return rows, storeError(err)
}

func (s partStore) Remove(p store.Part) error { return s.Lake.Remove(p.Path) }

// storeError translates the errors ingest acts on. One that no system call has a part in is
// about what was to be written.
func storeError(err error) error {
	var system syscall.Errno
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, lake.ErrNoSpace):
		return fmt.Errorf("%w: %w", ingest.ErrNoSpace, err)
	case !errors.As(err, &system):
		return fmt.Errorf("%w: %w", ingest.ErrRefused, err)
	}
	return err
}

// unlinkAfter is how long files of dead parts stay, for pages of answers begun before.
const unlinkAfter = 10 * time.Minute

// sweep unlinks the files of dead parts and forgets them. Only files the catalogue names are
// touched.
func (a *App) sweep(ctx context.Context, dead []state.DeadPart) error {
	var ids []string
	for _, p := range dead {
		for _, f := range p.Files {
			if err := a.lake.Remove(f.Path); err != nil {
				return fmt.Errorf("removing dead part %s: %w", p.ID, err)
			}
		}
		ids = append(ids, p.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return a.db.Forget(ctx, ids)
}

// housekeeping frees what dead workers hold and unlinks dead parts, until ctx ends.
func (a *App) housekeeping(ctx context.Context) {
	t := time.NewTicker(30 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if _, err := a.db.Recover(ctx, ""); err != nil && ctx.Err() == nil {
			a.log.Warn("expired leases could not be freed", "err", err)
		}
		dead, err := a.db.Garbage(ctx, unlinkAfter)
		if err == nil {
			err = a.sweep(ctx, dead)
		}
		if err != nil && ctx.Err() == nil {
			a.log.Warn("dead parts could not be removed", "err", err)
		}
	}
}

// refuseStrangers refuses a data folder whose state file has never seen a commit while its parts
// are there: the state was lost, and beginning anew beside them would load everything twice
// without showing what they hold.
func (a *App) refuseStrangers(ctx context.Context, data string) error {
	if a.db.Seq() > 0 {
		return nil
	}
	root := filepath.Join(data, "parts")
	var files []state.File
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".parquet" {
			return err
		}
		rel, err := filepath.Rel(root, name)
		files = append(files, state.File{Tier: "hot", Path: filepath.ToSlash(rel)})
		return err
	})
	if err != nil {
		return fmt.Errorf("looking at the parts of %s: %w", data, err)
	}
	unknown, err := a.db.Unknown(ctx, files)
	if err != nil || len(unknown) == 0 {
		return err
	}
	return fmt.Errorf("%s holds %d parts, but its state.db is new and knows none of them: put state.db back from a backup, or move the folder parts/ away to begin anew (the sources are then loaded again)", data, len(unknown))
}
