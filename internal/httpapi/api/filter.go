package api

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadFilter reads a filter as links carry it: field:value, -field:value (is not), field:* and
// -field:* (has it, has it not). A field name with a colon or a leading minus stands in quotes.
func ReadFilter(text string) (Filter, error) {
	if !utf8.ValidString(text) {
		return Filter{}, errors.New("a filter must be valid UTF-8")
	}
	rest, not := strings.CutPrefix(text, "-")
	var field, value string
	ok := false
	if strings.HasPrefix(rest, `"`) {
		quoted, err := strconv.QuotedPrefix(rest)
		if err == nil {
			field, err = strconv.Unquote(quoted)
		}
		if err != nil {
			return Filter{}, errors.New("the quote of the field name is never closed")
		}
		value, ok = strings.CutPrefix(rest[len(quoted):], ":")
	} else {
		field, value, ok = strings.Cut(rest, ":")
	}
	if !ok || field == "" {
		return Filter{}, errors.New("write field:value, -field:value, field:* or -field:*")
	}
	f := Filter{Field: field, Op: "is"}
	switch {
	case value == "*" && not:
		f.Op = "not_exists"
	case value == "*":
		f.Op = "exists"
	default:
		if not {
			f.Op = "is_not"
		}
		v := Scalar(value)
		f.Value = &v
	}
	return f, nil
}

func itoa(i int) string { return strconv.Itoa(i) }
