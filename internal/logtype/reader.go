package logtype

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

// Object is what is known of the object being read.
type Object struct {
	ID     string // event.ObjectIdentity.ID
	Source string
	Bucket string
	Key    string
	Type   string // log type the source says it is; "" = recognise
	Piece  *Piece // what is read is not the whole object; nil = it is
}

// Piece says where in its object a stream was cut out, such as a quarantined record, so that its
// events have the ids they would have had there.
type Piece struct {
	Offset  int64 // in the decoded stream, of the first byte, or of the delivery wrapper around it
	Wrapped bool  // it was inside a delivery wrapper
	Index   int32 // then: its number among the events of that wrapper
}

// Options bound a reader. The zero value of each field means its default.
type Options struct {
	Now        func() time.Time // ingest time for events without a good time; default time.Now
	MaxRecord  int              // bytes of one record, default 16 MiB
	ChunkBytes int              // bytes of a buffer, default 4 MiB
	BatchBytes int64            // decoded bytes in open batches before they are cut, default 64 MiB
	Type       string           // log type of all objects that do not name one; "" = recognise
	// DropOriginal leaves event.original out whatever the log type says.
	DropOriginal bool
	// Unwrap takes a record out of its delivery wrapper; nil = there are none.
	Unwrap func(rec []byte) (msgs []envelope.Message, kind string, ok bool, err error)
	// Explain, when set, is told about every record. It makes reading slow.
	Explain func(*Explanation)
}

// Sink takes what a Reader has finished. An error ends the Read.
type Sink interface {
	Cut([]*event.Batch) error
	Reject(Reject) error
}

// Counts add up what became of the records of an object:
// Records == Events + Filtered + Ignored + Quarantined.
type Counts struct {
	Records     int64
	Events      int64
	Filtered    int64
	Ignored     int64
	Quarantined int64
	Conversions int64 // values that did not fit their field
	BadTimes    int64 // events with event.time_quality
	Bytes       int64 // decoded
	Types       map[string]int64
}

// Reasons of a Reject.
const (
	ReasonUnrecognized = "unrecognised" // no log type takes the record
	ReasonSyntax       = "syntax"       // not JSON, or not in the form of its log type
	ReasonTruncated    = "truncated"    // the stream ended inside a record
	ReasonTooLarge     = "too_large"    // longer than MaxRecord
	ReasonRequired     = "required"     // a required field is absent
	ReasonEnvelope     = "envelope"     // its delivery wrapper could not be taken off
	ReasonFrame        = "frame"        // text where the log type wants JSON, or the other way round
)

// Reject is a quarantined record, or a run of neighbouring ones that were rejected for one
// reason (Records counts them).
type Reject struct {
	Type    string // log type, "" when unknown
	Offset  int64  // in the decoded stream
	Wrapped bool   // it was inside a delivery wrapper, which starts at Offset
	Index   int32  // then: its number among the events of that wrapper
	Length  int64  // bytes; 0 when something is missing rather than bad
	Records int64
	Reason  string
	Detail  string
	Raw     []byte // masked, at most 64 KiB, a copy
	SHA256  string // of all bytes
}

// Reader turns decoded streams into batches. It is not safe for concurrent use. Objects share
// open batches. Buffers it hands over in batches are used again only when the batches have been
// released.
type Reader struct {
	set    *Set
	o      Options
	states []*typeState // by type number
	probe  *parse.Scanner
	walker *parse.Scanner
	doc    *parse.Scanner

	open    []*builder
	last    *builder
	builds  uint64
	pending int64 // decoded bytes in open batches
	sizes   map[*Type]*sizes

	buf   []byte        // current chunk
	chunk *event.Buffer // its holder
	spare spare
	fill  int           // bytes used of it
	ahead int           // bytes read before they are parsed
	side  *event.Buffer // block for payloads of envelopes
	used  int

	// Of the object being read.
	obj      Object
	forced   *typeState
	sink     Sink
	counts   Counts
	contexts uint64 // number of the (object, envelope) in effect
	nested   [envelope.MaxDepth + 1]*typeState
	now      int64
	day      event.Day // of now
}

