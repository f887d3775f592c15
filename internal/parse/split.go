package parse

import "bytes"

// maxFields bounds the fields of a line; the last one takes what is left.
const maxFields = 1024

// Splitter cuts text lines at a separator outside quotes. Inside quotes a backslash keeps the
// next byte. A quote in a hostile value does not shift the fields after it when it is known which
// fields are quoted; where it is not, a well-formed line tells, which is less sure. Not safe for
// concurrent use.
type Splitter struct {
	Sep   byte
	Quote byte // 0 = no quotes
	// Fields is the smallest number of fields; lines with more are looked at twice.
	Fields int
	// Quoted says of the fields that have names which ones always stand in quotes, while the others
	// never do. Nil = not known.
	Quoted []bool

	count   int    // fields of the last line, when Quoted is known
	quoted  []bool // by field, of the first well-formed line
	learned bool
}

// Split appends the fields of a line to dst, without their quotes. The texts alias the line. ok is
// false when Quoted is known and there is no way to read the line so: its fields are not sure.
func (s *Splitter) Split(line []byte, dst []string) (fields []string, ok bool) {
	if s.Quote == 0 || s.Quoted == nil {
		return s.guess(line, dst), true
	}
	n := len(dst)
	if dst, ok = s.shaped(line, dst); !ok || len(dst)-n < s.Fields {
		few := ok
		dst, ok = s.reading(line, dst[:n])
		if !ok && few {
			dst, _ = s.shaped(line, dst[:n]) // sound, and too short
			return dst, true
		}
	}
	if ok {
		s.count = len(dst) - n
	}
	return dst, ok
}

// guess splits a line of which it is not known what is quoted.
func (s *Splitter) guess(line []byte, dst []string) []string {
	n := len(dst)
	dst, clean := s.split(line, dst, false)
	if s.Quote == 0 {
		return dst
	}
	if clean && !s.learned && len(dst)-n >= s.Fields {
		s.learn(line, dst[n:])
	}
	if len(dst)-n == len(s.quoted) || !s.learned && clean {
		return dst
	}
	if s.learned {
		strict, _ := s.split(line, dst[:n:n], true)
		if len(strict)-n == len(s.quoted) {
			return append(dst[:n], strict[n:]...)
		}
	}
	if !clean && len(dst)-n < s.Fields {
		// A quote without end swallowed the rest: take quotes as ordinary bytes.
		plain := Splitter{Sep: s.Sep}
		loose, _ := plain.split(line, dst[:n:n], false)
		return append(dst[:n], loose[n:]...)
	}
	return dst
}

func (s *Splitter) learn(line []byte, fields []string) {
	s.learned = true
	s.quoted = s.quoted[:0]
	pos := 0
	for _, f := range fields {
		q := pos < len(line) && line[pos] == s.Quote
		s.quoted = append(s.quoted, q)
		pos += len(f) + 1
		if q {
			pos += 2
		}
	}
}

// split cuts once. clean is false when a quote had no end or something followed a closing
// quote. In strict mode the field after a quoted one must be quoted exactly if it was so in
// the line learned from; otherwise the quote is part of the value.
func (s *Splitter) split(line []byte, dst []string, strict bool) (fields []string, clean bool) {
	clean = true
	i, field := 0, 0
	for {
		if field == maxFields-1 {
			return append(dst, alias(line[i:])), false
		}
		if s.Quote != 0 && i < len(line) && line[i] == s.Quote {
			end, ok := s.closing(line, i+1, field, strict)
			clean = clean && ok
			dst = append(dst, alias(line[i+1:end]))
			i = end + 1
			if i >= len(line) {
				return dst, clean
			}
		} else {
			n := bytes.IndexByte(line[i:], s.Sep)
			if n < 0 {
				return append(dst, alias(line[i:])), clean
			}
			dst = append(dst, alias(line[i:i+n]))
			i += n
		}
		field++
		i++ // the separator
		if i >= len(line) {
			return append(dst, ""), clean
		}
	}
}

// closing finds the quote that ends a field: one before a separator or the end of the line.
func (s *Splitter) closing(line []byte, i, field int, strict bool) (end int, clean bool) {
	clean = true
	for i < len(line) {
		n := bytes.IndexByte(line[i:], s.Quote)
		if n < 0 {
			break
		}
		if e := bytes.IndexByte(line[i:i+n], '\\'); e >= 0 {
			i += e + 2
			continue
		}
		i += n
		if i+1 == len(line) {
			return i, clean
		}
		if line[i+1] == s.Sep {
			if !strict || field+1 >= len(s.quoted) || i+2 < len(line) && (line[i+2] == s.Quote) == s.quoted[field+1] {
				return i, clean
			}
		}
		clean = false
		i++
	}
	return len(line), false
}
