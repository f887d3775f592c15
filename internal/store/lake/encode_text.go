package lake

import (
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

// A dictionary that is nearly as long as its column is written as plain values.
const (
	plainFrom  = 4096 // distinct values
	plainShare = 0.75 // of the present ones
)

// textColumn writes a String, IP, Strings or IPs column kept in a dictionary, and the
// companion column of an address.
func (e *encoder) textColumn(c *event.Column, s *columnStats) error {
	var present int
	var nested bool
	if c.Kind.List() {
		nested = true
		present = e.gatherLists(c)
	} else {
		present = e.gatherCodes(c.Codes)
	}
	isIP := c.Kind.Element() == schema.IP
	if len(e.codes) == 0 {
		return e.absentText(isIP, nested)
	}
	e.renumber(len(c.Dict.Values))
	texts := texts{encoder: e, values: c.Dict.Values, stats: s, present: present, nested: nested, ip: isIP}
	return texts.write(c.Bloom)
}

func (e *encoder) absentText(ip, nested bool) error {
	def, rep := 1, 0
	if nested {
		def, rep = 2, 1
	}
	if err := e.absent(def, rep); err != nil || !ip {
		return err
	}
	return e.absent(def, rep)
}

// gatherCodes puts the codes of the present rows into e.codes and the levels into e.levels,
// and returns how many are present.
func (e *encoder) gatherCodes(codes []int32) int {
	e.codes, e.levels = e.codes[:0], e.levels[:0]
	if len(e.perm) == 0 {
		absent := 0
		for _, c := range codes[e.lo:e.hi] {
			absent += int(uint32(c) >> 31)
		}
		if absent == 0 {
			e.codes = append(e.codes, codes[e.lo:e.hi]...)
			return e.rows()
		}
		if absent == e.rows() {
			return 0
		}
	}
	for i := e.lo; i < e.hi; i++ {
		c := codes[e.row(i)]
		if c < 0 {
			e.levels = append(e.levels, 0)
			continue
		}
		e.levels = append(e.levels, 1)
		e.codes = append(e.codes, c)
	}
	if len(e.codes) == e.rows() {
		e.levels = e.levels[:0] // pages knows what that means
	}
	return len(e.codes)
}

// gatherLists is gatherCodes for a list column; it returns the rows with a list.
func (e *encoder) gatherLists(c *event.Column) int {
	e.codes, e.levels, e.reps = e.codes[:0], e.levels[:0], e.reps[:0]
	if len(c.Codes) == 0 {
		return 0
	}
	present := 0
	for i := e.lo; i < e.hi; i++ {
		list := c.List(e.row(i))
		if len(list) == 0 {
			e.levels, e.reps = append(e.levels, 0), append(e.reps, 0)
			continue
		}
		present++
		for k, code := range list {
			e.levels = append(e.levels, 2)
			e.reps = append(e.reps, int32(min(k, 1)))
			e.codes = append(e.codes, code)
		}
	}
	return present
}

// texts writes one gathered text column.
type texts struct {
	*encoder
	values  []string // by code
	stats   *columnStats
	present int
	nested  bool
	ip      bool

	addrs      []byte // 16 bytes by dictionary number
	min, max   string // of the row group
	amin, amax string
}

func (t *texts) write(bloom bool) error {
	var filter *pq.Bloom
	if bloom || t.ip {
		filter = pq.NewBloom(len(t.used))
	}
	t.survey(filter)
	st := pq.Stats{Nulls: t.nulls(), Distinct: int64(len(t.used))}
	if len(t.max) <= maxStatText && len(t.min) <= maxStatText {
		st.Min, st.Max = []byte(t.min), []byte(t.max)
	}
	plain := len(t.used) > plainFrom && float64(len(t.used)) > plainShare*float64(len(t.codes))
	if err := t.column(t.dict, 4, plain, st, filter); err != nil || !t.ip {
		return err
	}
	st.Min, st.Max = []byte(t.amin), []byte(t.amax)
	return t.column(t.addrs, 0, plain, st, nil)
}

// survey walks the used values once: dictionary bytes, statistics, bloom filter.
func (t *texts) survey(filter *pq.Bloom) {
	s := t.stats
	s.present += int64(t.present)
	t.dict = t.dict[:0]
	for n, code := range t.used {
		v, ascii := clean(t.values[code])
		s.nonASCII = s.nonASCII || !ascii
		if n == 0 || v < t.min {
			t.min = v
		}
		if n == 0 || v > t.max {
			t.max = v
		}
		if t.ip {
			addr, _ := schema.ParseIP(v)
			b := schema.IP16(addr)
			t.addrs = append(t.addrs, b[:]...)
			k := string(b[:])
			if n == 0 || k < t.amin {
				t.amin = k
			}
			if n == 0 || k > t.amax {
				t.amax = k
			}
		}
		if filter != nil {
			addFolded(filter, v, t.ip)
		}
		if s.seen == nil || !s.seen[code] {
			s.value(v)
			if s.seen != nil {
				s.seen[code] = true
			}
		}
		t.dict = appendText(t.dict, v)
	}
	if t.ip {
		s.text(t.amin)
		s.text(t.amax)
	} else {
		s.text(t.min)
		s.text(t.max)
	}
}

// addFolded adds a value as it is, for every reader, and folded, for our own planner, which
// looks for values regardless of case.
func addFolded(filter *pq.Bloom, v string, ip bool) {
	filter.Add(v)
	if ip {
		return
	}
	if f := schema.Fold(v); f != v {
		filter.Add(f)
	}
}

func (t *texts) nulls() int64 { return int64(t.rows() - t.present) }

// column writes the gathered codes with a dictionary whose values take a length prefix of
// prefix bytes (0: FixedLen bytes each), or each value by itself.
func (t *texts) column(dict []byte, prefix int, plain bool, st pq.Stats, filter *pq.Bloom) error {
	t.out.BeginColumn(plain || t.worthPacking(len(dict), len(t.used)))
	if !plain {
		t.out.Dictionary(dict, len(t.used))
	}
	maxDef := int32(1)
	if t.nested {
		maxDef = 2
	}
	t.pages(maxDef, t.nested, func(from, to, first, last int) {
		if t.nested {
			t.listLevels(from, to)
		} else {
			t.pageLevels(from, to)
		}
		if plain {
			t.plainValues(dict, prefix, t.codes[first:last])
			t.out.Page(t.body, to-from, pq.Plain)
			return
		}
		t.indices(t.codes[first:last], len(t.used))
		t.out.Page(t.body, to-from, pq.RLEDictionary)
	})
	return t.out.EndColumn(st, filter)
}

// plainValues appends values one after another to the page.
func (t *texts) plainValues(dict []byte, prefix int, codes []int32) {
	for _, c := range codes {
		if prefix == 0 {
			t.body = append(t.body, dict[int(c)*pq.FixedLen:(int(c)+1)*pq.FixedLen]...)
			continue
		}
		v, _ := clean(t.values[t.used[c]])
		t.body = appendText(t.body, v)
	}
}
