package lake

import (
	"slices"

	"github.com/yagura-siem/yagura/internal/store"
)

// takeCounted removes from the plan the parts whose rows all count, when the query only
// counts events: the catalogue knows how many they have. It returns that number.
func (a *aggregation) takeCounted() int64 {
	if len(a.keys) > 0 || slices.ContainsFunc(a.aggs, func(c aggColumn) bool { return c.Func != store.Count || c.Field != "" }) {
		return 0
	}
	rows := int64(0)
	a.parts = slices.DeleteFunc(a.parts, func(p store.Part) bool {
		counted := p.MinTime >= a.query.From && p.MaxTime < a.query.To && (a.query.Where == nil || a.matchers.prune(a.query.Where, &p) == always)
		if counted {
			rows += p.Rows
		}
		return counted
	})
	return rows
}

// addCounted adds the events that were not read.
func (a *aggregation) addCounted(rows int64) {
	if rows == 0 {
		return
	}
	for _, row := range a.table.Rows {
		for i, v := range row {
			if n, ok := v.(int64); ok {
				row[i] = n + rows
			}
		}
	}
}
