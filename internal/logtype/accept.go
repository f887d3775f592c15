package logtype

import (
	"github.com/yagura-siem/yagura/internal/event"
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
	e.fails = 0
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
	if len(t.masks) > 0 {
		t.mask(e, x.masked())
	}
	if t.text == nil {
		if maskParams(rec, paramSet{}, false) {
			maskEscapedKeys(rec, t.secrets)
		}
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
	for k := range t.writers {
		w := &t.writers[k]
		before := e.fails
		present := w.write(e, b, row)
		if !present && w.required {
			b.batch.Truncate(row)
			r.counts.Records-- // reject counts it
			x.outcome("quarantined")
			return r.reject(st, t, ReasonRequired, w.name+" is absent or does not fit", st.base+int64(i), rec, 1)
		}
		if x != nil && e.fails > before {
			x.failed(w, e)
		}
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
