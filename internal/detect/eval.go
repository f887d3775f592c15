package detect

import (
	"strconv"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// subject is an event as the plain evaluator sees it: every value as text, absent = none.
type subject interface {
	column(col int) []string  // of the table, or one of the col… constants
	leaves(dst []leaf) []leaf // appended
}

// rowSubject is a row of a sealed batch.
type rowSubject struct {
	b   *event.Batch
	row int
}

func (s rowSubject) column(col int) []string {
	switch col {
	case colTime:
		return []string{event.FormatTime(time.Unix(0, s.b.Time[s.row]))}
	case colType:
		return []string{s.b.Table.LogType}
	case colOriginal:
		if s.row < len(s.b.Original) && s.b.Original[s.row] != "" {
			return []string{s.b.Original[s.row]}
		}
		return nil
	case colID:
		if len(s.b.Objects) > 0 && s.row < len(s.b.Object) && s.row < len(s.b.Offset) && s.row < len(s.b.Index) {
			return []string{event.ID(s.b.Objects[s.b.Object[s.row]], s.b.Offset[s.row], s.b.Index[s.row])}
		}
		return nil
	}
	return truths(s.b.Table.Fields[col].Kind, texts(s.b.Columns[col].Value(s.row)))
}

// truths adds the other spelling of a truth value: rules also ask for Yes and No, as some senders
// write.
func truths(kind schema.Kind, list []string) []string {
	if kind != schema.Bool || len(list) == 0 {
		return list
	}
	switch strings.ToLower(list[0]) {
	case "true", "yes":
		return []string{"true", "Yes"}
	case "false", "no":
		return []string{"false", "No"}
	}
	return list
}

func (s rowSubject) leaves(out []leaf) []leaf {
	r := &s.b.Rest
	if !s.b.Table.Rest || s.row >= len(r.Ends) {
		return out
	}
	start := int32(0)
	if s.row > 0 {
		start = r.Ends[s.row-1]
	}
	for i := start; i < r.Ends[s.row]; i++ {
		out = append(out, leaf{r.KeyDict.Values[r.Keys[i]], r.ValDict.Values[r.Vals[i]]})
	}
	return out
}

// texts are the texts of a value as a Document holds it.
func texts(v any) []string {
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	switch v := v.(type) {
	case string:
		return one(v)
	case int64:
		return one(strconv.FormatInt(v, 10))
	case int:
		return one(strconv.Itoa(v))
	case float64:
		return one(strconv.FormatFloat(v, 'f', -1, 64))
	case bool:
		return one(strconv.FormatBool(v))
	case time.Time:
		return one(event.FormatTime(v))
	case []string:
		var out []string
		for _, s := range v {
			if s != "" {
				out = append(out, s)
			}
		}
		return out
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, texts(e)...)
		}
		return out
	}
	return nil
}

// evaluator judges one event by one rule, plainly. The matcher gives the same answers.
type evaluator struct {
	res      *resolver
	on       subject
	bound    map[string]*binding
	keywords []int // columns keywords are looked for in
	list     []leaf
	listed   bool
}

func newEvaluator(res *resolver, on subject) *evaluator {
	return &evaluator{res: res, on: on, bound: map[string]*binding{}, keywords: keywordColumns(res.table)}
}

func (e *evaluator) leaves() []leaf {
	if !e.listed {
		e.list, e.listed = e.on.leaves(e.list[:0]), true
	}
	return e.list
}

// found is a value and where it stood.
type found struct{ field, value string }

// values are the values of a field of a rule.
func (e *evaluator) values(name string) []found {
	b := e.bound[name]
	if b == nil {
		b = e.res.bind(name)
		e.bound[name] = b
	}
	for _, col := range b.cols {
		if list := e.on.column(col); len(list) > 0 {
			return named(e.res.nameOf(col), list)
		}
	}
	if b.cols != nil {
		return nil
	}
	leaves, object := b.leafValues(e.leaves())
	if len(leaves) > 0 && !object {
		var out []found
		for _, l := range leaves {
			if l.value != "" {
				out = append(out, found{l.key, l.value})
			}
		}
		return out
	}
	var text objectText
	for _, m := range b.below {
		for _, s := range e.on.column(m.col) {
			text.add(m.path, s)
		}
	}
	for _, l := range leaves {
		text.add(b.under(flatName(l.key)), l.value)
	}
	if s := text.text(); s != "" {
		return []found{{b.name, s}}
	}
	return nil
}

func named(name string, list []string) []found {
	out := make([]found, len(list))
	for i, s := range list {
		out[i] = found{name, s}
	}
	return out
}

func (r *resolver) nameOf(col int) string {
	switch col {
	case colTime:
		return event.TimestampField
	case colType:
		return event.ModuleField
	case colOriginal:
		return event.OriginalField
	case colID:
		return event.IDField
	}
	return r.table.Fields[col].Name
}

// test judges a predicate and returns the values it looked at, the matching one first.
func (e *evaluator) test(p *predicate) (bool, []found) {
	if p.field == "" {
		for _, col := range e.keywords {
			for _, s := range e.on.column(col) {
				if p.match(s, schema.Fold(s)) {
					return true, []found{{e.res.nameOf(col), s}}
				}
			}
		}
		for _, l := range e.leaves() {
			if l.value != "" && p.match(l.value, schema.Fold(l.value)) {
				return true, []found{{l.key, l.value}}
			}
		}
		return false, nil
	}
	values := e.values(p.field)
	switch p.op {
	case opAbsent:
		return len(values) == 0, values
	case opField:
		for _, a := range values {
			for _, b := range e.values(p.ref) {
				if p.matchField(a.value, b.value) {
					return true, []found{a}
				}
			}
		}
		return false, values
	}
	for i, v := range values {
		if p.match(v.value, schema.Fold(v.value)) {
			if i > 0 {
				values[0], values[i] = values[i], values[0]
			}
			return true, values
		}
	}
	return false, values
}

func (e *evaluator) eval(n *node) bool {
	switch n.kind {
	case nodeAnd:
		for _, k := range n.kids {
			if !e.eval(k) {
				return false
			}
		}
		return true
	case nodeOr:
		for _, k := range n.kids {
			if e.eval(k) {
				return true
			}
		}
		return false
	case nodeNot:
		return !e.eval(n.kids[0])
	}
	ok, _ := e.test(n.test)
	return ok
}

// notSearched are the names of columns that say what the event is, not what stood in the record.
var notSearched = []string{"event.", "related.", "cloud.provider", "cloud.service.", "yagura.", "tls.version_protocol", "network.", "observer."}

// keywordColumns are the text columns in which keywords are looked for.
func keywordColumns(t *schema.Table) []int {
	var cols []int
next:
	for i, f := range t.Fields {
		if !f.Kind.Text() || f.Derived {
			continue
		}
		for _, p := range notSearched {
			if strings.HasPrefix(f.Name, p) && f.Name != "event.action" && f.Name != "event.reason" {
				continue next
			}
		}
		cols = append(cols, i)
	}
	return cols
}
