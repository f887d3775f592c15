package content

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
)

// Explanation says what became of every record of an object and why. Its JSON form is stable.
type Explanation struct {
	Object      string            `json:"object"`
	Bytes       int64             `json:"bytes"`                 // as stored
	Decoded     int64             `json:"decoded_bytes"`         // without compression
	Compression []string          `json:"compression,omitempty"` // outermost first
	Broken      string            `json:"broken,omitempty"`      // why reading ended early
	Events      int64             `json:"events"`
	Refused     int64             `json:"refused"`
	Filtered    int64             `json:"filtered"`
	Ignored     int64             `json:"ignored"`
	Conversions int64             `json:"not_converted"` // values that did not fit their field
	Records     []ExplainedRecord `json:"records"`
	More        int               `json:"more,omitempty"` // records beyond the limit
}

// ExplainedRecord is one record: an event, or why there is none.
type ExplainedRecord struct {
	Offset     int64             `json:"offset"`  // of the record in the decoded object
	Index      int32             `json:"index"`   // among the events of that record
	Outcome    string            `json:"outcome"` // event, filtered, ignored or quarantined
	LogType    string            `json:"log_type,omitempty"`
	Version    int               `json:"version,omitempty"`
	Definition string            `json:"definition,omitempty"`
	Recognised string            `json:"recognised,omitempty"`
	Frame      string            `json:"frame,omitempty"`
	Wrappers   []string          `json:"wrappers,omitempty"`
	Time       *time.Time        `json:"time,omitempty"`
	TimeFrom   string            `json:"time_from,omitempty"`
	Fields     []ExplainedField  `json:"fields,omitempty"`
	Masked     []string          `json:"masked,omitempty"`        // places, in the words of the definition
	Failed     []string          `json:"not_converted,omitempty"` // values that did not fit their field
	LeftOver   map[string]string `json:"left_over,omitempty"`
	SentenceEN string            `json:"sentence_en,omitempty"`
	SentenceJA string            `json:"sentence_ja,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	Excerpt    string            `json:"excerpt,omitempty"`
}

// ExplainedField is one value and its origin.
type ExplainedField struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
	From  string `json:"from,omitempty"` // in words
	By    string `json:"by"`             // definition or enrichment
}

// ExplainOptions are all optional.
type ExplainOptions struct {
	LogType string    // forced; "" = recognised
	Limit   int       // records explained; 0 = 20
	Now     time.Time // clock for times out of range; zero = the fixtures' clock
	Enrich  Enricher  // nil = no enrichment
}

const defaultExplained = 20

// Explain runs an object through the log types and says for each record how it was recognised,
// unwrapped, mapped, masked and enriched. name is its object key (a path does).
func (c *Content) Explain(ctx context.Context, name string, raw []byte, o ExplainOptions) (Explanation, error) {
	if o.Limit <= 0 {
		o.Limit = defaultExplained
	}
	if o.Now.IsZero() {
		o.Now = defaultClock()
	}
	got, err := read(ctx, c.Set, name, raw, readOptions{forced: o.LogType, now: o.Now, enrich: o.Enrich, notes: true})
	if err != nil {
		return Explanation{}, err
	}
	x := Explanation{
		Object: name, Bytes: int64(len(raw)), Decoded: int64(len(got.decoded)), Compression: got.info.Formats,
		Events: got.counts.Events, Refused: got.counts.Quarantined, Filtered: got.counts.Filtered, Ignored: got.counts.Ignored,
		Conversions: got.counts.Conversions,
	}
	if got.err != nil {
		x.Broken = got.err.Error()
	}
	rows := map[int64][]readEvent{} // events by the offset of their record, in order
	for _, e := range got.events {
		rows[e.offset] = append(rows[e.offset], e)
	}
	notes := oneEach(got.notes)
	for i, n := range notes {
		if i == o.Limit {
			x.More = len(notes) - i
			break
		}
		r := c.explainNote(n, got.decoded)
		if list := rows[n.Offset]; n.Outcome == "event" && len(list) > 0 {
			rows[n.Offset] = list[1:]
			c.explainEvent(&r, list[0])
		}
		x.Records = append(x.Records, r)
	}
	return x, nil
}

// oneEach puts notes into the order of their records. A record that failed while it was mapped
// has two: what was seen of it until then, and the refusal.
func oneEach(notes []*logtype.Explanation) []*logtype.Explanation {
	sorted := slices.Clone(notes)
	slices.SortStableFunc(sorted, func(a, b *logtype.Explanation) int { return cmp.Compare(a.Offset, b.Offset) })
	return slices.DeleteFunc(sorted, func(n *logtype.Explanation) bool { return n.Outcome == "quarantined" && n.Detail == "" })
}

// explainNote says what the reader itself noted of a record.
func (c *Content) explainNote(n *logtype.Explanation, decoded []byte) ExplainedRecord {
	r := ExplainedRecord{Offset: n.Offset, Outcome: n.Outcome, LogType: n.Type, Wrappers: n.Wraps, Frame: n.Frame, Masked: maskedIn(n, decoded)}
	if n.Outcome != "event" {
		r.Reason, r.Excerpt = strings.TrimSuffix(n.Detail, ": "), excerpt([]byte(n.Record))
	}
	for _, f := range n.Failed {
		r.Failed = append(r.Failed, fmt.Sprintf("%s: %q is no %s", f.Field, excerpt([]byte(f.Value)), f.Kind))
	}
	o, f, ok := c.outline(n.Type)
	if !ok {
		return r
	}
	r.Definition, r.Recognised = f.File(definitionFile), n.How
	if r.Frame == "" || o.Frame != "" {
		r.Frame = o.Frame
	}
	switch n.How {
	case "content":
		r.Recognised = "by content: " + o.Content
	case "key":
		r.Recognised = "by the object key: " + o.Key
	case "previous":
		r.Recognised = "like the record before it: " + o.Content
	case "header":
		r.Recognised = "by the header line above it"
	case "forced":
		r.Recognised = "told, not recognised"
	}
	return r
}

// explainEvent adds what became of a record that is an event.
func (c *Content) explainEvent(x *ExplainedRecord, e readEvent) {
	t := e.batch.Table
	when := time.Unix(0, e.batch.Time[e.row]).UTC()
	x.Index, x.Version, x.Time = e.index, t.Version, &when
	from := map[string]string{}
	if o, _, ok := c.outline(t.LogType); ok {
		x.TimeFrom = o.TimeFrom
		for _, s := range o.Set {
			from[s.Field] = s.From
		}
	}
	doc := e.document()
	for _, f := range t.Fields {
		v, ok := doc[f.Name]
		if !ok {
			continue
		}
		xf := ExplainedField{Name: f.Name, Value: v, From: from[f.Name], By: "definition"}
		if f.Derived {
			xf.By = "enrichment"
		}
		if s, ok := v.(time.Time); ok {
			xf.Value = event.FormatTime(s)
		}
		x.Fields = append(x.Fields, xf)
	}
	x.LeftOver = leftOver(doc)
	if typ := c.Type(t.LogType); typ != nil {
		x.SentenceEN, x.SentenceJA = typ.Sentence("en", doc), typ.Sentence("ja", doc)
	}
}
