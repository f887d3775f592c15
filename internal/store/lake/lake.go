// Package lake is the embedded event store: it writes batches as immutable Parquet parts and
// answers queries over them with DuckDB in process. Which parts are visible is the
// catalogue's word; the lake never lists its own folder. SQL text exists only in this
// package.
package lake

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/yagura-siem/yagura/internal/store"
)

// Config says where a lake lives and what it may use.
type Config struct {
	Root      string          // folder of the parts; made when missing
	Catalogue store.Catalogue // may be nil in a lake that only writes
}

// Lake writes and searches parts. Safe for concurrent use.
type Lake struct {
	root      string
	catalogue store.Catalogue
	create    func(path string) (sink, error)
	encoders  sync.Pool
}

// Open makes the root folder if needed.
func Open(c Config) (*Lake, error) {
	root, err := filepath.Abs(c.Root)
	if err != nil {
		return nil, fmt.Errorf("opening the lake: %w", err)
	}
	if err := os.MkdirAll(root, 0o750); err != nil {
		return nil, fmt.Errorf("opening the lake: %w", err)
	}
	l := &Lake{root: root, catalogue: c.Catalogue, create: createExclusive}
	l.encoders.New = func() any { return newEncoder() }
	return l, nil
}
