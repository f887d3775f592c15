// Package lake is the embedded event store: it writes batches as immutable Parquet parts and
// answers queries over them with DuckDB in process. Which parts are visible is the
// catalogue's word; the lake never lists its own folder. SQL text exists only in this
// package.
package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/codes"
	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

// Config says where a lake lives and what it may use. Zero values stand for the defaults.
type Config struct {
	Root      string          // folder of the parts; made when missing
	Catalogue store.Catalogue // may be nil in a lake that only writes

	Threads     int    // of the engine; default: the processors
	MemoryLimit int64  // bytes: 3/8 for the engine, 5/8 for columns kept in memory (below 1 GiB the other way round); default 1 GiB
	TempDir     string // where the engine makes a folder to spill to; default <Root>/.tmp
	MaxTemp     int64  // bytes it may spill; default 4 GiB
	Queries     int    // queries that run at once, others wait; default: Threads

	// Fallback, if set, hears of every statistics question that the scan over codes leaves to the
	// engine, and why: keys, condition, field, kinds, memory or unreadable.
	Fallback func(why string, q store.AggregateQuery)
}

func (c Config) withDefaults() (Config, error) {
	root, err := filepath.Abs(c.Root)
	if err != nil {
		return c, err
	}
	c.Root = root
	if c.Threads <= 0 {
		c.Threads = runtime.GOMAXPROCS(0)
	}
	if c.MemoryLimit <= 0 {
		c.MemoryLimit = 1 << 30
	}
	if c.MaxTemp <= 0 {
		c.MaxTemp = 4 << 30
	}
	if c.Queries <= 0 {
		c.Queries = c.Threads
	}
	return c, nil
}

// Lake writes and searches parts. Safe for concurrent use.
type Lake struct {
	root      string
	catalogue store.Catalogue
	create    func(path string) (sink, error)
	encoders  sync.Pool
	engine    *engine
	needles   needles

	threads    int
	cache      *codes.Cache // of columns for the scan
	scanMemory int64        // bytes the groups of one scan may take
	readers    sync.Pool
	executor   executor
	fallback   func(why string, q store.AggregateQuery)
}

var (
	_ store.Searcher = (*Lake)(nil)
	_ store.Batcher  = (*Lake)(nil)
)

// ErrNoCatalogue is the answer to a query of a lake opened without a catalogue.
var ErrNoCatalogue = errors.New("the lake has no catalogue to search")

// Open makes the folders and, when there is a catalogue, starts the engine. Close it.
func Open(c Config) (*Lake, error) {
	c, err := c.withDefaults()
	if err == nil {
		err = os.MkdirAll(c.Root, 0o750)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the lake: %w", err)
	}
	l := &Lake{root: c.Root, catalogue: c.Catalogue, create: createExclusive, fallback: c.Fallback}
	l.encoders.New = func() any { return newEncoder() }
	l.readers.New = func() any { return pq.NewReader() }
	l.threads = c.Threads
	kept := c.MemoryLimit * 3 / 8
	if c.MemoryLimit >= 1<<30 { // a dashboard over 10 M events then finds all its columns
		kept = c.MemoryLimit * 5 / 8
	}
	l.cache = codes.NewCache(kept)
	l.scanMemory = c.MemoryLimit / 8
	c.MemoryLimit -= kept
	if c.Catalogue == nil {
		return l, nil
	}
	if l.engine, err = openEngine(c); err != nil {
		return nil, fmt.Errorf("opening the lake: %w", err)
	}
	return l, nil
}

// Close stops the engine. Running queries fail; call it when none is left.
func (l *Lake) Close() error {
	if l.engine == nil {
		return nil
	}
	return l.engine.close()
}
