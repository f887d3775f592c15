// Package httpapi lets other processes use a running Yagura: health and metrics for
// machines, and the control socket over which commands beside a server do their work. It
// carries requests; what they mean is decided by the Service handed in.
package httpapi

import (
	"context"
	"io"
	"time"
)

// Service is what a person may ask for. app implements it over an open data folder, Client
// over the socket of the process that holds the folder, so that a command need not know which.
type Service interface {
	// Query runs a query and writes the answer in the output format asked for. What is probably
	// not meant (a field that no log type has) is told to warn before anything is written.
	Query(ctx context.Context, q QueryRequest, w io.Writer, warn func(text string)) error
	// Load reads objects until none is left and reports progress on the way.
	Load(ctx context.Context, l LoadRequest, progress func(Progress)) (LoadSummary, error)
	// Sources tells the state of each source.
	Sources(ctx context.Context) ([]SourceStatus, error)
	// Quarantine lists groups, or the records of one group, or one record.
	Quarantine(ctx context.Context, q QuarantineRequest) (QuarantineAnswer, error)
	// Replay normalises quarantined records again with the definitions in force.
	Replay(ctx context.Context, q QuarantineRequest) (ReplaySummary, error)
	AlertService
	Access
}

// QueryRequest is one query of a person at a terminal or in a script.
type QueryRequest struct {
	Text   string `json:"text"`
	Since  string `json:"since,omitempty"` // as the query language reads times
	Until  string `json:"until,omitempty"`
	Zone   string `json:"zone,omitempty"`
	Output string `json:"output"` // table, json, ndjson, csv
	Limit  int    `json:"limit,omitempty"`
	Width  int    `json:"width,omitempty"` // columns of the terminal, 0 = unknown
	Lang   string `json:"lang,omitempty"`  // en or ja: language of sentences; empty = none
	Stats  bool   `json:"stats,omitempty"` // add what the answer cost
	Yes    bool   `json:"yes,omitempty"`   // agree to a dear search
}

// LoadRequest names what to load: a file, a folder or s3://bucket/prefix.
type LoadRequest struct {
	Target string `json:"target"`
	Type   string `json:"type,omitempty"`
}

// Progress is how far a load is.
type Progress struct {
	Objects     int64         `json:"objects"` // finished
	Total       int64         `json:"total"`   // found so far
	Events      int64         `json:"events"`
	Bytes       int64         `json:"bytes"` // decoded
	StoredIn    int64         `json:"stored_in"`
	TotalStored int64         `json:"total_stored"` // object bytes found
	Failed      int64         `json:"failed"`
	Listing     bool          `json:"listing"` // more may be found
	Elapsed     time.Duration `json:"elapsed"`
}

// LoadSummary is the closing count. Records = Events + Filtered + Ignored + Quarantined.
type LoadSummary struct {
	Objects     int64            `json:"objects"` // offered by the target
	Loaded      int64            `json:"loaded"`
	Known       int64            `json:"known"` // loaded before, or same content
	Failed      int64            `json:"failed"`
	Resumed     int64            `json:"resumed,omitempty"` // objects of an interrupted load finished on the way, not counted here
	Records     int64            `json:"records"`
	Events      int64            `json:"events"`
	Filtered    int64            `json:"filtered"`
	Ignored     int64            `json:"ignored"`
	Quarantined int64            `json:"quarantined"`
	Bytes       int64            `json:"bytes"`
	Types       map[string]int64 `json:"types,omitempty"`
	Findings    int64            `json:"findings"`         // of the events
	Raised      int64            `json:"raised,omitempty"` // alerts they raised, or opened again
	Errors      []ObjectError    `json:"errors,omitempty"`
	Notices     []string         `json:"notices,omitempty"` // what enrichment had to do without
	Elapsed     time.Duration    `json:"elapsed"`
}

// ObjectError is an object that could not be read, or not to its end.
type ObjectError struct {
	Object string `json:"object"`
	Reason string `json:"reason"`
}

// SourceStatus is the state of one source.
type SourceStatus struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Where   string `json:"where"`
	Pending int64  `json:"pending"`
	Done    int64  `json:"done"`
	// Unrecognized are objects of which no log type took any record; they are loaded again when asked to, see Load.
	Unrecognized int64 `json:"unrecognized"`
	// Lag is the age of the oldest object that waits.
	Lag         time.Duration `json:"lag"`
	Failed      int64         `json:"failed"`
	Events      int64         `json:"events"`
	Quarantined int64         `json:"quarantined"`
	Bytes       int64         `json:"bytes"`
	LastObject  time.Time     `json:"last_object,omitzero"`
	LastCommit  time.Time     `json:"last_commit,omitzero"`
	Error       string        `json:"error,omitempty"`
}

// QuarantineRequest selects quarantined records; the zero value selects all open ones.
type QuarantineRequest struct {
	ID     int64  `json:"id,omitempty"`
	Type   string `json:"type,omitempty"`
	Reason string `json:"reason,omitempty"`
	Limit  int    `json:"limit,omitempty"`
}

// QuarantineAnswer holds groups, or records when a group or record was selected.
type QuarantineAnswer struct {
	Groups  []QuarantineGroup  `json:"groups,omitzero"`
	Records []QuarantineRecord `json:"records,omitzero"`
}

// QuarantineGroup counts the open records of one log type and reason.
type QuarantineGroup struct {
	Type   string    `json:"type"`
	Reason string    `json:"reason"`
	Count  int64     `json:"count"`
	Last   time.Time `json:"last"`
	Sample string    `json:"sample"` // detail of the latest
}

// QuarantineRecord is one record that failed, with masked bytes.
type QuarantineRecord struct {
	ID     int64     `json:"id"`
	Object string    `json:"object"` // source, bucket and key
	Type   string    `json:"type"`
	Reason string    `json:"reason"`
	Detail string    `json:"detail"`
	Offset int64     `json:"offset"`
	Length int64     `json:"length"`
	SHA256 string    `json:"sha256"`
	Raw    []byte    `json:"raw,omitempty"`
	Time   time.Time `json:"time"`
}

// ReplaySummary counts what became of replayed records.
type ReplaySummary struct {
	Replayed int64 `json:"replayed"`
	Events   int64 `json:"events"`
	Filtered int64 `json:"filtered"`
	Left     int64 `json:"left"` // failed again and stay where they are
	// Cut are records of which only the beginning was kept: they need their object again.
	Cut int64 `json:"cut"`
}
