package lake

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/store"
)

// Parts and their rows looked at first when searching from the newest; each further step takes
// four times as many.
const (
	firstParts = 16
	firstRows  = 200_000
)

// Events answers with a page. It first finds the times of the page, walking the parts from
// the newest and stopping as soon as no other part can matter, then reads whole events of
// that span only.
func (l *Lake) Events(ctx context.Context, q store.EventsQuery) (store.EventsResult, error) {
	began := time.Now()
	if q.Limit < 1 || q.Limit > maxPage {
		return store.EventsResult{}, fmt.Errorf("searching events: a page of %d events: want 1 to %d", q.Limit, maxPage)
	}
	s := &pageSearch{q: q, limit: q.Limit}
	inner, seq := q.Query, int64(0)
	if c := q.After; c != nil {
		seq = c.Seq
		if q.Oldest {
			inner.From = max(inner.From, c.Time)
		} else if c.Time < math.MaxInt64 {
			inner.To = min(inner.To, c.Time+1)
		}
	}
	p, err := l.plan(ctx, inner, seq)
	if err != nil {
		return store.EventsResult{}, fmt.Errorf("searching events: %w", err)
	}
	defer p.done()
	release, err := l.engine.acquire(ctx)
	if err != nil {
		return store.EventsResult{}, fmt.Errorf("searching events: %w", err)
	}
	defer release()
	s.plan = p
	res, err := s.run(ctx)
	if err != nil {
		return store.EventsResult{}, fmt.Errorf("searching events: %w", err)
	}
	res.Stats = p.stats
	res.Stats.Elapsed = time.Since(began)
	return res, nil
}

// pageSearch is one search for a page.
type pageSearch struct {
	*plan
	q     store.EventsQuery
	limit int
	read  []store.Part // parts looked at
	hits  []hit        // the best limit+1 matches, in order
}

// hit is a matching event that may be on the page: its time and file.
type hit struct {
	time int64
	path string
}

func (s *pageSearch) run(ctx context.Context) (store.EventsResult, error) {
	s.order(s.parts)
	if err := s.findTimes(ctx); err != nil {
		return store.EventsResult{}, err
	}
	cost(&s.stats, s.sound(s.read))
	if len(s.hits) == 0 {
		return store.EventsResult{}, nil
	}
	events, err := s.fetch(ctx)
	if err != nil {
		return store.EventsResult{}, err
	}
	res := store.EventsResult{Events: events[:min(len(events), s.limit)]}
	if n := len(res.Events); s.full() && n > 0 {
		last := res.Events[n-1]
		res.Next = &store.Cursor{Seq: s.seq, Time: last.Time.UnixNano(), ID: last.ID}
	}
	return res, nil
}

// full reports whether there are more matches than the page takes.
func (s *pageSearch) full() bool { return len(s.hits) > s.limit }

// tied reports whether the page may end among events of one time. Then the engine must put
// them in order to cut them; else the times of the hits say exactly which events it takes.
func (s *pageSearch) tied() bool {
	return s.full() && s.hits[s.limit-1].time == s.hits[s.limit].time
}

// order sorts parts by the end that the search begins with.
func (s *pageSearch) order(parts []store.Part) {
	slices.SortFunc(parts, func(a, b store.Part) int {
		if s.q.Oldest {
			return cmp.Or(cmp.Compare(a.MinTime, b.MinTime), cmp.Compare(a.ID, b.ID))
		}
		return cmp.Or(cmp.Compare(b.MaxTime, a.MaxTime), cmp.Compare(a.ID, b.ID))
	})
}

// before reports whether a time comes before another in the order of the search.
func (s *pageSearch) before(a, b int64) bool {
	if s.q.Oldest {
		return a < b
	}
	return a > b
}

// edge is the time of the part that comes first in the order of the search.
func (s *pageSearch) edge(p *store.Part) int64 {
	if s.q.Oldest {
		return p.MinTime
	}
	return p.MaxTime
}

// findTimes fills hits. It stops when the page is full and no part left begins within it.
func (s *pageSearch) findTimes(ctx context.Context) error {
	left, most, step := s.parts, firstParts, int64(firstRows)
	for len(left) > 0 {
		n, rows := 0, int64(0)
		for n < min(len(left), most) && (rows < step || n == 0) {
			if len(s.hits) > s.limit && s.before(s.hits[s.limit-1].time, s.edge(&left[n])) {
				break
			}
			rows += left[n].Rows
			n++
		}
		if n == 0 {
			return nil
		}
		wave := left[:n]
		left, most, step = left[n:], most*4, step*4
		var found []hit
		err := s.retry(ctx, wave, func(parts []store.Part) error {
			found = found[:0]
			return s.times(ctx, parts, &found)
		})
		if err != nil {
			return err
		}
		s.read = append(s.read, wave...)
		s.hits = append(s.hits, found...)
		slices.SortStableFunc(s.hits, s.compareHits)
		s.hits = s.hits[:min(len(s.hits), s.limit+1)]
	}
	return nil
}

