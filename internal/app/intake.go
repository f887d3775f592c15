package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/state"
)

// intake is api.IntakeBackend.
type intake struct{ app *App }

const (
	rateBuckets = 96 // over a day
	rateWidth   = 24 * time.Hour / rateBuckets
	lagging     = 10 * time.Minute // older objects that wait are a lag worth showing
)

func (i intake) Intake(ctx context.Context) (api.Intake, error) {
	a := i.app
	now := a.access.now()
	statuses, err := a.Sources(ctx)
	if err != nil {
		return api.Intake{}, err
	}
	sums, err := a.db.Sources(ctx)
	if err != nil {
		return api.Intake{}, err
	}
	minutes, err := a.db.IntakeMinutes(ctx, now.Add(-7*24*time.Hour))
	if err != nil {
		return api.Intake{}, err
	}
	groups, err := a.db.QuarantineGroups(ctx)
	if err != nil {
		return api.Intake{}, err
	}
	out := api.Intake{Sources: []api.IntakeSource{}, Rates: rates(minutes, now), Notices: append([]string{}, a.notices...)}
	for _, g := range groups {
		out.Quarantined += g.Records
	}
	if err := a.pipeline.Paused(); err != nil {
		out.Paused = err.Error()
	}
	for _, s := range statuses {
		out.Sources = append(out.Sources, intakeSource(s, sums, minutes, now, out.Paused != ""))
	}
	return out, nil
}

func intakeSource(s httpapi.SourceStatus, sums []state.SourceSummary, minutes []state.IntakeMinute, now time.Time, paused bool) api.IntakeSource {
	v := api.IntakeSource{
		Name: s.Name, Kind: s.Kind, Where: s.Where, Events: s.Events, Quarantined: s.Quarantined, Bytes: s.Bytes, LagSeconds: s.Lag.Seconds(), Error: s.Error,
		Objects:    api.ObjectCounts{Pending: s.Pending, Done: s.Done, Failed: s.Failed, Unrecognized: s.Unrecognized},
		LastObject: timeOrNil(s.LastObject), LastCommit: timeOrNil(s.LastCommit),
	}
	for _, sum := range sums {
		if sum.Name == s.Name {
			v.Objects.Leased = sum.Objects[state.Leased]
			v.Objects.Pending -= v.Objects.Leased
		}
	}
	r := rhythmOf(s.Name, minutes, now)
	v.EventsPerMin, v.LastEvent, v.ExpectedEvery = r.perMin, timeOrNil(r.last), r.longest.Seconds()
	v.Silent = s.Kind != "once" && r.silent
	switch {
	case paused && s.Kind != "once":
		v.State = "paused"
	case s.Error != "":
		v.State = "failing"
	case v.Silent:
		v.State = "silent"
	case s.Lag > lagging:
		v.State = "lag"
	default:
		v.State = "ok"
	}
	return v
}

// rhythm is how a source usually comes.
type rhythm struct {
	perMin  float64       // events, over the last hour
	last    time.Time     // start of the last minute with events
	longest time.Duration // longest pause between minutes with events; 0 = too few to say
	silent  bool
}

// Bounds of calling a source silent: enough pauses to know its rhythm, and half as long again as the longest of them.
const (
	rhythmPauses = 10
	silentLeast  = 15 * time.Minute
)

func rhythmOf(source string, minutes []state.IntakeMinute, now time.Time) rhythm {
	var r rhythm
	var lastHour int64
	pauses, longest := 0, time.Duration(0)
	for _, m := range minutes {
		if m.Source != source || m.Events == 0 {
			continue
		}
		if now.Sub(m.Start) <= time.Hour {
			lastHour += m.Events
		}
		if !r.last.IsZero() {
			pauses++
			longest = max(longest, m.Start.Sub(r.last))
		}
		r.last = m.Start
	}
	r.perMin = float64(lastHour) / 60
	if pauses >= rhythmPauses {
		r.longest = longest
		r.silent = now.Sub(r.last) > max(silentLeast, longest*3/2)
	}
	return r
}

// rates puts minutes into the buckets of the last day.
func rates(minutes []state.IntakeMinute, now time.Time) api.IntakeRates {
	out := api.IntakeRates{WidthMS: rateWidth.Milliseconds(), Buckets: make([]time.Time, rateBuckets), Events: make([]int64, rateBuckets), Bytes: make([]int64, rateBuckets), Objects: make([]int64, rateBuckets)}
	start := now.UTC().Truncate(rateWidth).Add(-(rateBuckets - 1) * rateWidth)
	for i := range out.Buckets {
		out.Buckets[i] = start.Add(time.Duration(i) * rateWidth)
	}
	for _, m := range minutes {
		if m.Start.Before(start) {
			continue
		}
		if i := int(m.Start.Sub(start) / rateWidth); i < rateBuckets {
			out.Events[i] += m.Events
			out.Bytes[i] += m.Bytes
			out.Objects[i] += m.Objects
		}
	}
	return out
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}

