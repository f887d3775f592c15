package lake

import (
	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

// plainTexts writes a flat text column that has no dictionary, in pages of about pageBytes.
// Texts must be as long as the batch, or empty when no row has a value.
func (e *encoder) plainTexts(vals []string, bloom bool, s *columnStats) error {
	present, size := 0, 0
	var lo, hi string
	if len(vals) > 0 {
		for i := e.lo; i < e.hi; i++ {
			v := vals[e.row(i)]
			if v == "" {
				continue
			}
			if present == 0 || v < lo {
				lo = v
			}
			if present == 0 || v > hi {
				hi = v
			}
			present++
			size += len(v)
		}
	}
	if present == 0 {
		return e.absent(1, 0)
	}
	lo, _ = clean(lo)
	hi, _ = clean(hi)
	s.text(lo)
	s.text(hi)
	s.many = true
	st := pq.Stats{Nulls: int64(e.rows() - present)}
	if len(lo) <= maxStatText && len(hi) <= maxStatText {
		st.Min, st.Max = []byte(lo), []byte(hi)
	}
	var filter *pq.Bloom
	if bloom {
		filter = pq.NewBloom(present)
	}
	s.present += int64(present)
	e.out.BeginColumn(size >= smallChunk)
	for at := e.lo; at < e.hi; {
		at = e.plainPage(vals, at, filter, s)
	}
	return e.out.EndColumn(st, filter)
}

// plainPage writes the values from a row on as one page and returns the row after it.
func (e *encoder) plainPage(vals []string, from int, filter *pq.Bloom, s *columnStats) int {
	e.levels, e.dict = e.levels[:0], e.dict[:0]
	at, present := from, 0
	for ; at < e.hi && len(e.dict) < pageBytes; at++ {
		v := vals[e.row(at)]
		if v == "" {
			e.levels = append(e.levels, 0)
			continue
		}
		v, ascii := clean(v)
		s.nonASCII = s.nonASCII || !ascii
		if filter != nil {
			addFolded(filter, v, false)
		}
		e.levels = append(e.levels, 1)
		e.dict = appendText(e.dict, v)
		present++
	}
	e.body = e.body[:0]
	if present == at-from {
		e.body = pq.AppendLevelRun(e.body, 1, present, 1)
	} else {
		e.body = pq.AppendLevels(e.body, e.levels, 1)
	}
	e.body = append(e.body, e.dict...)
	e.out.Page(e.body, at-from, pq.Plain)
	return at
}
