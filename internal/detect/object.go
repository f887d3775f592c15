package detect

import (
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
)

// Objects are not stored: their leaves are. A rule that looks at an object as a text (contains
// "Suspended") sees what appendObject makes of the leaves: compact JSON, members in the order of
// the record, each element of a list on its own. Whether a number or a truth value was quoted in the
// record is not known any more: they stand without quotes unless they are longer than ten digits, as
// ids are.
type objectText struct {
	out  []byte
	open []string // keys of the open objects
	any  bool
}

func (o *objectText) add(path, value string) {
	keys := strings.Split(path, ".")
	if o.out == nil {
		o.out = append(o.out, '{')
	}
	shared := 0
	for shared < len(o.open) && shared < len(keys)-1 && o.open[shared] == keys[shared] {
		shared++
	}
	for len(o.open) > shared {
		o.out = append(o.out, '}')
		o.open = o.open[:len(o.open)-1]
	}
	if o.any {
		o.out = append(o.out, ',')
	}
	for _, k := range keys[shared : len(keys)-1] {
		o.out = append(event.AppendJSONString(o.out, k), ':', '{')
		o.open = append(o.open, k)
	}
	o.out = append(event.AppendJSONString(o.out, keys[len(keys)-1]), ':')
	if bare(value) {
		o.out = append(o.out, value...)
	} else {
		o.out = event.AppendJSONString(o.out, value)
	}
	o.any = true
}

func (o *objectText) text() string {
	if o.out == nil {
		return ""
	}
	for range len(o.open) + 1 {
		o.out = append(o.out, '}')
	}
	return string(o.out)
}

func bare(s string) bool {
	if s == "true" || s == "false" {
		return true
	}
	if len(s) > 10 || s == "" || len(s) > 1 && s[0] == '0' {
		return false
	}
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}
