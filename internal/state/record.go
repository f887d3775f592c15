package state

import (
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/store"
)

// CommitRecord is everything that becomes visible together. Loading, replaying quarantined
// records, compaction and retention all are commits.
type CommitRecord struct {
	Objects []ObjectResult // leased objects that are finished
	Parts   []CommitPart   // pending parts that become live
	Replace []string       // live parts whose rows are in Parts now (except those of replaced objects)
	Drop    []string       // live parts whose rows go for good (retention)

	Quarantine  []Quarantined // records of Objects that failed
	Replays     []Replay      // quarantined records that are settled
	Signals     []Signal      // of Objects
	Raises      []alert.Raise // what Objects and the objects of Replays add to alerts; as many findings as rows in derived Parts
	Findings    []Finding
	Occurrences []Occurrence
}

// Committed tells what a commit has become.
type Committed struct {
	Seq    int64
	Alerts []alert.Change // alerts whose status changed
}

// ObjectResult finishes the lease of an object.
type ObjectResult struct {
	ID    string
	Epoch int64
	// State is Done, Skipped, Ignored or Unrecognized. Only Done may have events. An
	// Unrecognized or Ignored object may still count its records.
	State       State
	Counts      Counts
	LogTypes    []string
	Reason      string // why not Done; code
	Detail      string
	ContentHash string // of the whole content, for the comparison with a later generation
	ContentSize int64
	// TailFrom > 0: the content up to here is that of the prior generation, whose rows stay;
	// this object holds the rows from here on.
	//
	// A later generation that is neither Skipped nor a tail replaces all earlier ones: the parts
	// that hold their rows (PartsOf) must be in Replace. The commit is refused with ErrConflict
	// while a live part still holds one.
	TailFrom int64
}

// CommitPart is a finished part and what belongs to it.
type CommitPart struct {
	store.Part
	// Objects are those whose rows it holds; they add up to Rows. Rows of a Derived part are made
	// from events (findings): they do not count against the events of an object, but against what
	// it raises.
	Objects  []ObjectRows
	Sidecars []Sidecar
}

// ObjectRows is how many rows of an object a part holds.
type ObjectRows struct {
	Object string
	Rows   int64
}

// Sidecar is a rollup of one part; it lives and dies with it. Either Data or Path is set.
type Sidecar struct {
	Name    string
	Version int
	Tier    string
	Path    string
	Rows    int64
	Bytes   int64
	SHA256  string
	Data    []byte
}

// Quarantined is a record that could not become an event.
type Quarantined struct {
	Object  string
	LogType string // "" when not recognised
	Reason  string // short code, groups alike records
	Detail  string // for people
	Offset  int64  // where the record starts in the decoded stream
	Wrapped bool   // it was inside a delivery wrapper, which starts at Offset
	Index   int32  // then: its number among the events of that wrapper
	Length  int64  // of the whole record
	Records int64  // neighbouring records with the same fate this stands for; 0 = 1
	SHA256  string // of the whole record before masking
	Body    []byte // masked first bytes; the caller bounds it
}

// Replay settles a quarantined record: it became events, or was found to be none. The record
// moves from the quarantined to the events, filtered or ignored count of its object.
type Replay struct {
	Num      int64 // Quarantined by number, see QuarantineEntry
	Events   int64 // rows of its object in Parts
	Filtered int64
	Ignored  int64
}

// Signal is one match of a stateful rule's base condition.
type Signal struct {
	Rule        string
	RuleVersion int
	Time        int64 // ns
	Key         string
	Value       string
	EventID     string
	Object      string
}

// Finding is a rule match. ID = hash(rule, version, key, anchor); a known (ID, Revision) is left
// as it is.
type Finding struct {
	ID          string
	Revision    int
	Rule        string
	RuleVersion int
	Key         string
	Anchor      int64
	Time        int64
	Events      []string
	Detail      []byte // JSON
	Withdrawn   bool
}

// Occurrence is what alerting receives of a finding, immutable, unique on (Finding, Revision).
type Occurrence struct {
	Finding     string
	Revision    int
	Source      string
	Fingerprint string
	Severity    int
	Time        int64
	Body        []byte
}

// QuarantineEntry is a stored quarantined record.
type QuarantineEntry struct {
	Num int64
	Quarantined
	Identity ObjectInfo // of the object
	At       time.Time
	Seq      int64
	Replayed int64 // commit that settled it; 0 = open
}
