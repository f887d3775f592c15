// Package store declares what an event store is asked and answers: parts, queries, results.
// A store prepares part files and scans them; which parts are visible is decided by the
// catalogue (package state), handed in as a Snapshot.
package store

import (
	"context"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Part describes one immutable file of events of one log type and UTC day.
type Part struct {
	ID       string // UUIDv7, never reused
	LogType  string
	Version  int    // of the log type's table
	Day      int32  // UTC day since 1970-01-01
	Tier     string // "hot"; Path is relative to the root of its tier
	Path     string
	Rows     int64
	Bytes    int64 // size of the file
	RawBytes int64 // decoded bytes of the records in it
	MinTime  int64 // @timestamp, ns
	MaxTime  int64
	SHA256   string // of the file, lower-case hex
	Fields   []Field
	Original bool
	Rest     bool
	Derived  bool                   // see schema.Table
	Stats    map[string]ColumnStats // by field name; a field that is absent in all rows has none
	Seq      int64                  // commit sequence that made it visible; 0 before
}

// Field is a stored column: name and kind.
type Field struct {
	Name string      `json:"n"`
	Kind schema.Kind `json:"k"`
}

// ColumnStats says what values a column holds, so that a planner can leave the part out.
type ColumnStats struct {
	Present  int64    `json:"p,omitempty"` // rows with a value
	Min      string   `json:"a,omitempty"` // text: bytewise; IP: 16-byte hex; numbers and times: decimal
	Max      string   `json:"z,omitempty"`
	Values   []string `json:"v,omitempty"` // all distinct values, when at most 16 and short
	Distinct int64    `json:"d,omitempty"` // exact number of distinct values; 0 = not counted
	NonASCII bool     `json:"u,omitempty"` // some value has bytes >= 0x80: engine lower-casing is not Fold
}

// Snapshot is a consistent set of live parts. Files named by it stay readable until Release.
type Snapshot struct {
	Seq     int64 // catalogue version
	Parts   []Part
	Release func()
}

// Catalogue hands out snapshots. types empty = all log types but the derived ones; times in ns,
// [from, to).
type Catalogue interface {
	Snapshot(ctx context.Context, types []string, from, to int64) (Snapshot, error)
}

// Query selects events: those of the types (none named = all but the derived ones), with @timestamp in [From, To), for which Where
// holds (nil = all).
type Query struct {
	Types []string
	From  int64
	To    int64
	Where expr.Node
}

// EventsQuery asks for events themselves, in an order, a page at a time.
type EventsQuery struct {
	Query
	Fields []string // nil = all that have a value
	Oldest bool     // ascending time; default newest first. Ties: event id ascending in both
	Limit  int      // 1 to 10,000
	After  *Cursor  // the last event of the page before
}

// Cursor is a place between two events of one order. Seq pins the catalogue version so that
// pages are stable while data arrives.
type Cursor struct {
	Seq  int64
	Time int64
	ID   string
}

// Event is one event as stored: values by dotted name. Value types: string, int64, float64,
// bool, time.Time (UTC), []string. Absent fields are not in the map.
type Event struct {
	ID      string
	LogType string
	Time    time.Time
	Fields  map[string]any
}

// EventsResult is a page.
type EventsResult struct {
	Events []Event
	Next   *Cursor // nil at the end
	Stats  Stats
}

// Key is a group key: a field, or time in buckets. Events where the field is absent form one
// group with a nil key, so that counts add up; a list field counts an event once under each
// distinct element.
type Key struct {
	Name    string
	Field   string
	Buckets *Buckets // of a Time field; nil = group by value
}

// Buckets are half-open intervals [Edges[i], Edges[i+1]) in ns, ascending, computed for a
// zone; a time outside them falls into no group. The key of a group is its lower edge.
type Buckets struct {
	Edges []int64
	// Width is set (ns) when all buckets have that width, so that a store can divide.
	Width int64
}

// Func is an aggregate function.
type Func string

// The aggregate functions. All but Count take a field; absent values are not counted.
const (
	Count      Func = "count"      // events; with a field, events that have it
	Distinct   Func = "distinct"   // exact number of distinct values
	Sum        Func = "sum"        // numeric
	Avg        Func = "avg"        // numeric
	Min        Func = "min"        // number, time or text
	Max        Func = "max"        //
	Percentile Func = "percentile" // Arg in (0, 100): exact, linear interpolation
)

// Agg is one aggregate column.
type Agg struct {
	Name  string
	Func  Func
	Field string
	Arg   float64
}

// Sort orders groups by a result column; nulls last in both directions.
type Sort struct {
	Column string
	Desc   bool
}

// AggregateQuery asks for statistics by group. Without keys there is one group, even when
// no event matches. Ties after Sort are broken by the keys ascending.
type AggregateQuery struct {
	Query
	By    []Key
	Aggs  []Agg
	Sort  []Sort
	Limit int // 0 = 10,000
}

// Column describes a result column. Exact is false for an approximation, Error its bound
// (relative).
type Column struct {
	Name  string
	Kind  schema.Kind
	Exact bool
	Error float64
}

// Table is the answer to an AggregateQuery. Cells: nil, string, int64, float64, bool, time.Time.
type Table struct {
	Columns []Column
	Rows    [][]any
	More    bool // groups beyond Limit were cut
	Stats   Stats
}

// Stats says what an answer cost and whether it is whole.
type Stats struct {
	Parts       int // parts in range of type and time
	PartsRead   int // parts left after statistics
	Rows        int64
	Bytes       int64
	Elapsed     time.Duration
	Partial     bool
	PartialNote string
	Cached      bool // remembered from before: nothing was read now
}

// Estimate is the cost of a query before it runs.
type Estimate struct {
	Parts int
	Rows  int64
	Bytes int64
}

// Searcher answers queries over a snapshot it takes itself.
type Searcher interface {
	Events(ctx context.Context, q EventsQuery) (EventsResult, error)
	Aggregate(ctx context.Context, q AggregateQuery) (Table, error)
	Estimate(ctx context.Context, q Query) (Estimate, error)
}

// Batcher answers several statistics queries from one snapshot, sharing what they have in
// common. tables[i] and errs[i] are what Aggregate of the i-th would give.
type Batcher interface {
	AggregateBatch(ctx context.Context, qs []AggregateQuery) (tables []Table, errs []error)
}
