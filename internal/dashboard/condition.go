package dashboard

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/schema"
)

// valueText is a cell as the text of a value.
func valueText(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case bool:
		return strconv.FormatBool(x), true
	case int64:
		return strconv.FormatInt(x, 10), true
	case int:
		return strconv.Itoa(x), true
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), true
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano), true
	}
	return "", false
}

// anyOf holds when the field has one of the values; never when there are none.
func anyOf(field string, values []string, kinds map[string]schema.Kind) (expr.Node, error) {
	if len(values) == 0 {
		return &expr.Or{}, nil
	}
	n, err := query.Filter{Field: field, Op: query.Is, Values: values}.Node(kinds[field])
	if err != nil {
		return nil, fmt.Errorf("narrowing %s: %w", field, err)
	}
	return n, nil
}

// expand puts the values of variables where they are named. A variable without values makes a
// condition that never holds.
func expand(n expr.Node, values map[string][]string, kinds map[string]schema.Kind) expr.Node {
	return expr.Rewrite(n, func(p *expr.Predicate) expr.Node {
		if name, ok := reference(p); ok {
			if n, err := anyOf(p.Field, values[name], kinds); err == nil {
				return n
			}
			return &expr.Or{}
		}
		return p
	})
}

// all connects conditions by and, without And inside And; nil ones fall away.
func all(nodes ...expr.Node) expr.Node {
	and := &expr.And{}
	seen := map[string]bool{}
	var add func(expr.Node)
	add = func(n expr.Node) {
		switch v := n.(type) {
		case nil:
		case *expr.And:
			for _, c := range v.Nodes {
				add(c)
			}
		default:
			if s := n.String(); !seen[s] {
				seen[s] = true
				and.Nodes = append(and.Nodes, n)
			}
		}
	}
	for _, n := range nodes {
		add(n)
	}
	if len(and.Nodes) == 1 {
		return and.Nodes[0]
	}
	return and
}

// conditionText is the text of a condition; "" when it holds for everything.
func conditionText(n expr.Node) string {
	if a, ok := n.(*expr.And); n == nil || ok && len(a.Nodes) == 0 {
		return ""
	}
	return n.String()
}

// join2 is a whole question: a condition and stages, which begin with their bar.
func join2(n expr.Node, stages string) string {
	return strings.TrimSpace(conditionText(n) + " " + strings.TrimSpace(stages))
}

// containing holds when the field contains one of the texts; nil when there are none.
func containing(field string, texts []string) expr.Node {
	or := &expr.Or{}
	for _, t := range texts {
		if t != "" {
			t = strings.NewReplacer(`\`, `\\`, `*`, `\*`).Replace(t)
			or.Nodes = append(or.Nodes, &expr.Predicate{Field: field, Op: expr.Wildcard, Text: "*" + t + "*"})
		}
	}
	switch len(or.Nodes) {
	case 0:
		return nil
	case 1:
		return or.Nodes[0]
	}
	return or
}
