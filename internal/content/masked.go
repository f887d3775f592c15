package content

import (
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/logtype"
)

// Bytes shown before a masked run, and runs shown of one record.
const (
	maskedBefore = 40
	maskedMost   = 20
)

// maskedIn says what was masked in a record: the places of the definition, and because names that
// are always masked stand in no definition, the text around masked runs that no place ends with
// the key of. A record out of a wrapper cannot be compared with the object, so there only the
// places are known.
func maskedIn(n *logtype.Explanation, decoded []byte) []string {
	end := n.Offset + int64(len(n.Record))
	if len(n.Wraps) > 0 || n.Offset < 0 || end > int64(len(decoded)) {
		return n.Masked
	}
	raw, rec := decoded[n.Offset:end], n.Record
	var runs []string
	for i := 0; i < len(rec); i++ {
		if rec[i] == raw[i] {
			continue
		}
		j := i
		for j < len(rec) && (rec[j] == '*' || rec[j] == '1' && raw[j] != '1') { // digits of numbers become 1
			j++
		}
		if j == i {
			return n.Masked // not the same bytes at all
		}
		if len(runs) < maskedMost {
			start := max(0, i-maskedBefore)
			if k := strings.LastIndexAny(rec[start:i], ",{;& \t\n"); k >= 0 && start+k+1 < i {
				start += k + 1
			}
			run := strings.ToValidUTF8(rec[start:min(j+1, len(rec))], "")
			if !slices.ContainsFunc(n.Masked, func(place string) bool { return strings.HasPrefix(run, `"`+lastKey(place)+`":`) }) {
				runs = append(runs, run)
			}
		}
		i = j
	}
	return slices.Concat(n.Masked, runs)
}

// lastKey is the last part of a native path.
func lastKey(place string) string { return place[strings.LastIndexByte(place, '.')+1:] }
