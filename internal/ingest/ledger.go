// Package ingest moves objects from sources to committed parts: lease, read, normalize, enrich, write,
// commit. It decides order and what happens when something fails; how objects are stored, read or remembered
// is behind the interfaces declared here.
package ingest

import (
	"context"
	"io"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/store"
)

// Object is one blob of a source.
type Object struct {
	event.ObjectIdentity
	Size     int64
	Modified time.Time
	ETag     string
}

// Lease is the right of one worker to load one object until it expires. Epoch is the fencing
// token: a commit with an older one than the ledger's is refused.
type Lease struct {
	Object
	ID    string // event.ObjectIdentity.ID
	Epoch int64
	Tries int
	// Previous tells of loaded objects with the same source, bucket and key, if there are any.
	Previous *Previous
}

// Previous is what is known of the earlier generations of an object.
type Previous struct {
	Size     int64    // of the newest one, as stored
	SHA256   string   // of the newest one, as stored
	EndsLine bool     // plain text whose last byte is a line feed: an appended tail may be loaded alone
	Loaded   []string // ids of all generations that have rows
}

// Outcome is how the load of an object ended.
type Outcome string

// The outcomes. All count as loaded; a read error that may pass is no outcome, see Ledger.Fail.
const (
	Loaded       Outcome = "loaded"
	SameContent  Outcome = "same_content" // an earlier generation had the same bytes
	Unrecognized Outcome = "unrecognized" // no record of it was taken by a log type
	NoEvents     Outcome = "ignored"      // everything in it is known to be no event
)

// Result is one object of a commit.
type Result struct {
	Lease    Lease
	Outcome  Outcome
	SHA256   string // of the object as stored
	Size     int64  // bytes read of it
	EndsLine bool
	TailFrom int64 // > 0: bytes before it are those of the earlier generation
	Counts   logtype.Counts
	Note     string   // what was wrong with it although it was loaded, such as a truncated stream
	Replaces []string // ids of earlier generations whose rows this commit removes
	Rejects  []logtype.Reject
	Findings int64 // of its events; after the commit
	Raised   int64 // alerts it raised, or opened again; after the commit
}

// Written is a part with the number of rows each object has in it.
type Written struct {
	store.Part
	Rows map[string]int64 // by object id
}

// Commit is everything one transaction makes visible.
type Commit struct {
	Parts    []Written // flipped from pending to live
	Replaced []string  // ids of live parts whose remaining rows are in Parts
	Results  []Result
	Replays  []Replayed
	Raises   []alert.Raise // what the findings in Parts add to alerts
}

// Replayed settles a quarantined record.
type Replayed struct {
	Num      int64
	Events   int64
	Filtered int64
	Ignored  int64
}

// Ledger remembers every object and decides which parts are visible; package state.
type Ledger interface {
	// Lease takes pending objects of some sources, oldest first: up to count and maxBytes together, but at least one.
	Lease(ctx context.Context, sources []string, count int, maxBytes int64) ([]Lease, error)
	// Renew prolongs leases; an error means that one is lost.
	Renew(ctx context.Context, leases []Lease) error
	// Prepare records parts as pending before their files are written (T1).
	Prepare(ctx context.Context, leases []Lease, parts []store.Part) error
	// Commit is T2. It returns the alerts whose status it changed.
	Commit(ctx context.Context, c Commit) ([]alert.Change, error)
	// Abort forgets pending parts; their files are removed already or will be.
	Abort(ctx context.Context, parts []store.Part) error
	// Fail gives a leased object back after an error: to be tried again later, or for good. gone: its source no longer has it.
	Fail(ctx context.Context, lease Lease, reason string, again, gone bool) error
	// Release gives leased objects back without blame.
	Release(ctx context.Context, leases []Lease) error
	// PartsOf returns the live parts with rows of any of the objects. done is called when their files are no longer read.
	PartsOf(ctx context.Context, objects []string) (parts []store.Part, done func(), err error)
}

// Source opens objects. A call may return ErrChanged or ErrGone, or another error, which is
// retried unless it says otherwise through Permanent() bool.
type Source interface {
	Open(ctx context.Context, o Object) (io.ReadCloser, error)
	// Check is called right before the commit: nil if the object is still the one that was read.
	Check(ctx context.Context, o Object) error
}

// Feed is a source with what the configuration says of its objects.
type Feed struct {
	Source
	Type func(Object) string // log type of an object; "" = it is recognised. nil = all are
}

func (f Feed) typeOf(o Object) string {
	if f.Type == nil {
		return ""
	}
	return f.Type(o)
}

// Store writes parts.
type Store interface {
	NewPart(b *event.Batch) store.Part
	Write(ctx context.Context, p *store.Part, b *event.Batch, ingested time.Time) error
	// Remove deletes the file of a part that never became visible.
	Remove(p store.Part) error
	// Without writes a copy of a live part that lacks the rows of some objects, and returns how many rows the others
	// have. Nothing left = no file.
	Without(ctx context.Context, p store.Part, into *store.Part, objects []string) (map[string]int64, error)
}

// Stage adds to a batch between normalizing and storing.
type Stage interface {
	Enrich(b *event.Batch)
}
