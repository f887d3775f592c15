// Package source says what a source of objects is: something that lists objects and opens them one
// by one. Kinds of source are the packages below it; sourcetest holds them to this contract. What
// was loaded already is not a source's business: the ledger knows.
package source

import (
	"context"
	"io"
	"time"
)

// Object is one blob as it was listed. Source, Bucket, Key and Version are its identity: a changed
// blob under the same key is another object.
type Object struct {
	Source   string // name of the source
	Bucket   string // "" for a folder
	Key      string // slash-separated, below the folder or bucket
	Version  string // changes whenever the content may have changed
	Size     int64  // bytes, as stored
	Modified time.Time
	ETag     string // as the server gave it, quotes included; "" for a folder
}

// Pass is how thoroughly a scan looks.
type Pass uint8

const (
	// Fast finds what is new in the usual places, cheap enough for every second or two. It may
	// overlook objects whose keys come out of order.
	Fast Pass = iota
	// Relist lists the last days again, whatever the order of keys, and finds new places.
	Relist
	// Full lists everything there is.
	Full
)

func (p Pass) String() string { return [...]string{"fast", "relist", "full"}[p] }

// Cursors is what a source remembers between fast passes: plain text by place. The caller stores
// it and hands it in again; without it nothing is lost, only listed again.
type Cursors map[string]string

// Source is a place where objects arrive. Its methods may be called concurrently, except that only
// one Scan runs at a time.
type Source interface {
	// Name is the configured name, unique in one program.
	Name() string

	// Scan lists objects and hands them to yield in groups of at most 1000, never empty, in no
	// promised order; yield is not called concurrently and owns the slice. An object may be
	// handed out again in a later scan: the caller knows what it has. When yield returns nil the
	// caller has recorded the group; only then cursors move, in place. An error of yield ends the
	// scan and is returned as it is.
	// A place or object that cannot be looked at does not stop the scan: the rest is listed and the
	// faults are returned joined, each an *Error.
	Scan(ctx context.Context, pass Pass, cursors Cursors, yield func([]Object) error) error

	// Open reads exactly the object that was listed, from its beginning; the caller closes it.
	// The error, also one of Read, is an *Error with one of its causes, or wraps the context's own
	// when that ended. The reader may also be an io.ReaderAt and io.Seeker.
	Open(ctx context.Context, o Object) (io.ReadCloser, error)

	// Check reports whether the object is still the one that was listed (nil) or not (an *Error).
	Check(ctx context.Context, o Object) error

	// Close ends the source; open readers stay usable until they are closed.
	Close() error
}

// MaxGroup is the highest number of objects handed to yield at once.
const MaxGroup = 1000