// times finds the first matches of some parts.
func (s *pageSearch) times(ctx context.Context, parts []store.Part, found *[]hit) error {
	parts = s.scanTimes(ctx, parts, found)
	if len(parts) == 0 {
		return nil
	}
	var selects []string
	for _, g := range s.groups(parts, true) {
		where := g.where(s.afterSQL())
		if where == whereFalse {
			continue
		}
		from, err := g.from(true)
		if err != nil {
			return err
		}
		selects = append(selects, "SELECT "+ident(colTime)+" AS t, _file AS f FROM "+from+where)
	}
	if len(selects) == 0 {
		return nil
	}
	text := fmt.Sprintf("SELECT epoch_ns(t), f FROM (SELECT t, f FROM (%s) ORDER BY t %s LIMIT %d)", strings.Join(selects, " UNION ALL "), s.direction(), s.limit+1)
	return s.lake.engine.query(ctx, text, func(row []any) error {
		t, err := asInt(row[0])
		path, ok := row[1].(string)
		if err != nil || !ok {
			return fmt.Errorf("reading a match: unexpected %T, %T", row[0], row[1])
		}
		*found = append(*found, hit{t, path})
		return nil
	})
}

func (s *pageSearch) direction() string {
	if s.q.Oldest {
		return "ASC"
	}
	return "DESC"
}

// afterSQL leaves out what came on earlier pages; the time range has the rest of it.
func (s *pageSearch) afterSQL() string {
	c := s.q.After
	if c == nil {
		return ""
	}
	later := idSQL + " > " + quote(c.ID) // no id of ours: it stands where its text does
	if object, offset, index, err := event.ParseID(c.ID); err == nil {
		later = fmt.Sprintf("(_object, _offset, _index) > (%s, %s, %d)", quote(object), intLit(offset), index)
	}
	return "(" + ident(colTime) + " <> " + timeLit(c.Time) + " OR " + later + ")"
}

// fetch reads the events of the page in order.
func (s *pageSearch) fetch(ctx context.Context) ([]store.Event, error) {
	span := ""
	if s.full() {
		op := " >= "
		if s.q.Oldest {
			op = " <= "
		}
		span = ident(colTime) + op + timeLit(s.hits[s.limit-1].time)
	}
	var found []placed
	err := s.retry(ctx, s.involved(), func(parts []store.Part) error {
		found = found[:0]
		for _, g := range s.groups(parts, false) {
			if err := s.fetchGroup(ctx, g, span, &found); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(found, func(a, b placed) int {
		switch {
		case s.before(a.time, b.time):
			return -1
		case s.before(b.time, a.time):
			return 1
		}
		return cmp.Or(strings.Compare(a.object, b.object), cmp.Compare(a.offset, b.offset), cmp.Compare(a.index, b.index))
	})
	events := make([]store.Event, len(found))
	for i := range found {
		events[i] = found[i].Event
	}
	return events, err
}

// placed is an event with what its place in the order depends on.
type placed struct {
	store.Event
	time   int64
	object string
	offset int64
	index  int64
}

// involved is the parts that hold events of the page: those with hits, and those that may hold
// events of the last hit's time which the limit cut off.
func (s *pageSearch) involved() []store.Part {
	last := s.hits[min(len(s.hits), s.limit)-1].time
	hit := map[string]bool{}
	for _, h := range s.hits[:min(len(s.hits), s.limit)] {
		hit[h.path] = true
	}
	var out []store.Part
	for _, p := range s.read {
		path, err := s.lake.localPath(p.Path)
		if err == nil && (hit[path] || s.tied() && p.MinTime <= last && last <= p.MaxTime) {
			out = append(out, p)
		}
	}
	return out
}

func (s *pageSearch) fetchGroup(ctx context.Context, g *group, span string, found *[]placed) error {
	where := g.where(span, s.afterSQL())
	if where == whereFalse {
		return nil
	}
	from, err := g.from(false)
	if err != nil {
		return err
	}
	out := g.output(s.q.Fields)
	exprs := []string{"epoch_ns(" + ident(colTime) + ")", colObject, colOffset, colIndex}
	for _, o := range out {
		exprs = append(exprs, o.sql)
	}
	text := "SELECT " + strings.Join(exprs, ", ") + " FROM " + from + where
	if s.tied() {
		text += fmt.Sprintf(" ORDER BY %s %s, _object, _offset, _index LIMIT %d", ident(colTime), s.direction(), s.limit)
	}
	return s.lake.engine.query(ctx, text, func(row []any) error {
		e, err := g.event(row, out)
		if err != nil {
			return err
		}
		*found = append(*found, e)
		return nil
	})
}

// event makes an event of a row: time, object, offset, index, then the output columns.
func (g *group) event(row []any, out []output) (placed, error) {
	t, err1 := asInt(row[0])
	object, ok := row[1].(string)
	offset, err2 := asInt(row[2])
	index, err3 := asInt(row[3])
	if err1 != nil || !ok || err2 != nil || err3 != nil {
		return placed{}, fmt.Errorf("reading an event: unexpected %T, %T, %T, %T", row[0], row[1], row[2], row[3])
	}
	e := placed{time: t, object: object, offset: offset, index: index, Event: store.Event{
		ID:      event.ID(object, offset, int32(index)),
		LogType: g.logType,
		Time:    time.Unix(0, t).UTC(),
		Fields:  make(map[string]any, len(out)),
	}}
	for i, o := range out {
		if row[4+i] == nil {
			continue
		}
		if err := o.put(e.Fields, row[4+i]); err != nil {
			return placed{}, fmt.Errorf("reading %s: %w", o.name, err)
		}
	}
	return e, nil
}
