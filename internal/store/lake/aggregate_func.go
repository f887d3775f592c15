package lake

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// aggColumn is one aggregate.
type aggColumn struct {
	store.Agg
	fieldShape
	in, out string // names in the statement
	result  schema.Kind
}

func (p *plan) newAgg(i int, a store.Agg, groups []*group) (aggColumn, error) {
	n := strconv.Itoa(i)
	c := aggColumn{Agg: a, fieldShape: p.shape(a.Field, groups), in: "a" + n, out: "r" + n}
	if a.Field == "" && a.Func != store.Count {
		return c, fmt.Errorf("%s needs a field", a.Func)
	}
	c.result = c.kind
	switch a.Func {
	case store.Count, store.Distinct:
		c.result = schema.Int
	case store.Min, store.Max:
	case store.Sum, store.Avg, store.Percentile:
		if c.kind == schema.Map {
			c.kind = schema.Float
		}
		if c.kind != schema.Int && c.kind != schema.Float {
			return c, fmt.Errorf("%s needs a number, and %s is of kind %s", a.Func, a.Field, c.kind)
		}
		if a.Func == store.Percentile && !(a.Arg > 0 && a.Arg < 100) {
			return c, fmt.Errorf("percentile %v is not between 0 and 100", a.Arg)
		}
		if a.Func != store.Sum || c.kind != schema.Int {
			c.result = schema.Float
		}
	default:
		return c, fmt.Errorf("unknown function %q", a.Func)
	}
	if c.result == schema.Map {
		c.result = schema.String
	}
	return c, nil
}

// column is the value of a row of the group, "" when the function needs none.
func (c *aggColumn) column(g *group) string {
	if c.Field == "" {
		return ""
	}
	x := g.field(c.Field, c.fieldShape)
	if c.list { // a list without elements is absent
		return "nullif(" + x + ", [])"
	}
	return x
}

// call is the aggregate over the column.
func (c *aggColumn) call() string {
	if c.Field == "" {
		return "count(*)"
	}
	switch c.Func {
	case store.Count:
		return "count(" + c.in + ")"
	case store.Distinct:
		if c.list {
			return "coalesce(len(list_distinct(flatten(list(list_distinct(" + c.in + ")) FILTER (" + c.in + " IS NOT NULL)))), 0)"
		}
		return "count(DISTINCT " + c.in + ")"
	case store.Min, store.Max:
		if c.list {
			return string(c.Func) + "(list_" + string(c.Func) + "(" + c.in + "))"
		}
		return string(c.Func) + "(" + c.in + ")"
	case store.Sum:
		if c.list {
			return "sum(list_sum(" + c.in + "))"
		}
	case store.Avg:
		if c.list {
			return "sum(list_sum(" + c.in + ")) / sum(len(" + c.in + "))"
		}
	case store.Percentile:
		at := strconv.FormatFloat(c.Arg/100, 'g', -1, 64)
		if c.list {
			return "list_aggregate(flatten(list(" + c.in + ") FILTER (" + c.in + " IS NOT NULL)), 'quantile_cont', " + at + ")"
		}
		return "quantile_cont(" + c.in + ", " + at + ")"
	}
	return string(c.Func) + "(" + c.in + ")"
}

func (c *aggColumn) null() string {
	if c.Field == "" {
		return ""
	}
	if c.list {
		return "NULL::" + sqlType(c.kind) + "[]"
	}
	return "NULL::" + sqlType(c.kind)
}

// cell turns an aggregate of the engine into one of the result. A sum beyond int64 becomes a
// float.
func (c *aggColumn) cell(v any) (any, error) {
	if x, ok := v.(*big.Int); ok && !x.IsInt64() {
		return asFloat(v)
	}
	return asKind(v, c.result)
}
