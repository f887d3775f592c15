package lake

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

var (
	benchRows = flag.Int("lake.rows", 1_000_000, "rows the search benchmarks run over")
	benchPart = flag.Int("lake.part", 120_000, "rows of a part there")
)

// question is a query of the program and the plain SQL a person would write for it; %s is the
// table function over the same files.
type question struct {
	name   string
	sql    string
	events *store.EventsQuery
	stats  *store.AggregateQuery
}

func questions() []question {
	where := func(text string) store.Query {
		q := store.Query{From: math.MinInt64, To: math.MaxInt64}
		if text != "" {
			n, err := expr.Parse(text)
			if err != nil {
				panic(err)
			}
			q.Where = n
		}
		return q
	}
	count := []store.Agg{{Name: "n", Func: store.Count}}
	top := []store.Sort{{Column: "n", Desc: true}}
	by := func(fields ...string) (keys []store.Key) {
		for _, f := range fields {
			keys = append(keys, store.Key{Name: f, Field: f})
		}
		return keys
	}
	buckets := func(width time.Duration) *store.Buckets {
		b := &store.Buckets{Width: int64(width)}
		for t := synthDay.Start(); t <= synthDay.End(); t += int64(width) {
			b.Edges = append(b.Edges, t)
		}
		return b
	}
	minutes := store.Key{Name: "t", Field: "@timestamp", Buckets: buckets(time.Minute)}
	hours := store.Key{Name: "t", Field: "@timestamp", Buckets: buckets(time.Hour)}
	hour := where("")
	hour.From, hour.To = synthDay.Start()+int64(5*time.Hour), synthDay.Start()+int64(6*time.Hour)
	return []question{
		{name: "a_histogram", stats: &store.AggregateQuery{Query: where(""), By: append([]store.Key{minutes}, by("event.action")...), Aggs: count},
			sql: `SELECT epoch_ns("@timestamp") // 60000000000 AS m, "event.action" AS a, count(*) FROM %s GROUP BY m, a ORDER BY m, a`},
		{name: "a_one_hour", stats: &store.AggregateQuery{Query: hour, By: append([]store.Key{minutes}, by("event.action")...), Aggs: count},
			sql: fmt.Sprintf(`SELECT epoch_ns("@timestamp") // 60000000000 AS m, "event.action" AS a, count(*) FROM %%s WHERE "@timestamp" >= make_timestamp_ns(%d) AND "@timestamp" < make_timestamp_ns(%d) GROUP BY m, a ORDER BY m, a`, hour.From, hour.To)},
		{name: "b_top_ip", stats: &store.AggregateQuery{Query: where("event.action:BLOCK"), By: by("source.ip"), Aggs: count, Sort: top, Limit: 20},
			sql: `SELECT "source.ip" AS k, count(*) AS n FROM %s WHERE "event.action" = 'BLOCK' GROUP BY k ORDER BY n DESC, k LIMIT 21`},
		{name: "c_top_path", stats: &store.AggregateQuery{Query: where("not source.geo.country_iso_code:JP"), By: by("url.path"), Aggs: count, Sort: top, Limit: 20},
			sql: `SELECT "url.path" AS k, count(*) AS n FROM %s WHERE "source.geo.country_iso_code" <> 'JP' GROUP BY k ORDER BY n DESC, k LIMIT 21`},
		{name: "d_distinct", stats: &store.AggregateQuery{Query: where(""), By: []store.Key{hours}, Aggs: []store.Agg{{Name: "n", Func: store.Distinct, Field: "source.ip"}}},
			sql: `SELECT epoch_ns("@timestamp") // 3600000000000 AS h, count(DISTINCT "source.ip") FROM %s GROUP BY h ORDER BY h`},
		{name: "e_needle", events: &store.EventsQuery{Query: where("source.ip:" + benchNeedle), Limit: 1000},
			sql: `SELECT * FROM %s WHERE "source.ip" = '` + benchNeedle + `' ORDER BY "@timestamp" DESC LIMIT 1000`},
		{name: "e_absent", events: &store.EventsQuery{Query: where("source.ip:240.1.2.3"), Limit: 1000},
			sql: `SELECT * FROM %s WHERE "source.ip" = '240.1.2.3' ORDER BY "@timestamp" DESC LIMIT 1000`},
		{name: "f_agent", stats: &store.AggregateQuery{Query: where("user_agent.original:*sqlmap*"), Aggs: count},
			sql: `SELECT count(*) FROM %s WHERE contains(lower("user_agent.original"), 'sqlmap')`},
		{name: "f_path", stats: &store.AggregateQuery{Query: where("url.path:*\\/wp-login*"), Aggs: count},
			sql: `SELECT count(*) FROM %s WHERE contains(lower("url.path"), '/wp-login')`},
		{name: "f_newest", events: &store.EventsQuery{Query: where("user_agent.original:*sqlmap* or url.path:*wp-login*"), Limit: 100},
			sql: `SELECT * FROM %s WHERE contains(lower("user_agent.original"), 'sqlmap') OR contains(lower("url.path"), 'wp-login') ORDER BY "@timestamp" DESC LIMIT 100`},
		{name: "g_newest", events: &store.EventsQuery{Query: where("event.action:BLOCK and http.request.method:POST"), Limit: 100},
			sql: `SELECT * FROM %s WHERE "event.action" = 'BLOCK' AND "http.request.method" = 'POST' ORDER BY "@timestamp" DESC LIMIT 100`},
		{name: "i_three_keys", stats: &store.AggregateQuery{Query: where(""), By: by("event.action", "source.geo.country_iso_code", "http.request.method"), Aggs: count, Sort: top},
			sql: `SELECT "event.action" AS a, "source.geo.country_iso_code" AS b, "http.request.method" AS c, count(*) AS n FROM %s GROUP BY ALL ORDER BY n DESC, a, b, c`},
		{name: "p_percentile", stats: &store.AggregateQuery{Query: where(""), By: by("event.action"), Aggs: []store.Agg{{Name: "p", Func: store.Percentile, Field: "http.response.bytes", Arg: 95}}},
			sql: `SELECT "event.action" AS a, quantile_cont("http.response.bytes", 0.95) FROM %s GROUP BY a ORDER BY a`},
	}
}

