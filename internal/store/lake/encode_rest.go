package lake

import (
	"github.com/yagura-siem/yagura/internal/event"
)

// restColumn writes the map of undeclared leaves: keys, then values, with the same levels.
// A key may occur more than once in a row (leaves below a list); order is kept.
func (e *encoder) restColumn(r *event.Rest, keys, vals *columnStats) error {
	if len(r.Keys) == 0 {
		if err := e.absent(2, 1); err != nil {
			return err
		}
		return e.absent(2, 1)
	}
	for _, side := range []struct {
		codes []int32
		dict  *event.Dict
		stats *columnStats
	}{{r.Keys, &r.KeyDict, keys}, {r.Vals, &r.ValDict, vals}} {
		present := e.gatherEntries(side.codes, r.Ends)
		if len(e.codes) == 0 {
			if err := e.absent(2, 1); err != nil {
				return err
			}
			continue
		}
		e.renumber(len(side.dict.Values))
		t := texts{encoder: e, values: side.dict.Values, stats: side.stats, present: present, nested: true}
		if err := t.write(false); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) gatherEntries(codes, ends []int32) int {
	e.codes, e.levels, e.reps = e.codes[:0], e.levels[:0], e.reps[:0]
	present := 0
	for i := e.lo; i < e.hi; i++ {
		row := e.row(i)
		start := int32(0)
		if row > 0 {
			start = ends[row-1]
		}
		if start == ends[row] {
			e.levels, e.reps = append(e.levels, 0), append(e.reps, 0)
			continue
		}
		present++
		for k, code := range codes[start:ends[row]] {
			e.levels = append(e.levels, 2)
			e.reps = append(e.reps, int32(min(k, 1)))
			e.codes = append(e.codes, code)
		}
	}
	return present
}