func (i intake) IntakeObjects(ctx context.Context, r api.IntakeObjectsRequest) (api.IntakeObjects, error) {
	after, err := cursorNum(r.Cursor)
	if err != nil {
		return api.IntakeObjects{}, err
	}
	f := state.ObjectFilter{Source: r.Source, Contains: r.Key}
	if r.State != "" {
		s, err := state.ParseState(r.State)
		if err != nil {
			return api.IntakeObjects{}, api.Invalid("query.state", "%v", err)
		}
		f.States = []state.State{s}
	}
	list, err := i.app.db.Objects(ctx, f, state.Page{Limit: r.Limit + 1, After: after})
	if err != nil {
		return api.IntakeObjects{}, err
	}
	out := api.IntakeObjects{Items: []api.IntakeObject{}, Limit: r.Limit}
	if len(list) > r.Limit {
		list = list[:r.Limit]
		out.Next = numCursor(list[r.Limit-1].Num)
	}
	for _, o := range list {
		out.Items = append(out.Items, api.IntakeObject{
			ID: o.ID, Source: o.Source, Bucket: o.Bucket, Key: o.Key, Size: o.Size, State: o.State.String(),
			Records: o.Counts.Records, Events: o.Counts.Events, Filtered: o.Counts.Filtered, Ignored: o.Counts.Ignored, Quarantined: o.Counts.Quarantined,
			Reason: o.Reason, Detail: o.Detail, LogTypes: append([]string{}, o.LogTypes...), Tries: o.Tries,
			Modified: timeOrNil(o.Modified), Discovered: o.Discovered, Done: timeOrNil(o.DoneAt), RetryAt: timeOrNil(o.RetryAt),
			Retryable: slices.Contains(retryable, o.State),
		})
	}
	return out, nil
}

// retryable are the states Retry acts on.
var retryable = []state.State{state.Waiting, state.Failed, state.Ignored, state.Unrecognized, state.Gone}

func (i intake) RetryObject(ctx context.Context, id string) error {
	o, err := i.app.db.Object(ctx, id)
	switch {
	case errors.Is(err, state.ErrNotFound):
		return api.NotFound("there is no such object")
	case err != nil:
		return err
	case !slices.Contains(retryable, o.State):
		return api.Conflict("the object is %s: only objects that ended without being loaded can be read again", o.State)
	}
	n, err := i.app.db.Retry(ctx, []string{id})
	if err != nil {
		return err
	}
	if n == 0 {
		return api.Conflict("the object has changed meanwhile, or a newer version of it is known")
	}
	i.app.pipeline.Wake()
	return nil
}

func (i intake) Storage(ctx context.Context) (api.Storage, error) {
	list, err := i.app.db.StoredDays(ctx)
	if err != nil {
		return api.Storage{}, err
	}
	out := api.Storage{Days: []api.StorageDay{}, Types: []api.StorageDay{}}
	types := map[string]*api.StorageDay{}
	var bytes, raw int64
	for _, s := range list {
		day := time.Unix(int64(s.Day)*86400, 0).UTC().Format(time.DateOnly)
		d := api.StorageDay{Day: day, Type: s.LogType, Parts: s.Parts, Rows: s.Rows, Bytes: s.Bytes, RawBytes: s.RawBytes}
		out.Days = append(out.Days, d)
		t := types[s.LogType]
		if t == nil {
			t = &api.StorageDay{Type: s.LogType}
			types[s.LogType] = t
		}
		t.Parts, t.Rows, t.Bytes, t.RawBytes = t.Parts+s.Parts, t.Rows+s.Rows, t.Bytes+s.Bytes, t.RawBytes+s.RawBytes
		bytes, raw = bytes+s.Bytes, raw+s.RawBytes
	}
	for _, t := range types {
		out.Types = append(out.Types, *t)
	}
	slices.SortFunc(out.Types, func(a, b api.StorageDay) int {
		if a.Bytes != b.Bytes {
			return int(min(max(b.Bytes-a.Bytes, -1), 1))
		}
		return slices.Compare([]string{a.Type}, []string{b.Type})
	})
	if bytes > 0 {
		out.Ratio = float64(raw) / float64(bytes)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(i.app.cfg.Data, &fs); err != nil {
		return api.Storage{}, fmt.Errorf("asking for the room on the disk: %w", err)
	}
	out.Disk = api.StorageDisk{Free: int64(fs.Bavail) * int64(fs.Bsize), Total: int64(fs.Blocks) * int64(fs.Bsize)} //nolint:unconvert // Bsize differs by system
	return out, nil
}
