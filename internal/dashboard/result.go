package dashboard

import (
	"time"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// Result is the answer to a whole dashboard.
type Result struct {
	From      time.Time              `json:"from"`
	To        time.Time              `json:"to"`
	Previous  *Span                  `json:"previous,omitempty"`
	Zone      string                 `json:"zone"`
	Panels    map[string]PanelResult `json:"panels"`
	Variables map[string]Choices     `json:"variables,omitempty"`
	Stats     RunStats               `json:"stats"`
}

// Span is a range of time, [From, To).
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Choices are what a variable can be, and what it is.
type Choices struct {
	Selected []string `json:"selected"`
	Values   []Choice `json:"values"`
	More     bool     `json:"more,omitempty"`
	Error    string   `json:"error,omitempty"`
}

// Choice is a value and how many events have it.
type Choice struct {
	Value any   `json:"value"`
	Count int64 `json:"count"`
}

// PanelResult is the answer to one panel.
type PanelResult struct {
	View View `json:"view"`
	// Query is the question that was asked, with what the reader chose; of several questions
	// the first.
	Query string `json:"query"`
	// Where is its condition alone, for the way to the events.
	Where string `json:"where"`
	// Wheres are the conditions of several questions by their names.
	Wheres map[string]string `json:"wheres,omitempty"`
	// CLI asks the same on the command line; CLIs are those of several questions.
	CLI  string            `json:"cli"`
	CLIs map[string]string `json:"clis,omitempty"`
	From time.Time         `json:"from"`
	To   time.Time         `json:"to"`
	Zone string            `json:"zone"`

	Data     *Data   `json:"data,omitempty"`
	Previous *Past   `json:"previous,omitempty"`
	Trend    *Data   `json:"trend,omitempty"`
	Total    float64 `json:"total,omitempty"` // what rows are shares of
	// Events are the rows of an event list; Whole says that they have all their fields.
	Events []store.Event `json:"-"`
	Whole  bool          `json:"-"`
	More   bool          `json:"more_events,omitempty"`

	Warnings []string   `json:"warnings,omitempty"`
	Stats    PanelStats `json:"stats"`
	Error    *Failure   `json:"error,omitempty"`
}

// Data is rows of statistics.
type Data struct {
	Columns []Column `json:"columns"`
	Rows    [][]any  `json:"rows"`
	More    bool     `json:"more,omitempty"`
	// Buckets are the starts of all pieces of time, also of those without events, when the
	// first key is time; End closes the last one.
	Buckets []time.Time `json:"buckets,omitempty"`
	End     *time.Time  `json:"end,omitempty"`
}

// Past is the same over an earlier range.
type Past struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Data
}

// Column describes a column of rows.
type Column struct {
	Name  string  `json:"name"`
	Title Text    `json:"title,omitzero"`
	Kind  string  `json:"kind"`
	Role  string  `json:"role"`            // key or value
	Field string  `json:"field,omitempty"` // what a key groups by, or a function takes
	Func  string  `json:"func,omitempty"`
	Time  bool    `json:"time,omitempty"` // a key of pieces of time
	Part  string  `json:"part,omitempty"` // hour or weekday
	Exact bool    `json:"exact"`
	Bound float64 `json:"error,omitempty"` // relative, when not exact
}

// PanelStats is what a panel cost.
type PanelStats struct {
	Parts     int    `json:"parts"`
	PartsRead int    `json:"parts_read"`
	Rows      int64  `json:"rows"`
	Bytes     int64  `json:"bytes"`
	ElapsedMS int64  `json:"elapsed_ms"`
	Partial   string `json:"partial,omitempty"`
	Cached    bool   `json:"cached,omitempty"`

	asked int
}

func (s *PanelStats) add(x store.Stats) {
	s.Cached = x.Cached && (s.Cached || s.asked == 0)
	s.asked++
	s.Parts, s.PartsRead = max(s.Parts, x.Parts), max(s.PartsRead, x.PartsRead)
	s.Rows += x.Rows
	s.Bytes += x.Bytes
	s.ElapsedMS = max(s.ElapsedMS, x.Elapsed.Milliseconds())
	if x.Partial {
		s.Partial = x.PartialNote
		if s.Partial == "" {
			s.Partial = "partial"
		}
	}
}

// RunStats is what a dashboard cost.
type RunStats struct {
	Questions int   `json:"questions"` // of all panels
	Asked     int   `json:"asked"`     // different ones
	Cached    int   `json:"cached"`    // of those, answered before
	Rows      int64 `json:"rows"`
	Bytes     int64 `json:"bytes"`
	ElapsedMS int64 `json:"elapsed_ms"`
}

// Failure is why a panel has no rows.
type Failure struct {
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
}

// commonLabels are names of columns that need no label of their own.
var commonLabels = map[string]Text{
	"n": {"Events", "件数"}, "count()": {"Events", "件数"}, "events": {"Events", "イベント数"}, "requests": {"Requests", "リクエスト数"}, "blocked": {"Blocked", "ブロック数"},
	"allowed": {"Allowed", "許可数"}, "counted": {"Counted", "カウント数"}, "findings": {"Findings", "検出数"}, "addresses": {"Addresses", "IP アドレス数"}, "clients": {"Clients", "クライアント数"},
	"users": {"Users", "ユーザー数"}, "paths": {"Paths", "パス数"}, "accounts": {"Accounts", "アカウント数"}, "bytes": {"Bytes", "バイト数"}, "errors": {"Errors", "エラー数"},
	"calls": {"Calls", "呼び出し数"}, "denied": {"Denied", "拒否数"}, "last": {"Last seen", "最終"}, "first": {"First seen", "最初"}, "latest": {"Latest", "最新"},
	"bucket": {"Time", "時刻"}, "hour": {"Hour", "時"}, "weekday": {"Weekday", "曜日"}, "minute": {"Minute", "分"}, "country": {"Country", "国"}, "p50": {"p50", "p50"}, "p95": {"p95", "p95"}, "p99": {"p99", "p99"},
	"ratio": {"Ratio", "割合"}, "average": {"Average", "平均"}, "slowest": {"Slowest", "最大"}, "severity": {"Severity", "重大度"}, "bots": {"Bots", "ボット"},
}

func kindName(k schema.Kind) string { return k.String() }
