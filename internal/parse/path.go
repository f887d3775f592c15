package parse

import (
	"fmt"
	"strings"
)

// Step is one step of a native path: a key, or (Elem) each element of a list.
type Step struct {
	Key  string
	Elem bool
}

// Path is a native path, such as httpRequest.headers[].name.
type Path []Step

// maxPathSteps bounds a path; the scanner's depth limit is the same.
const maxPathSteps = maxDepth

// ParsePath reads the text form: keys separated by dots, [] after a key for each element of
// the list there, odd keys in double quotes (a backslash keeps the next byte).
func ParsePath(s string) (Path, error) {
	var p Path
	i, wantKey := 0, true
	for i < len(s) {
		if len(p) >= maxPathSteps {
			return nil, fmt.Errorf("path %q: more than %d steps", s, maxPathSteps)
		}
		switch c := s[i]; {
		case c == '[':
			if !strings.HasPrefix(s[i:], "[]") || wantKey && len(p) > 0 {
				return nil, fmt.Errorf("path %q: unexpected [ at %d", s, i+1)
			}
			p = append(p, Step{Elem: true})
			i += 2
			wantKey = false
		case c == '.':
			if wantKey {
				return nil, fmt.Errorf("path %q: empty key at %d", s, i+1)
			}
			wantKey = true
			i++
			if i == len(s) {
				return nil, fmt.Errorf("path %q: ends with a dot", s)
			}
		case !wantKey:
			return nil, fmt.Errorf("path %q: want a dot or [] at %d", s, i+1)
		case c == '"':
			var key []byte
			i++
			for {
				if i >= len(s) {
					return nil, fmt.Errorf("path %q: quote without end", s)
				}
				if s[i] == '"' {
					break
				}
				if s[i] == '\\' && i+1 < len(s) {
					i++
				}
				key = append(key, s[i])
				i++
			}
			p = append(p, Step{Key: string(key)})
			i++
			wantKey = false
		default:
			n := strings.IndexAny(s[i:], ".[\"")
			if n < 0 {
				n = len(s) - i
			}
			p = append(p, Step{Key: s[i : i+n]})
			i += n
			wantKey = false
		}
	}
	if len(p) == 0 {
		return nil, fmt.Errorf("path is empty")
	}
	return p, nil
}

// String is the text form; parsing it gives an equal path.
func (p Path) String() string {
	s := ""
	for _, st := range p {
		s = join(s, st)
	}
	return s
}

// Lists counts the steps over list elements.
func (p Path) Lists() int {
	n := 0
	for _, s := range p {
		if s.Elem {
			n++
		}
	}
	return n
}

func join(parent string, st Step) string {
	if st.Elem {
		return parent + "[]"
	}
	key := st.Key
	if key == "" || strings.ContainsAny(key, ".[]\"\\") {
		key = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key) + `"`
	}
	if parent == "" {
		return key
	}
	return parent + "." + key
}
