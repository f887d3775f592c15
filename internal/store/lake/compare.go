package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"syscall"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// Comparison is one question asked of the lake and, as plain SQL, of the same files with the same
// engine: the best of several rounds each.
type Comparison struct {
	Question string  `json:"question"`
	By       string  `json:"by"` // "scan" over codes, "engine", or "pages"
	Rows     int     `json:"rows"`
	MS       float64 `json:"ms"`
	EngineMS float64 `json:"engine_ms,omitempty"` // the same question, engine only
	SQLMS    float64 `json:"sql_ms"`
	CPUMS    float64 `json:"cpu_ms"`
	SQLCPUMS float64 `json:"sql_cpu_ms"`
	Ratio    float64 `json:"ratio_to_sql"`              // of wall time
	ToEngine float64 `json:"ratio_to_engine,omitempty"` // of wall time
}

// Compare asks the questions of the engine study over the parts of one log type in the snapshot
// of the catalogue. It is for measuring only.
func (l *Lake) Compare(ctx context.Context, logType string, day event.Day, needle string, rounds int) ([]Comparison, error) {
	snap, err := l.catalogue.Snapshot(ctx, []string{logType}, math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	defer snap.Release()
	var files []string
	for _, p := range snap.Parts {
		full, err := l.localPath(p.Path)
		if err != nil {
			return nil, err
		}
		files = append(files, full)
	}
	table := "read_parquet([" + quoteList(files) + "])"
	if needle == "" {
		if needle, err = l.rareAddress(ctx, table); err != nil {
			return nil, err
		}
	}
	var out []Comparison
	for _, q := range questions(day, needle) {
		c := Comparison{Question: q.name}
		for range rounds {
			if err := l.compareOnce(ctx, q, table, &c); err != nil {
				return nil, fmt.Errorf("question %s: %w", q.name, err)
			}
		}
		c.Ratio = c.MS / c.SQLMS
		if c.EngineMS > 0 {
			c.ToEngine = c.MS / c.EngineMS
		}
		out = append(out, c)
	}
	return out, nil
}

// rareAddress finds an address that occurs a few times.
func (l *Lake) rareAddress(ctx context.Context, table string) (ip string, err error) {
	err = l.engine.db.QueryRowContext(ctx, `SELECT "source.ip" FROM `+table+` GROUP BY 1 HAVING count(*) BETWEEN 8 AND 30 ORDER BY count(*) DESC, 1 LIMIT 1`).Scan(&ip)
	if err != nil {
		return "", fmt.Errorf("looking for a rare address: %w", err)
	}
	return ip, nil
}

// compareOnce adds one round to a comparison.
func (l *Lake) compareOnce(ctx context.Context, q question, table string, c *Comparison) error {
	best := func(have *float64, v float64) {
		if *have == 0 || v < *have {
			*have = v
		}
	}
	began, cpu := time.Now(), processorTime()
	rows, err := q.ask(ctx, l, anyExecutor)
	if err != nil {
		return err
	}
	best(&c.MS, ms(time.Since(began)))
	best(&c.CPUMS, ms(processorTime()-cpu))
	c.By = "pages"
	if q.stats != nil {
		c.By = "scan"
		if _, err := q.ask(ctx, l, scanOnly); errors.Is(err, errUnfit) {
			c.By = "engine"
		}
		began = time.Now()
		if _, err := q.ask(ctx, l, engineOnly); err != nil {
			return err
		}
		best(&c.EngineMS, ms(time.Since(began)))
	}
	began, cpu = time.Now(), processorTime()
	want, err := plainRows(ctx, l.engine.db, fmt.Sprintf(q.sql, table))
	if err != nil {
		return err
	}
	best(&c.SQLMS, ms(time.Since(began)))
	best(&c.SQLCPUMS, ms(processorTime()-cpu))
	c.Rows = rows
	if q.events != nil && rows != want {
		return fmt.Errorf("%d rows, plain SQL gives %d", rows, want)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// processorTime is what this process has used of the processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (q question) ask(ctx context.Context, l *Lake, by executor) (int, error) {
	if q.events != nil {
		res, err := l.Events(ctx, *q.events)
		return len(res.Events), err
	}
	res, errs := l.aggregateBy(ctx, []store.AggregateQuery{*q.stats}, by)
	return len(res[0].Rows), errs[0]
}

func plainRows(ctx context.Context, db *sql.DB, text string) (n int, err error) {
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	vals, ptrs := make([]any, len(names)), make([]any, len(names))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return 0, err
		}
		n++
	}
	return n, rows.Err()
}

// question is a query of the program and the plain SQL a person would write for it; %s is the
// table function over the same files.
type question struct {
	name   string
	sql    string
	events *store.EventsQuery
	stats  *store.AggregateQuery
}

// questions are those of the engine study. day is the day the data lies in, needle an address that
// occurs a few times in it.
func questions(day event.Day, needle string) []question {
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
		for t := day.Start(); t <= day.End(); t += int64(width) {
			b.Edges = append(b.Edges, t)
		}
		return b
	}
	minutes := store.Key{Name: "t", Field: "@timestamp", Buckets: buckets(time.Minute)}
	hours := store.Key{Name: "t", Field: "@timestamp", Buckets: buckets(time.Hour)}
	hour := where("")
	hour.From, hour.To = day.Start()+int64(5*time.Hour), day.Start()+int64(6*time.Hour)
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
		{name: "e_needle", events: &store.EventsQuery{Query: where("source.ip:" + needle), Limit: 1000},
			sql: `SELECT * FROM %s WHERE "source.ip" = '` + needle + `' ORDER BY "@timestamp" DESC LIMIT 1000`},
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
	}
}
