package state

import (
	"fmt"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
)

// State of an object in the ledger. docs/design/state.md shows the transitions.
type State int

// The numbers are stored; migrations name them too.
const (
	Pending      State = 0 // waits for its turn
	Waiting      State = 1 // failed in a way that may pass, waits for its retry time
	Leased       State = 2 // somebody works on it
	Done         State = 3 // loaded; its counts add up
	Failed       State = 4 // given up after too many tries, or for good; Retry makes it pending
	Skipped      State = 5 // same content as the generation before
	Ignored      State = 6 // recognised as something that holds no events
	Unrecognized State = 7 // no log type claims any of it
	Gone         State = 8 // was removed or changed at its source before it could be read
	Replaced     State = 9 // a later generation stands in its place
)

var stateNames = [...]string{"pending", "waiting", "leased", "done", "failed", "skipped", "ignored", "unrecognized", "gone", "replaced"}

// String is the name users see.
func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return fmt.Sprintf("state(%d)", int(s))
	}
	return stateNames[s]
}

// ParseState reads the name of a state.
func ParseState(name string) (State, error) {
	for i, n := range stateNames {
		if n == name {
			return State(i), nil
		}
	}
	return 0, fmt.Errorf("object state %q: want one of %v", name, stateNames)
}

// MarshalText writes the name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *State) UnmarshalText(b []byte) (err error) {
	*s, err = ParseState(string(b))
	return err
}

// ObjectInfo is an object as a source lists it.
type ObjectInfo struct {
	event.ObjectIdentity
	ETag     string    // for If-Match; may equal the version
	Size     int64     // bytes as stored, compressed
	Modified time.Time // at the source; the queue is served in this order
}

// Counts says what became of the records of an object:
// Records = Events + Filtered + Ignored + Quarantined.
type Counts struct {
	Records     int64 `json:"records"`
	Events      int64 `json:"events"`
	Filtered    int64 `json:"filtered"`
	Ignored     int64 `json:"ignored"`
	Quarantined int64 `json:"quarantined"`
}

// Add returns the sum.
func (c Counts) Add(o Counts) Counts {
	return Counts{c.Records + o.Records, c.Events + o.Events, c.Filtered + o.Filtered, c.Ignored + o.Ignored, c.Quarantined + o.Quarantined}
}

func (c Counts) minus() Counts {
	return Counts{-c.Records, -c.Events, -c.Filtered, -c.Ignored, -c.Quarantined}
}

// Check reports counts that are negative or do not add up.
func (c Counts) Check() error {
	if c.Events < 0 || c.Filtered < 0 || c.Ignored < 0 || c.Quarantined < 0 || c.Records != c.Events+c.Filtered+c.Ignored+c.Quarantined {
		return invalid("counts do not add up: %d records, but %d events + %d filtered + %d ignored + %d quarantined",
			c.Records, c.Events, c.Filtered, c.Ignored, c.Quarantined)
	}
	return nil
}

// Object is a row of the ledger.
type Object struct {
	ObjectInfo
	Num         int64 // order of discovery
	ID          string
	State       State
	Generation  int // 1 for the first version of a key, then 2, 3…
	Discovered  time.Time
	Tries       int
	RetryAt     time.Time // when Waiting
	Owner       string    // when Leased
	Reason      string    // short code, when it did not end as Done
	Detail      string    // for people
	LogTypes    []string  // found in it
	Counts      Counts
	ContentHash string
	ContentSize int64
	TailFrom    int64 // its rows start at this offset, the rest is in the generation before
	Seq         int64 // commit that finished it
	DoneAt      time.Time
}

// nanos is how times are stored; the zero time is 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