// typeState is what a reader keeps for one type.
type typeState struct {
	t        *Type
	n        int
	env      *env
	line     *lineReader
	programs *programs
	context  uint64
	count    int64 // events of the object being read
}

const (
	defaultMaxRecord  = 16 << 20
	defaultChunk      = 4 << 20
	defaultBatchBytes = 64 << 20
	readAhead         = 128 << 10 // bytes read before they are parsed
	maxRaw            = 64 << 10  // bytes of a rejected record that are kept
)

// NewReader makes a reader over a set.
func (s *Set) NewReader(o Options) *Reader {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxRecord <= 0 {
		o.MaxRecord = defaultMaxRecord
	}
	if o.ChunkBytes <= 0 {
		o.ChunkBytes = defaultChunk
	}
	if o.BatchBytes <= 0 {
		o.BatchBytes = defaultBatchBytes
	}
	r := &Reader{set: s, o: o, states: make([]*typeState, len(s.types)), sizes: map[*Type]*sizes{}, ahead: readAhead}
	r.spare.size = o.ChunkBytes + parse.Pad + 4<<10
	r.spare.most = int(o.BatchBytes/int64(o.ChunkBytes)) + 2
	r.probe = s.probe.NewScanner()
	r.doc = s.doc.NewScanner()
	walk := parse.NewSchema()
	walk.Secret = s.secret
	r.walker = walk.NewScanner()
	return r
}

func (r *Reader) state(n int) *typeState {
	if r.states[n] == nil {
		t := r.set.types[n]
		e := &env{
			sc: t.schema.NewScanner(), known: make([]parse.Value, len(t.known)), states: make([]helperState, t.states),
			nested: make([]nestedState, len(t.nested)), hashes: make([]string, len(t.masks)), regexes: make([]map[string]memo, t.regexes),
		}
		r.states[n] = &typeState{t: t, n: n, env: e, programs: newPrograms(t)}
		if t.text != nil {
			r.states[n].line = t.text.newReader()
		} else if r.o.Explain == nil {
			e.sc.Remember()
		}
	}
	return r.states[n]
}

// Read appends the events of one decoded stream to open batches, one per log type and UTC
// day. Sealed batches go to sink.Cut whenever enough has gathered, rejected records to
// sink.Reject. Counts are right also with an error; when decoded fails, what came before is
// read to its end first.
func (r *Reader) Read(ctx context.Context, obj Object, decoded io.Reader, sink Sink) (Counts, error) {
	r.begin(obj, sink)
	defer func() { r.sink = nil }()
	name := obj.Type
	if name == "" {
		name = r.o.Type
	}
	r.forced = nil
	if name != "" {
		t := r.set.byName[name]
		if t == nil {
			return r.finish(), fmt.Errorf("reading %s: unknown log type %q", obj.Key, name)
		}
		for i, x := range r.set.types {
			if x == t {
				r.forced = r.state(i)
			}
		}
	}
	err := r.chunks(ctx, decoded)
	return r.finish(), err
}

func (r *Reader) begin(obj Object, sink Sink) {
	r.obj, r.sink, r.counts = obj, sink, Counts{}
	r.contexts++
	r.nested = [envelope.MaxDepth + 1]*typeState{}
	r.now = r.o.Now().UnixNano()
	for _, b := range r.open {
		b.mark, b.raw = b.batch.Rows, b.batch.RawBytes
	}
	for _, s := range r.states {
		if s != nil {
			s.count = 0
		}
	}
}

func (r *Reader) finish() Counts {
	c := r.counts
	c.Types = map[string]int64{}
	for _, s := range r.states {
		if s != nil && s.count > 0 {
			c.Types[s.t.Name] = s.count
		}
	}
	return c
}

