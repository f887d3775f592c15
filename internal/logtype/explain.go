package logtype

import (
	"fmt"
	"strconv"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Explanation says what was done with one record. Its texts are masked.
type Explanation struct {
	Offset  int64
	Length  int64
	Type    string
	How     string   // content, key, previous, forced
	Wraps   []string // kinds of the envelopes around it, outermost first
	Frame   string
	Outcome string // event, filtered, ignored, quarantined
	Detail  string
	Time    time.Time
	Quality string
	Masked  []string
	Fields  []ExplainedField
	Rest    [][2]string // undeclared leaves
	Failed  []FailedConversion
	Record  string // the record as it is kept
}

// ExplainedField is a field with where its value came from.
type ExplainedField struct {
	Name   string
	Value  any    // as in store.Event.Fields
	Native string // path, or a description of the value in the definition
}

// FailedConversion is a value that did not fit its field.
type FailedConversion struct {
	Field string
	Kind  schema.Kind
	Value string
}

func (r *Reader) explain(st *stream, ts *typeState, rec []byte, i int, how string) *Explanation {
	off, _ := st.place(i)
	x := &Explanation{Offset: off, Length: int64(len(rec)), Type: ts.t.Name, How: how, Wraps: st.wraps, Outcome: "event"}
	switch {
	case ts.t.text != nil:
		x.Frame = "text"
	case st.mode == inRecords:
		x.Frame = "json records"
	default:
		x.Frame = "json"
	}
	x.Record = aliasText(rec) // masked by the time it is handed over
	return x
}

func (r *Reader) explainIgnored(st *stream, offset int64, kind string, rec []byte) {
	if r.o.Explain == nil {
		return
	}
	raw := append([]byte{}, rec...)
	maskLoose(raw, nil)
	r.o.Explain(&Explanation{Offset: offset, Length: int64(len(rec)), Wraps: append(st.wraps[:len(st.wraps):len(st.wraps)], kind),
		Outcome: "ignored", Detail: "a control message", Record: string(raw)})
}

// explainIgnoredLine tells about a line that a definition ignores by its content.
func (r *Reader) explainIgnoredLine(st *stream, t *Type, at int64, line []byte) {
	if r.o.Explain == nil {
		return
	}
	offset := at
	if st.fixed >= 0 {
		offset = st.fixed
	}
	raw := append([]byte{}, line...)
	maskLoose(raw, t.secrets)
	r.o.Explain(&Explanation{Offset: offset, Length: int64(len(line)), Type: t.Name, Wraps: st.wraps, Outcome: "ignored", Record: string(raw)})
}

func (x *Explanation) outcome(s string) {
	if x != nil {
		x.Outcome = s
	}
}

func (x *Explanation) masked() func(string) {
	if x == nil {
		return nil
	}
	return func(place string) { x.Masked = append(x.Masked, place) }
}

func (x *Explanation) failed(w *writer, e *env) {
	fails := e.fails
	v := w.misfit(e)
	e.fails = fails // looking again counts nothing
	x.Failed = append(x.Failed, FailedConversion{Field: w.name, Kind: w.kind.Element(), Value: e.rawText(v)})
}

// misfit is the value that did not fit the field: of a list the first such element.
func (w *writer) misfit(e *env) parse.Value {
	if !w.kind.List() {
		return w.src.value(e)
	}
	vals := w.src.values(e, e.borrow())
	defer func() { e.giveBack(vals) }()
	if len(vals) == 1 && vals[0].Kind == parse.Array && !w.raw {
		vals = flatten(vals[:0], vals[0].Text)
	}
	for _, v := range vals {
		bad := !v.Scalar() && !w.raw
		if w.kind == schema.IPs {
			_, ok := canonicalIP(e, v)
			bad = !ok
		}
		if bad {
			return v
		}
	}
	return w.src.value(e)
}

// fields reads the row back from the batch.
func (x *Explanation) fields(t *Type, b *event.Batch, row int) {
	x.Time = time.Unix(0, b.Time[row]).UTC()
	origin := map[string]string{}
	for i := range t.writers {
		origin[t.writers[i].name] = describe(t.writers[i].value)
	}
	for i := range b.Columns {
		c := &b.Columns[i]
		if v := c.Value(row); v != nil {
			x.Fields = append(x.Fields, ExplainedField{Name: c.Name, Value: v, Native: origin[c.Name]})
		}
	}
	if t.Table.Rest && row < len(b.Rest.Ends) {
		from := int32(0)
		if row > 0 {
			from = b.Rest.Ends[row-1]
		}
		for k := from; k < b.Rest.Ends[row]; k++ {
			x.Rest = append(x.Rest, [2]string{b.Rest.KeyDict.Values[b.Rest.Keys[k]], b.Rest.ValDict.Values[b.Rest.Vals[k]]})
		}
	}
}

// describe says in short where a value comes from.
func describe(v *Value) string {
	switch v.Source {
	case "from":
		return v.Path
	case "const":
		return "a constant"
	case "when":
		s := "the first case that holds"
		for i, c := range v.Cases {
			if i < 3 {
				s += fmt.Sprintf(" [%s]", c.If.Text)
			}
		}
		return s
	case "join":
		return "several texts joined"
	}
	s := v.Source
	for i, p := range v.Parts {
		if i < 4 {
			s += " " + describe(p)
		}
	}
	if len(v.Parts) > 4 {
		s += " … (" + strconv.Itoa(len(v.Parts)) + ")"
	}
	return s
}
