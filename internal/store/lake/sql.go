package lake

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// quote makes a text literal. Quotes are doubled; NUL, which would end the statement, becomes
// chr(0); bytes that are no UTF-8 become U+FFFD, as they do in parts.
func quote(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = strings.ReplaceAll(s, "'", "''")
	if strings.IndexByte(s, 0) < 0 {
		return "'" + s + "'"
	}
	return "('" + strings.ReplaceAll(s, "\x00", "'||chr(0)||'") + "')"
}

// ident quotes a name.
func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func intLit(v int64) string {
	if v == math.MinInt64 { // its digits alone would not fit
		return "(-9223372036854775807-1)"
	}
	return strconv.FormatInt(v, 10) + "::BIGINT"
}

func floatLit(v float64) string {
	return "'" + strconv.FormatFloat(v, 'g', -1, 64) + "'::DOUBLE"
}

// The engine keeps both ends of int64 for infinite times; parts hold none beyond these.
const (
	minTime = math.MinInt64 + 2
	maxTime = math.MaxInt64 - 1
)

func timeLit(ns int64) string {
	return "make_timestamp_ns(" + intLit(min(max(ns, minTime), maxTime)) + ")"
}

func blobLit(b []byte) string {
	var s strings.Builder
	s.WriteByte('\'')
	for _, c := range b {
		s.WriteString(`\x`)
		s.WriteString(hex.EncodeToString([]byte{c}))
	}
	s.WriteString("'::BLOB")
	return s.String()
}

// quoteList makes a list literal of texts.
func quoteList(vals []string) string {
	out := make([]string, len(vals))
	for i, v := range vals {
		out[i] = quote(v)
	}
	return strings.Join(out, ", ")
}

// likePattern makes the pattern of LIKE for parts with anything between them, and the clause
// that follows it.
func likePattern(parts []string) string {
	joined := strings.Join(parts, "")
	if !strings.ContainsAny(joined, `%_\`) {
		return quote(strings.Join(parts, "%"))
	}
	esc := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = esc.Replace(p)
	}
	return quote(strings.Join(out, "%")) + ` ESCAPE '\'`
}
