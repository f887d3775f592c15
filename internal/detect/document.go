package detect

import (
	"slices"
	"strconv"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
)

// docSubject is an event given as a document: nested or dotted, in native or in ECS names. Names of
// columns and of their aliases are columns, all others leaves.
type docSubject struct {
	res     *resolver
	columns map[int][]string
	list    []leaf
}

// maxLeaves bounds the leaves of a document.
const maxLeaves = 10_000

func newDocSubject(res *resolver, doc map[string]any) *docSubject {
	s := &docSubject{res: res, columns: map[int][]string{}}
	names := map[string]int{}
	for name, cols := range res.exact {
		names[name] = cols[0]
	}
	var flat []leaf
	flatten("", doc, &flat, 0)
	direct := map[int]bool{} // the column itself is named, not only an alias of it
	for _, l := range flat {
		col, ok := names[flatName(l.key)]
		if !ok {
			s.list = append(s.list, l)
			continue
		}
		own := res.nameOf(col) == l.key
		switch {
		case own && !direct[col]:
			direct[col], s.columns[col] = true, nil
		case !own && direct[col]:
			continue
		}
		s.columns[col] = append(s.columns[col], l.value)
	}
	return s
}

func (s *docSubject) column(col int) []string {
	if list := s.columns[col]; list != nil {
		if col < 0 {
			return list
		}
		return truths(s.res.table.Fields[col].Kind, list)
	}
	if col == colType {
		return []string{s.res.table.LogType}
	}
	return nil
}

func (s *docSubject) leaves(dst []leaf) []leaf { return append(dst, s.list...) }

// flatten lists the leaves of a document by name.
func flatten(prefix string, v any, out *[]leaf, depth int) {
	if depth > maxDepth || len(*out) >= maxLeaves {
		return
	}
	members := func(m map[string]any) {
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			name := k
			if prefix != "" {
				name = prefix + "." + k
			}
			if name == event.NativeField {
				name = ""
			}
			flatten(name, m[k], out, depth+1)
		}
	}
	add := func(s string) {
		if s != "" {
			*out = append(*out, leaf{prefix, s})
		}
	}
	switch v := v.(type) {
	case map[string]any:
		members(v)
	case event.Document:
		members(v)
	case map[string]string:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if v[k] != "" {
				*out = append(*out, leaf{k, v[k]})
			}
		}
	case []any:
		for _, e := range v {
			flatten(prefix, e, out, depth+1)
		}
	case []string:
		for _, e := range v {
			add(e)
		}
	case string:
		add(v)
	case bool:
		add(strconv.FormatBool(v))
	case int:
		add(strconv.Itoa(v))
	case int64:
		add(strconv.FormatInt(v, 10))
	case float64:
		add(strconv.FormatFloat(v, 'f', -1, 64))
	case time.Time:
		add(event.FormatTime(v))
	}
}
