package detect

// ConditionPart is a part of a rule's condition as people read it: what must hold, without an event. Its JSON form is stable.
type ConditionPart struct {
	Kind  string          `json:"kind" enum:"and,or,not,test"`
	Name  string          `json:"name,omitempty" doc:"of the search it is the whole of"`
	Text  string          `json:"text,omitempty" doc:"of a test"`
	Line  int             `json:"line,omitempty" doc:"of the rule file"`
	Parts []ConditionPart `json:"parts,omitempty"`
	More  int             `json:"more,omitempty" doc:"parts that were left out"`
}

// Bounds of a described condition: alternatives of one part, and parts in all. Searches named several times stand in the
// tree several times, so a short file can make a large one.
const (
	maxAlternatives = 200
	maxDescribed    = 2000
)

// Condition describes the condition of a rule.
func (r *Rule) Condition() ConditionPart {
	left := maxDescribed
	return describe(r.root, &left)
}

func describe(n *node, left *int) ConditionPart {
	*left--
	p := ConditionPart{Name: n.name, Line: n.pos.Line}
	switch n.kind {
	case nodeTest:
		p.Kind, p.Text = "test", n.test.String()
		return p
	case nodeAnd:
		p.Kind = "and"
	case nodeOr:
		p.Kind = "or"
	case nodeNot:
		p.Kind = "not"
	}
	for i, k := range n.kids {
		if i >= maxAlternatives || *left <= 0 {
			p.More = len(n.kids) - i
			break
		}
		p.Parts = append(p.Parts, describe(k, left))
	}
	return p
}
