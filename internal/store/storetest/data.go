package storetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// The days of the data: around the change of clocks in Berlin and in New York, and one of them
// long before. All times of the data are in them.
var days = []time.Time{
	time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
}

// Values that have shown faults in stores: folding, patterns of SQL, quotes, numbers at the end
// of exactness, addresses in several families.
var (
	users = []string{"root", "Root", "ROOT", "alice", "Åsa", "A\u030asa", "İpek", "ipek", "straße", "STRASSE", "山田", "ﾔﾏﾀﾞ", "ヤマダ",
		"Ｒｏｏｔ", "b*b", "bxb", `c\d`, `e"f'g`, "%", "a_b", "axb", "K", "k", "ſ", "S", "new\nline", "null", "ΑΣ", "ας", "😀"}
	actions = []string{"ALLOW", "BLOCK", "block", "COUNT"}
	paths   = []string{"/", "/admin/login", "/admin/", "/a b", "/検索?q=東京", "/x%20y", "/API/v1/Users", "/api/v1/users", "/' OR 1=1 --"}
	ips     = []string{"203.0.113.9", "203.0.113.200", "198.51.100.7", "10.0.0.1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "2001:db8:0:1::5",
		"::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "9.255.255.255", "11.0.0.0"}
	bigs   = []int64{0, 1, -1, 200, 404, 4040, math.MaxInt64, math.MinInt64, 1 << 53, 1<<53 + 1, 1<<53 - 1, -(1<<53 + 1)}
	ratios = []float64{0, 0.1, 0.2, 0.30000000000000004, 0.3, -1.5, 1e15, 5e-324, 1e300, 42}
	tags   = []string{"alpha", "Beta", "b*ta", "7", "７", "gamma delta", "あ", "omega"}
	leaves = []string{"5", "10", "9", "abc", "ABC", "1e2", "-0.5", "203.0.113.9", "0.0.0.0/0", "5 ", "0x10", "inf", "日本"}
	words  = []string{"Accepted password for Root", "accepted PASSWORD", "拒否 された 通信", "x", "100% sure_thing", `path C:\temp`}
)

// Data returns the tables and the batches of the suite, the same ones each time. Callers only
// read them.
func Data() ([]*schema.Table, []*event.Batch) { return data() }

var data = sync.OnceValues(func() ([]*schema.Table, []*event.Batch) {
	tables := makeTables()
	r := rand.New(rand.NewPCG(7, 7))
	var batches []*event.Batch
	for i, t := range tables {
		for d, day := range days {
			for part := range 2 {
				batches = append(batches, fill(r, t, day, 18+r.IntN(12), fmt.Sprintf("%d/%d/%d", i, d, part)))
			}
		}
	}
	return tables, batches
})

// makeTables returns two versions of one log type, two other types and a derived one. The second version
// promotes an undeclared leaf (test.promoted).
func makeTables() []*schema.Table {
	web := []schema.Field{
		{Name: "source.ip", Kind: schema.IP, Bloom: true},
		{Name: "url.path", Kind: schema.String, Plain: true},
		{Name: "event.action", Kind: schema.String},
		{Name: "event.duration", Kind: schema.Int},
		{Name: "test.big", Kind: schema.Int},
		{Name: "test.ratio", Kind: schema.Float},
		{Name: "test.ok", Kind: schema.Bool},
		{Name: "test.at", Kind: schema.Time},
		{Name: "test.tags", Kind: schema.Strings},
		{Name: "related.ip", Kind: schema.IPs},
		{Name: "user.name", Kind: schema.String, Bloom: true},
		{Name: "message", Kind: schema.String},
		{Name: "test.never", Kind: schema.String}, // no event has it
	}
	v1 := schema.NewTable("test.web", 1, web)
	v1.Original, v1.Rest = true, true
	v2 := schema.NewTable("test.web", 2, append(slices.Clone(web), schema.Field{Name: "test.promoted", Kind: schema.String}))
	v2.Original, v2.Rest = true, true
	audit := schema.NewTable("test.audit", 1, []schema.Field{
		{Name: "event.action", Kind: schema.String},
		{Name: "user.name", Kind: schema.String},
		{Name: "user.id", Kind: schema.String, Plain: true},
		{Name: "source.ip", Kind: schema.IP},
		{Name: "event.duration", Kind: schema.Int},
	})
	audit.Rest = true
	bare := schema.NewTable("test.bare", 1, []schema.Field{{Name: "user.name", Kind: schema.String}})
	derived := schema.NewTable("test.derived", 1, []schema.Field{{Name: "user.name", Kind: schema.String}, {Name: "source.ip", Kind: schema.IP}})
	derived.Derived = true
	return []*schema.Table{v1, v2, audit, bare, derived}
}

// fill makes a batch of one day. Times repeat, stand out of order, and touch the ends of the
// day and the hours where clocks change.
func fill(r *rand.Rand, t *schema.Table, day time.Time, rows int, name string) *event.Batch {
	start := day.UnixNano()
	b := event.NewBatch(t, event.DayOf(start))
	notable := []int64{0, 1, int64(24*time.Hour) - 1, int64(time.Hour) - 1, int64(time.Hour), int64(6 * time.Hour), int64(6*time.Hour) - 1, int64(15 * time.Hour)}
	for row := range rows {
		if row%7 == 0 {
			b.AddObject(event.ObjectIdentity{Source: "test", Key: name + fmt.Sprint(row)}.ID())
		}
		ns := int64(r.IntN(24*3600)) * int64(time.Second)
		switch r.IntN(4) {
		case 0:
			ns = notable[r.IntN(len(notable))]
		case 1:
			ns = int64(r.IntN(24)) * int64(time.Hour)
		}
		b.Time = append(b.Time, start+ns)
		b.Object = append(b.Object, int32(len(b.Objects)-1))
		b.Offset = append(b.Offset, int64(row%7/2*r.IntN(2)*37)*100+int64(row%7)*20)
		b.Index = append(b.Index, int32(row%3))
		if t.Original {
			b.Original = append(b.Original, fmt.Sprintf(`{"n":%d,"text":"%s","user":"%s"}`, row, one(r, words), one(r, users)))
		}
		b.Rows++
		for i := range b.Columns {
			fillField(r, &b.Columns[i], row, start)
		}
		if t.Rest {
			fillRest(r, b)
		}
	}
	b.Seal()
	return b
}

func one[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func fillField(r *rand.Rand, c *event.Column, row int, start int64) {
	if c.Name == "test.never" || r.IntN(4) == 0 {
		return
	}
	switch c.Name {
	case "source.ip":
		c.SetText(row, []byte(one(r, ips)))
	case "related.ip":
		fillList(r, c, row, ips)
	case "test.tags":
		fillList(r, c, row, tags)
	case "url.path":
		c.SetText(row, []byte(one(r, paths)))
	case "event.action":
		c.SetText(row, []byte(one(r, actions)))
	case "event.duration":
		c.SetInt(row, int64(r.IntN(1000)))
	case "test.big":
		c.SetInt(row, one(r, bigs))
	case "test.ratio":
		c.SetFloat(row, one(r, ratios))
	case "test.ok":
		c.SetInt(row, int64(r.IntN(2)))
	case "test.at":
		c.SetInt(row, start+int64(r.IntN(48))*int64(time.Hour)-int64(24*time.Hour))
	case "message":
		c.SetText(row, []byte(one(r, words)))
	case "test.promoted":
		c.SetText(row, []byte(one(r, leaves)))
	default:
		c.SetText(row, []byte(one(r, users)))
	}
}

// fillList writes no, one or several elements, sometimes one of them twice.
func fillList(r *rand.Rand, c *event.Column, row int, from []string) {
	c.Pad(row)
	for range r.IntN(4) {
		c.AddText([]byte(one(r, from)))
	}
	c.CloseList(row)
}

func fillRest(r *rand.Rand, b *event.Batch) {
	for _, key := range []string{"native.count", "native.list[].name", "Odd Key", "test.promoted", "native.path"} {
		if r.IntN(2) == 0 || key == "test.promoted" && b.Table.Index(key) >= 0 {
			continue
		}
		b.Rest.Keys = append(b.Rest.Keys, b.Rest.KeyDict.Code([]byte(key)))
		b.Rest.Vals = append(b.Rest.Vals, b.Rest.ValDict.Code([]byte(one(r, leaves))))
	}
	b.Rest.Ends = append(b.Rest.Ends, int32(len(b.Rest.Keys)))
}
