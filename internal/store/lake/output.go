package lake

import (
	"fmt"
	"math/big"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// output is a column of an events page: SQL and how its value gets into an event.
type output struct {
	name string
	sql  string
	kind schema.Kind
	leaf bool // an undeclared leaf asked for by name
}

// output chooses the columns for the fields asked for; nil asks for all that have a value in
// some part of the group. Names may be patterns.
func (g *group) output(fields []string) []output {
	var out []output
	has := map[string]bool{}
	add := func(o output) {
		if !has[o.name] {
			has[o.name] = true
			out = append(out, o)
		}
	}
	wanted := func(name string) bool {
		for _, f := range fields {
			if expr.MatchField(f, name) {
				return true
			}
		}
		return fields == nil
	}
	for _, f := range g.fields {
		if wanted(f.Name) && !g.column(f.Name, f.Kind).absent {
			sql := ident(f.Name)
			if f.Kind == schema.Time {
				sql = "epoch_ns(" + sql + ")"
			}
			add(output{name: f.Name, sql: sql, kind: f.Kind})
		}
	}
	if wanted(colIngested) {
		add(output{name: colIngested, sql: "epoch_ns(" + ident(colIngested) + ")", kind: schema.Time})
	}
	if g.original && wanted(colOriginal) {
		add(output{name: colOriginal, sql: ident(colOriginal), kind: schema.String})
	}
	if g.rest && wanted(event.NativeField) {
		add(output{name: event.NativeField, sql: "map_entries(" + colRest + ")", kind: schema.Map})
	}
	for _, f := range fields {
		switch f {
		case fieldModule, fieldDataset, fieldLogType, fieldID, fieldID2:
			if _, declared := g.kinds[f]; !declared {
				add(output{name: f, sql: g.field(f, fieldShape{kind: schema.String}), kind: schema.String})
			}
			continue
		}
		if _, declared := g.kinds[f]; !declared && g.rest && !expr.WildField(f) && !reserved(f) {
			c := g.restColumn(f)
			add(output{name: f, sql: "list_transform(list_filter(" + c.list + ", lambda e: " + c.filter + "), lambda e: e.value)", kind: schema.Strings, leaf: true})
		}
	}
	return out
}

// reserved reports whether a name is never an undeclared leaf.
func reserved(name string) bool {
	switch name {
	case colTime, colObject, colOffset, colIndex, colIngested, colOriginal, colRest, fieldID, fieldID2, fieldModule, fieldDataset, fieldLogType, event.NativeField:
		return true
	}
	return false
}

// put sets the field of an event from a value that is not NULL.
func (o output) put(fields map[string]any, v any) error {
	switch o.kind {
	case schema.Strings, schema.IPs:
		list, err := asTexts(v)
		if err != nil || len(list) == 0 {
			return err
		}
		if o.leaf && len(list) == 1 {
			fields[o.name] = list[0]
			return nil
		}
		fields[o.name] = list
	case schema.Map:
		leaves, err := asLeaves(v)
		if err != nil || len(leaves) == 0 {
			return err
		}
		fields[o.name] = leaves
	default:
		x, err := asKind(v, o.kind)
		if err != nil {
			return err
		}
		fields[o.name] = x
	}
	return nil
}

// asKind turns a scalar of the driver into the type a result holds for the kind; times come
// as nanoseconds.
func asKind(v any, kind schema.Kind) (any, error) {
	switch kind {
	case schema.Int:
		return asInt(v)
	case schema.Time:
		ns, err := asInt(v)
		return time.Unix(0, ns).UTC(), err
	case schema.Float:
		return asFloat(v)
	case schema.Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	default:
		if s, ok := v.(string); ok {
			return s, nil
		}
	}
	return nil, fmt.Errorf("unexpected %T for %s", v, kind)
}

func asInt(v any) (int64, error) {
	switch x := v.(type) {
	case int64:
		return x, nil
	case int32:
		return int64(x), nil
	case *big.Int:
		if x.IsInt64() {
			return x.Int64(), nil
		}
	}
	return 0, fmt.Errorf("unexpected %T for an integer", v)
}

func asFloat(v any) (float64, error) {
	switch x := v.(type) {
	case float64:
		return x, nil
	case float32:
		return float64(x), nil
	case int64:
		return float64(x), nil
	case int32:
		return float64(x), nil
	case *big.Int:
		f, _ := new(big.Float).SetInt(x).Float64()
		return f, nil
	}
	return 0, fmt.Errorf("unexpected %T for a number", v)
}

func asTexts(v any) ([]string, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("unexpected %T for a list", v)
	}
	out := make([]string, 0, len(list))
	for _, e := range list {
		s, ok := e.(string)
		if !ok {
			return nil, fmt.Errorf("unexpected %T in a list", e)
		}
		out = append(out, s)
	}
	return out, nil
}

// asLeaves reads map entries; several elements of one list leaf are joined, as in a Document.
func asLeaves(v any) (map[string]string, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("unexpected %T for map entries", v)
	}
	out := make(map[string]string, len(list))
	for _, e := range list {
		entry, _ := e.(map[string]any)
		k, ok1 := entry["key"].(string)
		x, ok2 := entry["value"].(string)
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("unexpected %T in map entries", e)
		}
		if old, dup := out[k]; dup {
			x = old + "," + x
		}
		out[k] = x
	}
	return out, nil
}
