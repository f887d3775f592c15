package detect

import (
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// sample is what some rows of a batch hold: how often a test holds there says whether it is worth
// looking for. It changes what rules cost, never what they match.
type sample struct {
	b       *event.Batch
	step    int
	rows    int
	columns map[int]*columnSample
}

type columnSample struct {
	rows   map[string]int // text → rows that have it
	values []string       // the first of them
}

// Bounds of a sample.
const (
	sampleRows   = 1024 // rows looked at
	sampleValues = 64   // values of a column that a test other than equality is tried on
	sampleFrom   = 512  // rows a batch has that is taken for ordinary
)

// newSample takes rows evenly from a sealed batch.
func newSample(b *event.Batch) *sample {
	s := &sample{b: b, step: 1 + b.Rows/sampleRows, columns: map[int]*columnSample{}}
	s.rows = (b.Rows + s.step - 1) / s.step
	return s
}

func (s *sample) column(col int) *columnSample {
	if c := s.columns[col]; c != nil {
		return c
	}
	c := &columnSample{rows: map[string]int{}}
	s.columns[col] = c
	for row := 0; row < s.b.Rows; row += s.step {
		for _, text := range (rowSubject{s.b, row}).column(col) {
			if c.rows[text]++; c.rows[text] == 1 && len(c.values) < sampleValues {
				c.values = append(c.values, text)
			}
		}
	}
	return c
}

// share is the part of the rows in which a test on columns holds, at most 1; of values that are many
// only some are tried.
func (s *sample) share(p *predicate, cols []int) float64 {
	hits := 0.0
	for _, col := range cols {
		if col == colID || col == colTime || col == colOriginal {
			continue // all different
		}
		c := s.column(col)
		tried, held := 0, 0
		for _, v := range c.values {
			tried += c.rows[v]
			if p.match(v, schema.Fold(v)) {
				held += c.rows[v]
			}
		}
		if tried > 0 {
			total := 0
			if len(c.rows) > len(c.values) {
				for _, n := range c.rows {
					total += n
				}
			} else {
				total = tried
			}
			hits += float64(held) / float64(tried) * float64(total)
		}
	}
	return min(1, hits/float64(max(s.rows, 1)))
}
