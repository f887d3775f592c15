package parse

import "bytes"

// maxReadings bounds the places where a field may end that are tried for one line.
const maxReadings = 1 << 13

// shaped cuts a line whose quoted fields are known, in one pass. ok is false when a field does
// not stand as it should, or a quote in a quoted field neither is escaped nor ends it.
func (s *Splitter) shaped(line []byte, dst []string) (fields []string, ok bool) {
	i := 0
	for field := 0; field < maxFields; field++ {
		quoted := i < len(line) && line[i] == s.Quote
		if field < len(s.Quoted) && quoted != s.Quoted[field] {
			return dst, false
		}
		if quoted {
			end, clean := s.closing(line, i+1, field, false)
			if !clean {
				return dst, false
			}
			dst = append(dst, alias(line[i+1:end]))
			if i = end + 1; i >= len(line) {
				return dst, true
			}
		} else {
			n := bytes.IndexByte(line[i:], s.Sep)
			if n < 0 {
				return append(dst, alias(line[i:])), true
			}
			dst = append(dst, alias(line[i:i+n]))
			i += n
		}
		if i++; i >= len(line) {
			return append(dst, ""), field+1 >= len(s.Quoted) || !s.Quoted[field+1]
		}
	}
	return dst, false
}

// reading looks for another reading of the quotes of a line with which its fields stand as they
// should: with as many fields as the line before, as many as have names, or as many as may be.
// Backslashes keep quotes first, and are ordinary bytes then.
func (s *Splitter) reading(line []byte, dst []string) (fields []string, ok bool) {
	r := reading{s: s, line: line}
	for i, want := range [...]int{s.count, len(s.Quoted), 0} {
		if i == 0 && (want == 0 || want == len(s.Quoted)) {
			continue
		}
		for _, plain := range [...]bool{false, true} {
			r.want, r.plain, r.steps = want, plain, 0
			r.ends = r.ends[:0]
			r.failed = map[[2]int]bool{}
			if !r.from(0, 0) {
				continue
			}
			i := 0
			for _, end := range r.ends {
				if end > i && line[i] == s.Quote {
					dst = append(dst, alias(line[i+1:end]))
					i = end + 2
				} else {
					dst = append(dst, alias(line[i:end]))
					i = end + 1
				}
			}
			return dst, true
		}
	}
	return dst, false
}

// reading is a search for the ends of fields. It goes no deeper than a line has fields.
type reading struct {
	s      *Splitter
	line   []byte
	want   int  // fields, 0 = from the fewest to as many as have names
	plain  bool // a backslash is an ordinary byte
	steps  int
	ends   []int // of the fields found: the quote or separator
	failed map[[2]int]bool
}

// from reads the fields from number field on, which begins at i.
func (r *reading) from(field, i int) bool {
	s := r.s
	if field >= max(len(s.Quoted), r.want) || r.want > 0 && field >= r.want || r.failed[[2]int{field, i}] {
		return false
	}
	quoted := i < len(r.line) && r.line[i] == s.Quote
	if field < len(s.Quoted) && quoted != s.Quoted[field] {
		return false
	}
	if !quoted {
		n := bytes.IndexByte(r.line[min(i, len(r.line)):], s.Sep)
		if n < 0 {
			return r.end(field, len(r.line), len(r.line)+1)
		}
		return r.end(field, i+n, i+n+1)
	}
	for k := i + 1; k < len(r.line) && r.steps < maxReadings; k++ {
		n := bytes.IndexByte(r.line[k:], s.Quote)
		if n < 0 {
			break
		}
		r.steps++
		if k += n; k+1 < len(r.line) && r.line[k+1] != s.Sep || !r.plain && escaped(r.line[i+1:k]) {
			continue
		}
		if r.end(field, k, k+2) {
			return true
		}
	}
	r.failed[[2]int{field, i}] = true
	return false
}

// end ends a field at i and goes on with the next one.
func (r *reading) end(field, i, next int) bool {
	r.ends = append(r.ends, i)
	if next > len(r.line) {
		if n := field + 1; n == r.want || r.want == 0 && n >= r.s.Fields {
			return true
		}
	} else if r.from(field+1, next) {
		return true
	}
	r.ends = r.ends[:field]
	return false
}

// escaped reports whether an odd number of backslashes ends b.
func escaped(b []byte) bool {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}
