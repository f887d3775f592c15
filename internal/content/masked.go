package content

import (
	"strings"

	"github.com/yagura-siem/yagura/internal/logtype"
)

// Bytes shown before a masked run, and runs shown of one record.
const (
	maskedBefore = 40
	maskedMost   = 20
)

// maskedIn says what was masked in a record: the places of the definition, and for names that
// are always masked, which no definition lists, the text around them. A record out of a wrapper
// cannot be compared with the object, so there only the places are known.
func maskedIn(n *logtype.Explanation, decoded []byte) []string {
	end := n.Offset + int64(len(n.Record))
	if len(n.Masked) > 0 || len(n.Wraps) > 0 || n.Offset < 0 || end > int64(len(decoded)) {
		return n.Masked
	}
	raw, rec := decoded[n.Offset:end], n.Record
	var out []string
	for i := 0; i < len(rec); i++ {
		if rec[i] == raw[i] {
			continue
		}
		if rec[i] != '*' {
			return nil // not the same bytes at all
		}
		j := i
		for j < len(rec) && rec[j] == '*' {
			j++
		}
		if len(out) < maskedMost {
			start := max(0, i-maskedBefore)
			if k := strings.LastIndexAny(rec[start:i], ",{;& \t\n"); k >= 0 && start+k+1 < i {
				start += k + 1
			}
			out = append(out, strings.ToValidUTF8(rec[start:min(j+1, len(rec))], ""))
		}
		i = j
	}
	return out
}
