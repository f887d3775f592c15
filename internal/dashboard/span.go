package dashboard

import (
	"strconv"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
)

// back moves a time back by a span such as 30d, on the clock of a zone.
func back(ns int64, span string, zone *time.Location) int64 {
	n, err := strconv.Atoi(span[:len(span)-1])
	if err != nil {
		return ns
	}
	return max(0, expr.AddUnit(time.Unix(0, ns).In(zone), span[len(span)-1:], -n).UnixNano())
}

// stamps are texts of a range that query.ReadRange reads back to the same nanosecond. The end
// of a range includes the second it names, so it names the one before.
func stamps(from, to int64) (since, until string) {
	if from%int64(time.Second) == 0 && to%int64(time.Second) == 0 && to-from >= int64(time.Second) {
		return stamp(from, time.RFC3339), stamp(to-int64(time.Second), time.RFC3339)
	}
	const precise = "2006-01-02T15:04:05.000000000Z07:00"
	return stamp(from, precise), stamp(max(to-1, from), precise)
}

func stamp(ns int64, layout string) string { return time.Unix(0, ns).UTC().Format(layout) }

// cmpKind is the way of comparing that numbers have when nobody says anything.
func cmpKind(kind string) string {
	if kind == "" {
		return "previous"
	}
	return kind
}

// shift is the range a run is compared with; false when there is none.
func (s *session) shift(kind string) (from, to int64, ok bool) {
	switch kind {
	case "previous":
		from, to = s.from-(s.to-s.from), s.from
	case "day", "week":
		days := 1
		if kind == "week" {
			days = 7
		}
		move := func(ns int64) int64 { return time.Unix(0, ns).In(s.zone).AddDate(0, 0, -days).UnixNano() }
		from, to = move(s.from), move(s.to)
	default:
		return 0, 0, false
	}
	return from, to, from >= 0 && from < to
}

// comparison is how a panel is compared in this run.
func (s *session) comparison(p *panel) string {
	rule, _ := ruleOf(p.View)
	switch {
	case !rule.compared || p.Minus != nil || p.Compare == "none":
		return ""
	case s.params.Compare != "" && (p.Compare != "" || p.View != TableOf):
		return s.params.Compare
	case p.Compare == "" && p.View == Number:
		return "previous"
	}
	return p.Compare
}