// chunks reads the stream piece by piece. What is left of a piece is carried over.
func (r *Reader) chunks(ctx context.Context, decoded io.Reader) error {
	st := &stream{fixed: -1, context: r.contexts}
	pos := r.fill // first byte that is not parsed yet
	st.base = -int64(pos)
	if p := r.obj.Piece; p != nil && p.Wrapped {
		n := p.Index
		st.fixed, st.index = p.Offset, &n
	} else if p != nil {
		st.base += p.Offset
	}
	need := 1 // unparsed bytes worth another look
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		var rerr error
		for got := 0; (got < r.ahead || r.fill-pos < need) && rerr == nil; {
			if len(r.buf)-parse.Pad-r.fill < 4<<10 {
				moved := r.grow(pos)
				st.base += int64(moved)
				pos -= moved
			}
			var n int
			n, rerr = decoded.Read(r.buf[r.fill : len(r.buf)-parse.Pad])
			r.fill += n
			got += n
			r.counts.Bytes += int64(n)
			if n == 0 && rerr == nil {
				got++ // a reader that gives nothing must not hold us for ever
			}
		}
		clear(r.buf[r.fill:min(len(r.buf), r.fill+parse.Pad)])
		eof := rerr != nil
		st.block = r.chunk
		next, err := r.run(st, r.buf[:r.fill+parse.Pad], pos, eof)
		if err != nil {
			return err
		}
		need = 1
		if next == pos {
			need = 2 * (r.fill - pos)
			if r.fill-pos > r.o.MaxRecord && !eof {
				next = r.startOversize(st, r.buf[:r.fill], pos)
				need = 1
			}
		}
		pos = next
		if eof {
			if err := r.end(st); err != nil {
				return err
			}
			if !errors.Is(rerr, io.EOF) {
				return rerr
			}
			return nil
		}
	}
}

// grow makes room behind the unparsed bytes in a new buffer and returns by how much they moved
// towards its start.
func (r *Reader) grow(pos int) (moved int) {
	left := r.fill - pos
	next := r.spare.take(max(r.o.ChunkBytes, 2*left) + parse.Pad + 4<<10)
	copy(next, r.buf[pos:r.fill])
	if r.chunk != nil {
		r.chunk.Drop()
	}
	r.buf, r.fill = next, left
	r.chunk = event.NewBuffer(next, r.spare.give)
	return pos
}

// Flush seals all open batches and hands them over.
func (r *Reader) Flush() []*event.Batch {
	var out []*event.Batch
	for _, b := range r.open {
		if b.batch.Rows > 0 {
			if z := sizesOf(b.batch); z != nil {
				r.sizes[b.t] = z
			}
			b.batch.Seal()
			out = append(out, b.batch)
		}
	}
	clear(r.open)
	r.open, r.last, r.pending = r.open[:0], nil, 0
	return out
}

// Pending is the number of decoded bytes in open batches.
func (r *Reader) Pending() int64 { return r.pending }

// Rollback drops the rows of the object read last, or being read, from the open batches.
// Batches that were cut meanwhile are out of its reach.
func (r *Reader) Rollback() {
	for _, b := range r.open {
		if b.batch.Rows > b.mark {
			r.pending -= b.batch.RawBytes - b.raw
			b.batch.Truncate(b.mark)
			b.batch.RawBytes = b.raw
		}
	}
}

// builder is the open batch of a type and day.
func (r *Reader) builder(t *Type, day event.Day) (*builder, error) {
	if b := r.last; b != nil && b.t == t && b.batch.Day == day {
		return b, nil
	}
	for _, b := range r.open {
		if b.t == t && b.batch.Day == day {
			r.last = b
			return b, nil
		}
	}
	if len(r.open) >= maxBuilders {
		if err := r.cut(); err != nil {
			return nil, err
		}
	}
	r.builds++
	b := newBuilder(t, day, r.builds, r.sizes[t])
	r.open = append(r.open, b)
	r.last = b
	return b, nil
}

func (r *Reader) cut() error {
	out := r.Flush()
	if len(out) == 0 {
		return nil
	}
	return r.sink.Cut(out)
}
