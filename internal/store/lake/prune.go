package lake

import (
	"encoding/hex"
	"math"
	"strconv"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// verdict is what statistics say of a condition over all rows of a part.
type verdict uint8

const (
	maybe verdict = iota
	never
	always
)

// matchers are predicates made ready, once for all parts of a plan: a list of a hundred
// addresses is otherwise read again for every part. Not safe for concurrent use.
type matchers map[matcherKey]*expr.Matcher

type matcherKey struct {
	predicate *expr.Predicate
	kind      schema.Kind
}

func (ms matchers) of(p *expr.Predicate, kind schema.Kind) *expr.Matcher {
	k := matcherKey{p, kind}
	m := ms[k]
	if m == nil {
		m = matcher(p, kind)
		ms[k] = m
	}
	return m
}

// manyNodes is from where on a disjunction that may hold is not looked through for one that does.
const manyNodes = 8

// prune judges a condition by the statistics of a part. Without statistics it says maybe.
func (ms matchers) prune(n expr.Node, p *store.Part) verdict {
	switch v := n.(type) {
	case *expr.And:
		out := always
		for _, c := range v.Nodes {
			switch ms.prune(c, p) {
			case never:
				return never
			case maybe:
				out = maybe
			}
		}
		return out
	case *expr.Or:
		out := never
		for _, c := range v.Nodes {
			switch ms.prune(c, p) {
			case always:
				return always
			case maybe:
				if out = maybe; len(v.Nodes) > manyNodes {
					return out
				}
			}
		}
		return out
	case *expr.Not:
		switch ms.prune(v.Node, p) {
		case never:
			return always
		case always:
			return never
		}
		return maybe
	case *expr.Predicate:
		if expr.WildField(v.Field) {
			return maybe
		}
		return ms.prunePredicate(v, p)
	}
	return maybe
}

func (ms matchers) prunePredicate(q *expr.Predicate, p *store.Part) verdict {
	switch q.Field {
	case colTime:
		return pruneInts(ms.of(q, schema.Time), p.MinTime, p.MaxTime, true)
	case fieldID, fieldID2:
		return pruneID(q, p)
	}
	kind := schema.Kind(0)
	for _, f := range p.Fields {
		if f.Name == q.Field {
			kind = f.Kind
			break
		}
	}
	if kind == 0 {
		return ms.pruneOther(q, p)
	}
	if p.Stats == nil {
		return maybe
	}
	s, ok := p.Stats[q.Field]
	if !ok || s.Present == 0 {
		return never
	}
	return pruneColumn(ms.of(q, kind), s, s.Present == p.Rows && !kind.List())
}

// pruneOther judges fields that are not declared by the part's log type.
func (ms matchers) pruneOther(q *expr.Predicate, p *store.Part) verdict {
	switch q.Field {
	case fieldModule, fieldDataset, fieldLogType:
		if ms.of(q, schema.String).Match(p.LogType) {
			return always
		}
		return never
	case colIngested, colOffset, colIndex:
		return maybe
	case colObject, colOriginal:
		if s, ok := p.Stats[q.Field]; ok {
			return pruneColumn(ms.of(q, schema.String), s, s.Present == p.Rows)
		}
		if q.Field == colOriginal && p.Stats != nil {
			return never
		}
		return maybe
	}
	if !p.Rest {
		return never
	}
	if p.Stats == nil {
		return maybe
	}
	s, ok := p.Stats[colRest]
	if !ok {
		return never
	}
	if len(s.Values) > 0 && !contains(s.Values, q.Field) {
		return never
	}
	return maybe
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// pruneID leaves parts out that do not hold the object of an event id.
func pruneID(q *expr.Predicate, p *store.Part) verdict {
	if q.Op != expr.Equal {
		return maybe
	}
	object, _, _, err := event.ParseID(schema.Fold(q.Text))
	s, ok := p.Stats[colObject]
	if err != nil || !ok {
		return maybe
	}
	if len(s.Values) > 0 {
		for _, v := range s.Values {
			if schema.Fold(v) == object {
				return maybe
			}
		}
		return never
	}
	return maybe
}

// pruneColumn judges a matcher by the statistics of its column; all says that every row has
// exactly one value.
func pruneColumn(m *expr.Matcher, s store.ColumnStats, all bool) verdict {
	if m.Never {
		return never
	}
	if m.Op == expr.Exists {
		return yes(all)
	}
	switch m.Kind {
	case schema.String, schema.IP:
		if len(s.Values) > 0 {
			return pruneValues(m, s.Values, all)
		}
	}
	if s.Min == "" || s.Max == "" || m.Op != expr.Range {
		return maybe
	}
	switch m.Kind {
	case schema.String:
		return pruneText(m, s, all)
	case schema.IP:
		return pruneAddr(m, s, all)
	case schema.Float:
		lo, err1 := strconv.ParseFloat(s.Min, 64)
		hi, err2 := strconv.ParseFloat(s.Max, 64)
		if err1 != nil || err2 != nil {
			return maybe
		}
		return pruneFloats(m, lo, hi, all)
	default:
		lo, err1 := strconv.ParseInt(s.Min, 10, 64)
		hi, err2 := strconv.ParseInt(s.Max, 10, 64)
		if err1 != nil || err2 != nil {
			return maybe
		}
		return pruneInts(m, lo, hi, all)
	}
}

func yes(all bool) verdict {
	if all {
		return always
	}
	return maybe
}

func pruneValues(m *expr.Matcher, values []string, all bool) verdict {
	hits := 0
	for _, v := range values {
		if m.Match(v) {
			hits++
		}
	}
	switch hits {
	case 0:
		return never
	case len(values):
		return yes(all)
	}
	return maybe
}

func pruneInts(m *expr.Matcher, lo, hi int64, all bool) verdict {
	switch {
	case m.Never:
		return never
	case m.Op == expr.Exists:
		return yes(all)
	case m.Op != expr.Range:
		return maybe
	case m.IntHi < lo || m.IntLo > hi:
		return never
	case m.IntLo <= lo && hi <= m.IntHi:
		return yes(all)
	}
	return maybe
}

func pruneFloats(m *expr.Matcher, lo, hi float64, all bool) verdict {
	switch {
	case math.IsNaN(lo) || math.IsNaN(hi):
		return maybe
	case m.FloatHi < lo || m.FloatLo > hi:
		return never
	case m.MatchFloat(lo) && m.MatchFloat(hi):
		return yes(all)
	}
	return maybe
}

func pruneText(m *expr.Matcher, s store.ColumnStats, all bool) verdict {
	if m.Lo != nil && s.Max < m.Lo.Text || m.Hi != nil && s.Min > m.Hi.Text {
		return never
	}
	if m.Match(s.Min) && m.Match(s.Max) {
		return yes(all)
	}
	return maybe
}

func pruneAddr(m *expr.Matcher, s store.ColumnStats, all bool) verdict {
	lo, hi := hex.EncodeToString(m.AddrLo[:]), hex.EncodeToString(m.AddrHi[:])
	switch {
	case hi < s.Min || lo > s.Max:
		return never
	case lo <= s.Min && s.Max <= hi:
		return yes(all)
	}
	return maybe
}
