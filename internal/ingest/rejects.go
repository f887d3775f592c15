package ingest

import "github.com/yagura-siem/yagura/internal/logtype"

// What is kept of the rejected records of one object. A large object of a wrong log type would
// else be held in memory, and then in the ledger, record by record.
const (
	rejectsKept     = 10_000
	rejectBytesKept = 32 << 20
)

// rejects are the rejected records of one object. Those beyond the bounds are counted in one
// entry for each log type and reason, without their bytes.
type rejects struct {
	list  []logtype.Reject
	kept  int               // entries with bytes
	bytes int               // of them
	rest  map[[2]string]int // entry of the list that counts those beyond, by log type and reason
}

func (rs *rejects) add(r logtype.Reject) {
	if rs.kept < rejectsKept && rs.bytes+len(r.Raw) <= rejectBytesKept {
		rs.list = append(rs.list, r)
		rs.kept++
		rs.bytes += len(r.Raw)
		return
	}
	r.Raw, r.SHA256, r.Records = nil, "", max(r.Records, 1)
	key := [2]string{r.Type, r.Reason}
	i, ok := rs.rest[key]
	if !ok {
		if rs.rest == nil {
			rs.rest = map[[2]string]int{}
		}
		rs.rest[key] = len(rs.list)
		rs.list = append(rs.list, r)
		return
	}
	k := &rs.list[i]
	k.Records += r.Records
	k.Length = r.Offset + r.Length - k.Offset
	k.Detail = "and more like it, of which nothing is kept: load their object again"
}