// benchNeedle occurs a few times in every million rows.
const benchNeedle = "198.51.100.77"

// BenchmarkSearch asks the questions of the engine study of the lake and, in the same run, of
// plain SQL over the same files with the same settings. ratio is ours to SQL's, by processor
// time; below 1.1 is the bar.
func BenchmarkSearch(b *testing.B) {
	l := openBenchLake(b)
	var files []string
	for _, p := range l.parts {
		files = append(files, filepath.Join(l.root, p.Path))
	}
	table := "read_parquet([" + quoteList(files) + "])"
	for _, q := range questions() {
		b.Run(q.name, func(b *testing.B) {
			plain, ours := int64(math.MaxInt64), int64(math.MaxInt64)
			wall, plainWall := time.Hour, time.Hour
			for b.Loop() {
				began, cpu := time.Now(), cpuTime()
				rows := q.ask(b, l)
				ours, wall = min(ours, cpuTime()-cpu), min(wall, time.Since(began))
				began, cpu = time.Now(), cpuTime()
				want := plainRows(b, l.engine.db, fmt.Sprintf(q.sql, table))
				plain, plainWall = min(plain, cpuTime()-cpu), min(plainWall, time.Since(began))
				if rows != min(want, rows) && q.events != nil {
					b.Fatalf("%d rows, plain SQL %d", rows, want)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(wall.Microseconds())/1000, "ms")
			b.ReportMetric(float64(plainWall.Microseconds())/1000, "sql-ms")
			b.ReportMetric(float64(ours)/1e6, "cpu-ms")
			b.ReportMetric(float64(plain)/1e6, "sql-cpu-ms")
			b.ReportMetric(float64(ours)/float64(plain), "ratio")
		})
	}
}

func (q question) ask(b *testing.B, l testLake) int {
	if q.events != nil {
		res, err := l.Events(b.Context(), *q.events)
		if err != nil {
			b.Fatal(err)
		}
		return len(res.Events)
	}
	res, err := l.Aggregate(b.Context(), *q.stats)
	if err != nil {
		b.Fatal(err)
	}
	return len(res.Rows)
}

func plainRows(b *testing.B, db *sql.DB, text string) int {
	rows, err := db.QueryContext(context.Background(), text)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	vals, ptrs := make([]any, len(names)), make([]any, len(names))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	n := 0
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return n
}

func openBenchLake(b *testing.B) testLake {
	l := newLake(b)
	w := newWAFWorld(1)
	w.ips[20_000] = benchNeedle
	parts := max(1, *benchRows / *benchPart)
	step := (synthDay.End() - synthDay.Start()) / int64(parts) / int64(*benchPart)
	for i := range parts {
		from := synthDay.Start() + int64(i)*step*int64(*benchPart)
		batch := w.batch(wafTable(false), *benchPart, from, step*9/10, event.ObjectIdentity{Key: fmt.Sprint(i)}.ID())
		l.add(b, batch)
	}
	b.ResetTimer()
	return l
}
