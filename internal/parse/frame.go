package parse

import "bytes"

// FindList looks in the object that starts at b[i] for the first list that stands at one of
// the paths (keys from the top), reading members in order and skipping the others. It returns
// the index after the list's opening bracket and how many objects are open there; without
// such a list at is -1 and end the index after the object.
func (s *Scanner) FindList(b []byte, i int, paths [][]string) (at, open, end int, err error) {
	at, open, end = s.findList(b, i+1, paths, 0, 1)
	if end < 0 {
		return -1, 0, i, &s.err
	}
	return at, open, end, nil
}

func (s *Scanner) findList(b []byte, i int, paths [][]string, level, depth int) (at, open, end int) {
	if depth > maxDepth {
		return -1, 0, s.bad(b, i, "too deep")
	}
	for first := true; ; first = false {
		i = space(b, i)
		if first && b[i] == '}' {
			return -1, 0, i + 1
		}
		if b[i] != '"' {
			return -1, 0, s.bad(b, i, "want a key")
		}
		start := i + 1
		if _, i = s.key(b, i, s.sink); i < 0 {
			return -1, 0, -1
		}
		name := alias(b[start : i-1])
		if i = space(b, i); b[i] != ':' {
			return -1, 0, s.bad(b, i, "want a colon")
		}
		i = space(b, i+1)
		descend := false
		for _, p := range paths {
			if level >= len(p) || p[level] != name {
				continue
			}
			if level == len(p)-1 && b[i] == '[' {
				return i + 1, depth, i
			}
			descend = descend || level < len(p)-1 && b[i] == '{'
		}
		if descend {
			var below [][]string
			for _, p := range paths {
				if level < len(p)-1 && p[level] == name {
					below = append(below, p)
				}
			}
			if at, open, i = s.findList(b, i+1, below, level+1, depth+1); at >= 0 || i < 0 {
				return at, open, i
			}
		} else if i = s.value(b, i, s.sink, depth); i < 0 {
			return -1, 0, -1
		}
		i = space(b, i)
		if b[i] == '}' {
			return -1, 0, i + 1
		}
		if b[i] != ',' {
			return -1, 0, s.bad(b, i, "want a comma or }")
		}
		i++
	}
}

// CloseObjects skips what is left of open objects after one of their values and returns the
// index after the last.
func (s *Scanner) CloseObjects(b []byte, i, open int) (int, error) {
	for open > 0 {
		i = space(b, i)
		switch b[i] {
		case '}':
			open--
			i++
		case ',':
			if i = space(b, i+1); b[i] != '"' {
				return i, s.fail(b, i, "want a key")
			}
			if _, i = s.key(b, i, s.sink); i < 0 {
				return i, &s.err
			}
			if i = space(b, i); b[i] != ':' {
				return i, s.fail(b, i, "want a colon")
			}
			if i = s.value(b, space(b, i+1), s.sink, open); i < 0 {
				return i, &s.err
			}
		default:
			return i, s.fail(b, i, "want a comma or }")
		}
	}
	return i, nil
}

// Skip reads one value of any kind without keeping anything of it.
func (s *Scanner) Skip(b []byte, i int) (int, error) {
	if i = s.value(b, i, s.sink, 1); i < 0 {
		return i, &s.err
	}
	return i, nil
}

// Space returns the index of the first byte from i on that is not JSON white space.
func Space(b []byte, i int) int { return space(b, i) }

// ListStart reports whether b[i] opens a list of records rather than a text line in brackets.
// more means that the data ended before that could be told.
func ListStart(b []byte, i int) (list, more bool) {
	if b[i] != '[' {
		return false, false
	}
	i = space(b, i+1)
	return b[i] == '{' || b[i] == '[' || b[i] == ']', i >= len(b)-Pad
}

// NextStart returns the index from which reading may go on after a value that started at
// from turned out bad at fault: a line that starts with an object or list, or an object that
// follows another without white space. -1 = not in this data.
func NextStart(b []byte, from, fault int) int {
	end := len(b) - Pad
	next := -1
	for i := from; i < end; {
		n := bytes.IndexByte(b[i:end], '\n')
		if n < 0 || i+n+1 >= end {
			break
		}
		i += n + 1
		if b[i] == '{' {
			next = i
			break
		}
		if ok, _ := ListStart(b, i); ok {
			next = i
			break
		}
	}
	limit := end
	if next >= 0 {
		limit = next
	}
	for i := fault; i < limit; {
		n := bytes.IndexByte(b[i:limit], '}')
		if n < 0 {
			break
		}
		i += n + 1
		if i < end && b[i] == '{' && (b[i+1] == '"' || b[i+1] == '}') {
			return i
		}
	}
	return next
}

// Skipper finds the end of a JSON value of any size, a piece at a time, in constant memory.
// It checks brackets and quotes only; a line break inside a text ends the value, too, since
// no JSON text holds one.
type Skipper struct {
	depth  int
	text   bool
	escape bool
}

// Skip returns how many bytes of b belong to the value, and whether it ends there.
func (k *Skipper) Skip(b []byte) (n int, done bool) {
	for i, c := range b {
		if k.text {
			switch {
			case c == '\n':
				return i, true
			case k.escape:
				k.escape = false
			case c == '\\':
				k.escape = true
			case c == '"':
				k.text = false
			}
			continue
		}
		switch c {
		case '"':
			k.text = true
		case '{', '[':
			k.depth++
		case '}', ']':
			k.depth--
			if k.depth <= 0 {
				return i + 1, true
			}
		}
	}
	return len(b), false
}
