package lake

import (
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

const (
	maxStatValues = 16 // distinct values listed at most
	maxStatText   = 64 // bytes of a value in statistics at most
)

// columnStats gathers the statistics of one column over the row groups of a part.
type columnStats struct {
	present  int64
	distinct int64
	nonASCII bool
	values   []string // all distinct values so far; nil once there are too many
	many     bool
	min, max string // text: bytewise; IP: the 16 bytes
	any      bool
	seen     []bool // by dictionary code, when the part has several row groups
	lo, hi   int64
	flo, fhi float64
}

// text adds a distinct text value (or the 16 bytes of an address as key).
func (s *columnStats) text(key string) {
	if !s.any || key < s.min {
		s.min = key
	}
	if !s.any || key > s.max {
		s.max = key
	}
	s.any = true
}

// value counts a distinct value and lists it while there are few.
func (s *columnStats) value(v string) {
	s.distinct++
	if s.many {
		return
	}
	if len(s.values) == maxStatValues || len(v) > maxStatText {
		s.values, s.many = nil, true
		return
	}
	s.values = append(s.values, v)
}

func (s *columnStats) int(lo, hi int64) {
	if !s.any {
		s.lo, s.hi, s.any = lo, hi, true
		return
	}
	s.lo, s.hi = min(s.lo, lo), max(s.hi, hi)
}

func (s *columnStats) float(lo, hi float64) {
	if !s.any {
		s.flo, s.fhi, s.any = lo, hi, true
		return
	}
	s.flo, s.fhi = math.Min(s.flo, lo), math.Max(s.fhi, hi)
}

// result gives the statistics in the form of the catalogue. Texts are copies: statistics live
// longer than the batch.
func (s *columnStats) result(kind schema.Kind) store.ColumnStats {
	out := store.ColumnStats{Present: s.present, Distinct: s.distinct, NonASCII: s.nonASCII}
	if !s.any {
		return out
	}
	switch kind.Element() {
	case schema.IP:
		out.Min, out.Max = hex.EncodeToString([]byte(s.min)), hex.EncodeToString([]byte(s.max))
	case schema.Float:
		out.Min, out.Max = strconv.FormatFloat(s.flo, 'g', -1, 64), strconv.FormatFloat(s.fhi, 'g', -1, 64)
	case schema.String:
		// A cut upper bound would be none, so bounds are kept only when both are short.
		if len(s.min) <= maxStatText && len(s.max) <= maxStatText {
			out.Min, out.Max = strings.Clone(s.min), strings.Clone(s.max)
		}
	default:
		out.Min, out.Max = strconv.FormatInt(s.lo, 10), strconv.FormatInt(s.hi, 10)
	}
	if !s.many {
		for _, v := range s.values {
			out.Values = append(out.Values, strings.Clone(v))
		}
		slices.Sort(out.Values)
	}
	return out
}
