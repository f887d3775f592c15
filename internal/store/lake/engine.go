package lake

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/yagura-siem/yagura/internal/store"
)

// maxPage is the longest page of events.
const maxPage = 10_000

// engine is one DuckDB instance in memory, locked down to reading below the root of the lake.
type engine struct {
	db        *sql.DB
	spill     string        // folder of spilled data, our own
	slots     chan struct{} // one per query that may run
	functions *functions
}

func openEngine(c Config) (*engine, error) {
	spill, err := spillFolder(c)
	if err != nil {
		return nil, fmt.Errorf("making the folder for spilled data: %w", err)
	}
	connector, err := duckdb.NewConnector("", func(driver.ExecerContext) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("starting DuckDB: %w", err)
	}
	e := &engine{db: sql.OpenDB(connector), spill: spill, slots: make(chan struct{}, c.Queries), functions: newFunctions()}
	e.db.SetMaxIdleConns(c.Queries)
	if err := e.setUp(c); err != nil {
		_ = e.close()
		return nil, fmt.Errorf("starting DuckDB: %w", err)
	}
	return e, nil
}

// setUp registers our function and settles every option; after it none can be changed.
func (e *engine) setUp(c Config) error {
	ctx := context.Background()
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := e.functions.register(conn); err != nil {
		return fmt.Errorf("registering %s: %w", matchFunction, err)
	}
	for _, o := range [][2]string{
		{"threads", strconv.Itoa(c.Threads)},
		{"memory_limit", quote(strconv.FormatInt(c.MemoryLimit, 10) + "B")},
		{"temp_directory", quote(e.spill)},
		{"max_temp_directory_size", quote(strconv.FormatInt(c.MaxTemp, 10) + "B")},
		// A page of full events reads only the columns of its own rows.
		{"late_materialization_max_rows", strconv.Itoa(maxPage + 1)},
		{"parquet_metadata_cache", "true"},
		{"preserve_insertion_order", "false"},
		{"default_null_order", quote("nulls_last")},
		{"TimeZone", quote("UTC")},
		{"autoinstall_known_extensions", "false"},
		{"autoload_known_extensions", "false"},
		{"allow_community_extensions", "false"},
		{"allowed_directories", "[" + quote(c.Root+string(os.PathSeparator)) + ", " + quote(e.spill+string(os.PathSeparator)) + "]"},
		{"enable_external_access", "false"},
		{"lock_configuration", "true"},
	} {
		if _, err := conn.ExecContext(ctx, "SET GLOBAL "+o[0]+" = "+o[1]); err != nil {
			return fmt.Errorf("setting %s: %w", o[0], err)
		}
	}
	return nil
}

func (e *engine) close() error { return errors.Join(e.db.Close(), os.RemoveAll(e.spill)) }

// spillFolder makes a fresh folder. Below the lake's own it first removes what a crash left;
// in a folder given by the user only Close removes what Open made.
func spillFolder(c Config) (string, error) {
	if c.TempDir == "" {
		c.TempDir = filepath.Join(c.Root, ".tmp")
		if err := os.RemoveAll(c.TempDir); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(c.TempDir, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(c.TempDir, "spill-")
}

// acquire waits for a place to run a query in; the caller calls release.
func (e *engine) acquire(ctx context.Context) (release func(), err error) {
	select {
	case e.slots <- struct{}{}:
		return func() { <-e.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// query runs one statement and calls each with the values of every row; they are valid only
// during the call.
func (e *engine) query(ctx context.Context, text string, each func(row []any) error) error {
	rows, err := e.db.QueryContext(ctx, text)
	if err != nil {
		return ctxError(ctx, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	vals, ptrs := make([]any, len(names)), make([]any, len(names))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return err
		}
		if err := each(vals); err != nil {
			return err
		}
	}
	return ctxError(ctx, rows.Err())
}

// ErrMemory says that an answer does not fit into the memory of the engine.
var ErrMemory = errors.New("the answer does not fit into memory: ask for fewer events, fields or groups")

// ctxError prefers the reason of an interrupt to the engine's word for it, and our word for a
// lack of memory.
func ctxError(ctx context.Context, err error) error {
	var known *duckdb.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &known) && known.Type == duckdb.ErrorTypeOutOfMemory:
		return fmt.Errorf("%w (%w)", ErrMemory, err)
	}
	return err
}

// cost adds up what the parts of a plan cost.
func cost(s *store.Stats, parts []store.Part) {
	s.PartsRead = len(parts)
	for i := range parts {
		s.Rows += parts[i].Rows
		s.Bytes += parts[i].Bytes
	}
}
