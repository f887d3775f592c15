package query

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/store"
)

// step is something done on the table after the store has answered.
type step struct {
	apply  func(*store.Table)
	choose []string // the columns left by fields
}

func cutStep(n int) step {
	return step{apply: func(t *store.Table) {
		if len(t.Rows) > n {
			t.Rows = t.Rows[:n]
		}
	}}
}

// eachStep keeps the first n rows of each value of the first outer columns.
func eachStep(outer, n int) step {
	return step{apply: func(t *store.Table) {
		var rows [][]any
		var last []any
		count := 0
		for _, r := range t.Rows {
			if last == nil || slices.CompareFunc(r[:outer], last, compareCells) != 0 {
				last, count = r[:outer], 0
			}
			if count++; count <= n {
				rows = append(rows, r)
			}
		}
		t.Rows = rows
	}}
}

func sortStep(by []store.Sort) step {
	return step{apply: func(t *store.Table) {
		slices.SortStableFunc(t.Rows, func(a, b []any) int {
			for _, s := range by {
				i := slices.IndexFunc(t.Columns, func(c store.Column) bool { return c.Name == s.Column })
				if i < 0 {
					continue
				}
				d := compareCells(a[i], b[i])
				if s.Desc && a[i] != nil && b[i] != nil {
					d = -d
				}
				if d != 0 {
					return d
				}
			}
			return 0
		})
	}}
}

func chooseStep(names []string) step {
	return step{choose: names, apply: func(t *store.Table) {
		var at []int
		var columns []store.Column
		for _, n := range names {
			if i := slices.IndexFunc(t.Columns, func(c store.Column) bool { return c.Name == n }); i >= 0 {
				at, columns = append(at, i), append(columns, t.Columns[i])
			}
		}
		for i, r := range t.Rows {
			row := make([]any, len(at))
			for j, k := range at {
				row[j] = r[k]
			}
			t.Rows[i] = row
		}
		t.Columns = columns
	}}
}

// compareCells orders cells of one column, nil last.
func compareCells(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y)
		}
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y)
		}
	case bool:
		if y, ok := b.(bool); ok && x != y {
			if y {
				return -1
			}
			return 1
		}
	}
	return 0
}
