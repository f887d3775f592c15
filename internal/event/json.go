package event

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// AppendJSON writes an event as nested JSON ("source.ip" becomes {"source":{"ip":…}}) in the
// way of the Elastic Common Schema, with keys in the order of their dotted names, so that equal
// events give equal bytes. indent is "" for one line, else the indent of one level. Times are RFC
// 3339 in UTC with milliseconds, or nanoseconds when there are any. A name that would have to be a
// value and an object at once keeps its dots. Bytes that are no UTF-8 become U+FFFD; NaN and
// infinite numbers become null.
//
// Other value types than Document names are left out; map[string]any and []any of those types are
// written too, so that callers may add to a document.
func AppendJSON(dst []byte, doc Document, indent string) []byte {
	return AppendJSONValue(dst, map[string]any(doc), indent)
}

// AppendJSONValue writes any value a document may hold, as AppendJSON does.
func AppendJSONValue(dst []byte, v any, indent string) []byte {
	if !writable(v) {
		return append(dst, "null"...)
	}
	w := jsonWriter{out: dst, indent: indent}
	w.value(v)
	return w.out
}

// jsonWriter writes values; depth counts open brackets.
type jsonWriter struct {
	out    []byte
	indent string
	depth  int
	comma  bool // something stands before the next member in its bracket
}

// object writes members with nested names. Sorted names of one prefix stand together, so one
// pass over them with a stack of open objects is enough.
func (w *jsonWriter) object(names []string, value func(string) any) {
	w.open('{')
	var path []string // keys of the open objects
	leaves := map[string]bool{}
	for _, name := range names {
		v := value(name)
		if !writable(v) {
			continue
		}
		keys := splitName(name, leaves)
		leaves[name] = true
		shared := 0
		for shared < len(path) && shared < len(keys)-1 && path[shared] == keys[shared] {
			shared++
		}
		for len(path) > shared {
			w.close('}')
			path = path[:len(path)-1]
		}
		for _, k := range keys[shared : len(keys)-1] {
			w.key(k)
			w.open('{')
			path = append(path, k)
		}
		w.key(keys[len(keys)-1])
		w.value(v)
	}
	for range path {
		w.close('}')
	}
	w.close('}')
}

// splitName cuts a name at its dots. From the first prefix on that is a value itself (they sort
// before the name) the rest stays one key with dots.
func splitName(name string, leaves map[string]bool) []string {
	if strings.Contains(name, "..") || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
		return []string{name}
	}
	start := 0
	var keys []string
	for i := 0; i < len(name); i++ {
		if name[i] != '.' {
			continue
		}
		if leaves[name[:i]] {
			break
		}
		keys = append(keys, name[start:i])
		start = i + 1
	}
	return append(keys, name[start:])
}

func writable(v any) bool {
	switch v := v.(type) {
	case string, int64, int, float64, bool, time.Time, map[string]string, map[string]any, []any:
		return true
	case []string:
		return v != nil
	}
	return false
}

func (w *jsonWriter) value(v any) {
	switch v := v.(type) {
	case string:
		w.out = AppendJSONString(w.out, v)
	case int64:
		w.out = strconv.AppendInt(w.out, v, 10)
	case int:
		w.out = strconv.AppendInt(w.out, int64(v), 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			w.out = append(w.out, "null"...)
			return
		}
		w.out = strconv.AppendFloat(w.out, v, 'g', -1, 64)
	case bool:
		w.out = strconv.AppendBool(w.out, v)
	case time.Time:
		w.out = append(append(append(w.out, '"'), FormatTime(v)...), '"')
	case []string:
		w.list(v)
	case []any:
		w.open('[')
		for _, e := range v {
			if writable(e) {
				w.item()
				w.value(e)
			}
		}
		w.close(']')
	case map[string]string: // native names: no nesting, they are what people search for
		w.open('{')
		for _, k := range slices.Sorted(maps.Keys(v)) {
			w.key(k)
			w.out = AppendJSONString(w.out, v[k])
		}
		w.close('}')
	case map[string]any:
		w.object(slices.SortedFunc(maps.Keys(v), cmp.Compare), func(k string) any { return v[k] })
	}
}

// A list of texts of at most so many bytes in all stands on one line, even when indented.
const lineBytes = 100

func (w *jsonWriter) list(v []string) {
	size := 0
	for _, s := range v {
		size += len(s) + 4
	}
	indent := w.indent
	if size <= lineBytes {
		w.indent = ""
	}
	w.open('[')
	for i, s := range v {
		w.item()
		if i > 0 && w.indent != indent {
			w.out = append(w.out, ' ')
		}
		w.out = AppendJSONString(w.out, s)
	}
	w.close(']')
	w.indent = indent
}

func (w *jsonWriter) open(b byte) {
	w.out = append(w.out, b)
	w.depth++
	w.comma = false
}

func (w *jsonWriter) close(b byte) {
	w.depth--
	if w.comma {
		w.newline()
	}
	w.out = append(w.out, b)
	w.comma = true
}

func (w *jsonWriter) item() {
	if w.comma {
		w.out = append(w.out, ',')
	}
	w.comma = true
	w.newline()
}

func (w *jsonWriter) key(k string) {
	w.item()
	w.out = append(AppendJSONString(w.out, k), ':')
	if w.indent != "" {
		w.out = append(w.out, ' ')
	}
}

func (w *jsonWriter) newline() {
	if w.indent == "" {
		return
	}
	w.out = append(w.out, '\n')
	for range w.depth {
		w.out = append(w.out, w.indent...)
	}
}

// FormatTime is the text form of a time in events: RFC 3339, UTC, milliseconds or, when
// needed, nanoseconds.
func FormatTime(t time.Time) string {
	if t.Nanosecond()%1_000_000 == 0 {
		return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000000Z07:00")
}

const hexDigits = "0123456789abcdef"

// AppendJSONString writes a text as a JSON string: control characters, quotes and the two line
// separators that break JavaScript are escaped, markup is not.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf && c != 0x7f {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			dst = append(dst, s[start:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
		case r == '\u2028' || r == '\u2029':
			dst = append(append(dst, s[start:i]...), '\\', 'u', '2', '0', '2', hexDigits[r&15])
		default:
			i += size
			continue
		}
		i += size
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}
