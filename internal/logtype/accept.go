package logtype

import (
	"fmt"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse"
)

// accept makes an event of a record that its type has read into env.
func (r *Reader) accept(st *stream, ts *typeState, rec []byte, i int, how string) error {
	if r.o.Explain == nil {
		return r.event(st, ts, rec, i, nil)
	}
	x := r.explain(st, ts, rec, i, how)
	err := r.event(st, ts, rec, i, x)
	if x.Outcome != "quarantined" { // flushBad tells about those
		r.o.Explain(x)
	}
	return err
}

// event does the work of accept; x is nil unless it is to be explained.
func (r *Reader) event(st *stream, ts *typeState, rec []byte, i int, x *Explanation) error {
	t, e := ts.t, ts.env
	if st.bad != nil {
		if err := r.flushBad(st); err != nil {
			return err
		}
	}
	e.record++
	e.fails, e.block = 0, st.block
	if ts.context != st.context {
		ts.context = st.context
		t.fillKnown(e.known, &r.obj, &st.wrap, st.doc)
	}
	r.counts.Records++
	if !t.ignored.empty() && t.ignored.json(e.sc) || t.ignore != nil && t.ignore.holds(e) {
		r.counts.Ignored++
		x.outcome("ignored")
		return nil
	}
	t.maskRecord(e, rec, x)
	if t.text == nil && !e.sc.Settle(rec, i) {
		if _, err := e.sc.Rescan(rec[:len(rec)+parse.Pad], 0); err != nil {
			return fmt.Errorf("reading a masked record again: %w", err)
		}
		t.maskRecord(e, rec, x)
	}
	if t.filter != nil && t.filter.holds(e) {
		r.counts.Filtered++
		x.outcome("filtered")
		return nil
	}
	ns, quality, original, readable := t.time.find(e, r.now)
	b, err := r.builder(t, event.DayOf(ns))
	if err != nil {
		return err
	}
	row := b.batch.Rows
	var absent *writer
	if x == nil {
		absent = ts.programs.of(e.sc.Shape()).run(e, b, row, st.context, &ts.programs.memory)
	} else {
		absent = t.writeAll(e, b, row, x)
	}
	if absent != nil {
		b.batch.Truncate(row)
		r.counts.Records-- // reject counts it
		x.outcome("quarantined")
		return r.reject(st, t, ReasonRequired, absent.name+" is absent or does not fit", st.base+int64(i), rec, 1)
	}
	for k := range t.masks {
		if m := &t.masks[k]; m.slot >= 0 && e.hashes[m.slot] != "" {
			b.batch.Columns[m.hash].SetText(row, []byte(e.hashes[m.slot]))
			e.hashes[m.slot] = ""
		}
	}
	if quality != "" {
		r.counts.BadTimes++
		b.batch.Columns[t.quality].SetText(row, []byte(quality))
		if col := &b.batch.Columns[t.created]; readable && col.Len() <= row {
			col.SetInt(row, original)
		}
	}
	if t.Table.Rest {
		b.rest(e)
	}
	batch := b.batch
	batch.Time = append(batch.Time, ns)
	batch.Object = append(batch.Object, batch.AddObject(r.obj.ID))
	if st.fixed >= 0 {
		batch.Offset = append(batch.Offset, st.fixed)
		batch.Index = append(batch.Index, *st.index)
		*st.index++
	} else {
		batch.Offset = append(batch.Offset, st.base+int64(i))
		batch.Index = append(batch.Index, 0)
	}
	if t.Table.Original {
		text := ""
		if !r.o.DropOriginal {
			text = aliasText(rec)
		}
		batch.Original = append(batch.Original, text)
	}
	b.keep(st.block)
	batch.Rows++
	batch.RawBytes += int64(len(rec))
	r.pending += int64(len(rec))
	r.counts.Events++
	r.counts.Conversions += int64(e.fails)
	ts.count++
	if x != nil {
		x.fields(t, batch, row)
	}
	return nil
}

// writeAll writes a row field by field and tells x what went wrong. It returns the first
// required field that is absent, or nil.
func (t *Type) writeAll(e *env, b *builder, row int, x *Explanation) *writer {
	for k := range t.writers {
		w := &t.writers[k]
		before := e.fails
		if !w.write(e, b, row) && w.required {
			return w
		}
		if x != nil && e.fails > before {
			x.failed(w, e)
		}
	}
	return nil
}

// maskRecord masks a record; only after it may its values be used.
func (t *Type) maskRecord(e *env, rec []byte, x *Explanation) {
	if len(t.masks) > 0 {
		t.mask(e, x.masked())
	}
	if t.text == nil {
		if maskParams(rec, paramSet{}, false) {
			maskEscapedKeys(rec, t.secrets)
		}
	}
}
