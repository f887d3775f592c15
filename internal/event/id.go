package event

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
)

// ObjectIdentity is what makes an object one and the same: everything an id derives from.
type ObjectIdentity struct {
	Source  string // name of the source in the configuration
	Bucket  string // bucket, or the root of a folder source
	Key     string // key, or slash-separated path below the root
	Version string // version id, or etag and size
}

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// ID returns the object id: 100 bits of SHA-256 over the identity as 20 lower-case characters.
func (o ObjectIdentity) ID() string {
	h := sha256.New()
	for _, s := range []string{o.Source, o.Bucket, o.Key, o.Version} {
		fmt.Fprintf(h, "%d:%s;", len(s), s)
	}
	return idEncoding.EncodeToString(h.Sum(nil))[:20]
}

// ID is the id of an event: the object it came from, the byte offset of its record in the
// decoded stream and its number among the events of that record. It is a pure function of
// them, so reading an object twice gives the same ids; and it can be read back, so a store
// need not write it beside its parts.
func ID(object string, offset int64, index int32) string {
	return object + "-" + strconv.FormatInt(offset, 36) + "-" + strconv.FormatInt(int64(index), 36)
}

// ParseID takes an event id apart.
func ParseID(id string) (object string, offset int64, index int32, err error) {
	p := strings.Split(id, "-")
	if len(p) != 3 || len(p[0]) != 20 {
		return "", 0, 0, fmt.Errorf("event id %q: want <object>-<offset>-<index>", id)
	}
	offset, err = strconv.ParseInt(p[1], 36, 64)
	if err != nil || offset < 0 {
		return "", 0, 0, fmt.Errorf("event id %q: bad offset %q", id, p[1])
	}
	n, err := strconv.ParseInt(p[2], 36, 32)
	if err != nil || n < 0 {
		return "", 0, 0, fmt.Errorf("event id %q: bad index %q", id, p[2])
	}
	return p[0], offset, int32(n), nil
}

// The index of a derived row (a finding) holds that of the event it is made of in its lower bits
// and the rank of the row among those of the event, counted from 1, above them.
const (
	rankShift = 24
	maxRank   = 1<<(31-rankShift) - 2 // from 0
)

// DerivedIndex is the index of the row of a rank (from 0) that is made of the event with an index.
// ok is false when there is no number for it: more than 127 rows of one event, or an event beyond
// the 16 millionth of one record.
func DerivedIndex(index int32, rank int) (derived int32, ok bool) {
	if index < 0 || index >= 1<<rankShift || rank < 0 || rank > maxRank {
		return 0, false
	}
	return int32(rank+1)<<rankShift | index, true
}

// IsDerived reports whether an index is that of a derived row.
func IsDerived(index int32) bool { return index >= 1<<rankShift }

// SourceIndex is the index of the event that a derived row is made of.
func SourceIndex(derived int32) int32 { return derived & (1<<rankShift - 1) }
