package query

import (
	"slices"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// derived lets the question reach derived log types (findings) when its condition asks for them: it
// names one as log type, asks for event.kind:signal, or for the id of such a row. Else a search
// over all types leaves them out, so that an event and the findings made of it are not counted
// together by surprise.
func (p *planner) derived(where expr.Node) {
	if len(p.Derived) == 0 {
		return
	}
	asked := false
	expr.Walk(where, func(n expr.Node) {
		q, ok := n.(*expr.Predicate)
		asked = asked || ok && p.asksDerived(q)
	})
	if asked {
		p.query.Types = slices.Clone(p.Types)
	}
}

func (p *planner) asksDerived(q *expr.Predicate) bool {
	switch {
	case q.Op == expr.Exists || q.Op == expr.Range:
		return false
	case slices.Contains(typeFields, q.Field):
		m, err := expr.Compile(q, schema.String)
		return err == nil && slices.ContainsFunc(p.Derived, m.Match)
	case q.Field == "event.kind":
		m, err := expr.Compile(q, schema.String)
		return err == nil && m.Match("signal")
	case (q.Field == "event.id" || q.Field == "_id") && q.Op == expr.Equal:
		_, _, index, err := event.ParseID(q.Text)
		return err == nil && event.IsDerived(index)
	}
	return false
}
