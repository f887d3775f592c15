package content

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

// Enricher adds context to a sealed batch (enrich.Worker does).
type Enricher interface{ Enrich(b *event.Batch) }

// reading is everything that came out of one object, in the order of its records.
type reading struct {
	events  []readEvent
	rejects []logtype.Reject
	notes   []*logtype.Explanation // one a record, when asked for
	counts  logtype.Counts
	decoded []byte        // the object without compression
	info    envelope.Info // what was taken off
	err     error         // why reading ended early, nil = at the end
}

// readEvent is one row of a batch.
type readEvent struct {
	batch  *event.Batch
	row    int
	offset int64
	index  int32
}

func (e readEvent) document() event.Document { return e.batch.Document(e.row) }

// readOptions say how an object is read.
type readOptions struct {
	forced string    // log type; "" = recognise
	now    time.Time // the clock
	enrich Enricher  // nil = none
	notes  bool      // keep an explanation of every record
}

// read runs one object through a set of log types as a load would. name is its object key.
func read(ctx context.Context, set *logtype.Set, name string, raw []byte, ro readOptions) (reading, error) {
	var r reading
	r.decoded, r.info, r.err = decompress(raw)
	sink := &collector{with: ro.enrich, into: &r}
	o := logtype.Options{Now: func() time.Time { return ro.now }, Unwrap: envelope.Unwrap}
	if ro.notes {
		o.Explain = func(x *logtype.Explanation) { r.notes = append(r.notes, x) }
	}
	rd := set.NewReader(o)
	id := event.ObjectIdentity{Source: "file", Key: name, Version: "1"}.ID()
	var err error
	r.counts, err = rd.Read(ctx, logtype.Object{ID: id, Source: "file", Key: name, Type: ro.forced}, bytes.NewReader(r.decoded), sink)
	if err != nil {
		return r, fmt.Errorf("reading %s: %w", name, err)
	}
	if err := sink.Cut(rd.Flush()); err != nil {
		return r, fmt.Errorf("reading %s: %w", name, err)
	}
	slices.SortStableFunc(r.events, func(a, b readEvent) int {
		return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(a.index, b.index))
	})
	slices.SortStableFunc(r.rejects, func(a, b logtype.Reject) int { return cmp.Compare(a.Offset, b.Offset) })
	return r, nil
}

// collector keeps all batches and rejects in memory.
type collector struct {
	with Enricher
	into *reading
}

// Cut takes sealed batches.
func (c *collector) Cut(batches []*event.Batch) error {
	for _, b := range batches {
		if c.with != nil {
			c.with.Enrich(b)
		}
		for row := range b.Rows {
			c.into.events = append(c.into.events, readEvent{b, row, b.Offset[row], b.Index[row]})
		}
	}
	return nil
}

// Reject takes one refused record.
func (c *collector) Reject(r logtype.Reject) error {
	c.into.rejects = append(c.into.rejects, r)
	return nil
}

// Samples returns the events of the good samples of a log type as sealed batches, for whoever
// wants to run something over them (ready questions, dashboards). with may be nil.
func (c *Content) Samples(ctx context.Context, f Folder, with Enricher) ([]*event.Batch, error) {
	fixtures, err := f.Fixtures()
	if err != nil {
		return nil, err
	}
	now, err := f.clock()
	if err != nil {
		return nil, err
	}
	var out []*event.Batch
	for _, x := range fixtures {
		if x.Bad {
			continue
		}
		raw, err := readFile(f.FS, x.Name)
		if err != nil {
			return nil, fmt.Errorf("reading sample %s: %w", f.File(x.Name), err)
		}
		got, err := read(ctx, c.Set, x.Name, raw, readOptions{now: now, enrich: with})
		if err != nil {
			return nil, err
		}
		for _, e := range got.events {
			if e.batch.Table.LogType == f.Name && !slices.Contains(out, e.batch) {
				out = append(out, e.batch)
			}
		}
	}
	return out, nil
}

// leftOver are the undeclared leaves of an event.
func leftOver(doc event.Document) map[string]string {
	m, _ := doc[event.NativeField].(map[string]string)
	return m
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
