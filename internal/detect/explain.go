package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Explanation says why a rule matched an event, or why it did not. Its JSON form is stable.
type Explanation struct {
	Rule    string         `json:"rule"` // id
	Title   string         `json:"title"`
	LogType string         `json:"log_type"`
	Match   bool           `json:"match"`
	Tree    ExplainedNode  `json:"tree"`
	Fields  []MatchedField `json:"fields,omitempty"` // what made it match
	Group   []MatchedField `json:"group,omitempty"`
}

// ExplainedNode is a part of the condition with its outcome.
type ExplainedNode struct {
	Kind   string          `json:"kind"`           // and, or, not, test
	Name   string          `json:"name,omitempty"` // of the search
	Text   string          `json:"text,omitempty"` // of a test
	Line   int             `json:"line,omitempty"` // of the rule file
	Holds  bool            `json:"holds"`
	Values []MatchedField  `json:"values,omitempty"` // what the test saw; none = absent
	Nodes  []ExplainedNode `json:"nodes,omitempty"`
	More   int             `json:"more,omitempty"` // nodes that do not hold and were left out
}

// maxExplained bounds the alternatives shown of one node.
const maxExplained = 25

// Explain judges one row of a sealed batch.
func (s *Set) Explain(r *Rule, b *event.Batch, row int) Explanation {
	return explain(r, s.evaluator(b.Table, func(res *resolver) subject { return rowSubject{b, row} }))
}

// ExplainDocument judges an event given as a document, nested or dotted, in native or ECS names, as
// if it were one of a log type. ok is false when there is no such log type.
func (s *Set) ExplainDocument(r *Rule, logType string, doc map[string]any) (x Explanation, ok bool) {
	t := s.logType(logType)
	if t == nil {
		return Explanation{}, false
	}
	return explain(r, s.evaluator(t.Table, func(res *resolver) subject { return newDocSubject(res, doc) })), true
}

func (s *Set) evaluator(t *schema.Table, on func(*resolver) subject) *evaluator {
	var aliases map[string][]string
	if known := s.logType(t.LogType); known != nil {
		aliases = known.Aliases
	}
	res := newResolver(t, aliases)
	return newEvaluator(res, on(res))
}

func explain(r *Rule, e *evaluator) Explanation {
	x := Explanation{Rule: r.ID, Title: r.Title.EN, LogType: e.res.table.LogType, Tree: e.explain(r.root)}
	if x.Match = x.Tree.Holds; x.Match {
		x.Fields = e.matched(r.root, nil)
	}
	x.Group = e.group(r, nil)
	return x
}

func (e *evaluator) explain(n *node) ExplainedNode {
	x := ExplainedNode{Name: n.name, Line: n.pos.Line}
	switch n.kind {
	case nodeTest:
		x.Kind, x.Text = "test", n.test.String()
		ok, values := e.test(n.test)
		x.Holds = ok
		for _, v := range values[:min(len(values), 5)] {
			x.Values = append(x.Values, shown(v))
		}
		return x
	case nodeAnd:
		x.Kind, x.Holds = "and", true
	case nodeOr:
		x.Kind = "or"
	case nodeNot:
		x.Kind = "not"
	}
	for _, k := range n.kids {
		kid := e.explain(k)
		switch n.kind {
		case nodeAnd:
			x.Holds = x.Holds && kid.Holds
		case nodeOr:
			x.Holds = x.Holds || kid.Holds
		case nodeNot:
			x.Holds = !kid.Holds
		}
		x.Nodes = append(x.Nodes, kid)
	}
	if len(x.Nodes) > maxExplained {
		slices.SortStableFunc(x.Nodes, func(a, b ExplainedNode) int {
			if a.Holds == b.Holds {
				return 0
			} else if a.Holds == (n.kind == nodeOr) {
				return -1
			}
			return 1
		})
		x.More = len(x.Nodes) - maxExplained
		x.Nodes = x.Nodes[:maxExplained]
	}
	return x
}

// Text renders the explanation for a terminal.
func (x Explanation) Text() string {
	var b strings.Builder
	word := "does not match"
	if x.Match {
		word = "matches"
	}
	fmt.Fprintf(&b, "%s (%s) %s this event of %s\n", x.Title, x.Rule, word, x.LogType)
	x.Tree.write(&b, 1)
	for _, g := range x.Group {
		fmt.Fprintf(&b, "grouped by %s = %s\n", g.Field, quote(g.Value))
	}
	return b.String()
}

func (x ExplainedNode) write(b *strings.Builder, depth int) {
	mark := "no "
	if x.Holds {
		mark = "yes"
	}
	text := map[string]string{"and": "all of", "or": "one of", "not": "not", "test": x.Text}[x.Kind]
	if x.Name != "" {
		text = x.Name + ": " + text
	}
	fmt.Fprintf(b, "%s%s %s", strings.Repeat("  ", depth), mark, text)
	if x.Kind == "test" {
		if len(x.Values) == 0 && !strings.HasPrefix(x.Text, "any value") {
			b.WriteString("; absent")
		}
		for i, v := range x.Values {
			if i == 0 {
				b.WriteString("; ")
			} else {
				b.WriteString(", ")
			}
			fmt.Fprintf(b, "%s = %s", v.Field, quote(v.Value))
		}
	}
	b.WriteByte('\n')
	for _, n := range x.Nodes {
		n.write(b, depth+1)
	}
	if x.More > 0 {
		fmt.Fprintf(b, "%s… and %d more\n", strings.Repeat("  ", depth+1), x.More)
	}
}
