package app

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/state"
)

// quarantine is api.QuarantineBackend.
type quarantine struct{ app *App }

func (q quarantine) QuarantineGroups(ctx context.Context) ([]api.QuarantineGroup, error) {
	groups, err := q.app.db.QuarantineGroups(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]api.QuarantineGroup, 0, len(groups))
	for _, g := range groups {
		v := api.QuarantineGroup{Type: g.LogType, Reason: g.Reason, Count: g.Records, Bytes: g.Bytes, Last: g.Last}
		if e, err := q.app.db.Quarantined(ctx, g.Example); err == nil {
			v.Sample = e.Detail
		}
		out = append(out, v)
	}
	return out, nil
}

func (q quarantine) QuarantineRecords(ctx context.Context, r api.QuarantineRequest) (api.QuarantineRecords, error) {
	after, err := cursorNum(r.Cursor)
	if err != nil {
		return api.QuarantineRecords{}, err
	}
	f := state.QuarantineFilter{Reason: r.Reason, Source: r.Source, Object: r.Object}
	if r.Type != "" || r.Unrecognized {
		f.LogType = &r.Type
	}
	list, err := q.app.db.Quarantine(ctx, f, state.Page{Limit: r.Limit + 1, After: after})
	if err != nil {
		return api.QuarantineRecords{}, err
	}
	out := api.QuarantineRecords{Items: []api.QuarantineItem{}, Limit: r.Limit}
	if len(list) > r.Limit {
		list = list[:r.Limit]
		out.Next = numCursor(list[r.Limit-1].Num)
	}
	for _, e := range list {
		out.Items = append(out.Items, quarantineItem(e))
	}
	return out, nil
}

func quarantineItem(e state.QuarantineEntry) api.QuarantineItem {
	return api.QuarantineItem{
		ID: e.Num, Type: e.LogType, Reason: e.Reason, Detail: e.Detail, Source: e.Identity.Source, Object: e.Object, Place: place(e.Identity),
		Offset: e.Offset, Length: e.Length, Records: e.Records, SHA256: e.SHA256, Time: e.At, Replayed: e.Replayed != 0, Cut: cutShort(e),
	}
}

// cutShort tells what a replay counts as cut: too little was kept to read it again.
func cutShort(e state.QuarantineEntry) bool {
	return int64(len(e.Body)) < e.Length || len(e.Body) == 0 || e.Reason == logtype.ReasonEnvelope
}

// hexBytes is how much of a record the hex view shows.
const hexBytes = 512

func (q quarantine) QuarantineRecord(ctx context.Context, id int64) (api.QuarantineDetail, error) {
	e, err := q.app.db.Quarantined(ctx, id)
	if errors.Is(err, state.ErrNotFound) {
		return api.QuarantineDetail{}, api.NotFound("there is no quarantined record %d", id)
	}
	if err != nil {
		return api.QuarantineDetail{}, err
	}
	d := api.QuarantineDetail{QuarantineItem: quarantineItem(e), Raw: e.Body, Hex: strings.TrimSuffix(hex.Dump(e.Body[:min(len(e.Body), hexBytes)]), "\n")}
	if utf8.Valid(e.Body) {
		d.Text = query.Visible(string(e.Body))
	}
	return d, nil
}

// ReplayRecords implements api.QuarantineBackend.
func (q quarantine) ReplayRecords(ctx context.Context, r api.ReplayRequest) (api.Job, error) {
	a := q.app
	req := httpapi.QuarantineRequest{ID: r.ID, Type: r.Type, Reason: r.Reason}
	total, err := q.open(ctx, req)
	if err != nil {
		return api.Job{}, err
	}
	if r.ID != 0 {
		e, err := a.db.Quarantined(ctx, r.ID)
		switch {
		case errors.Is(err, state.ErrNotFound):
			return api.Job{}, api.NotFound("there is no quarantined record %d", r.ID)
		case err != nil:
			return api.Job{}, err
		case e.Replayed != 0:
			return api.Job{}, api.Conflict("record %d was replayed already", r.ID)
		}
	}
	left := func(ctx context.Context) (int64, error) { return q.open(ctx, req) }
	j, err := a.jobs.start(ctx, "replay", total, left, func(ctx context.Context) (*api.ReplayResult, error) {
		sum, err := a.Replay(ctx, req)
		if err != nil && ctx.Err() == nil {
			a.log.Error("replaying quarantined records", "component", "jobs", "err", err)
			err = errors.New("the replay stopped in the middle: see the log of the server")
		}
		return &api.ReplayResult{Replayed: sum.Replayed, Events: sum.Events, Filtered: sum.Filtered, Left: sum.Left, Cut: sum.Cut}, err
	})
	if err != nil {
		return api.Job{}, err
	}
	return j.show(), nil
}

// open counts the open records that a request selects.
func (q quarantine) open(ctx context.Context, r httpapi.QuarantineRequest) (int64, error) {
	if r.ID != 0 {
		return 1, nil
	}
	groups, err := q.app.db.QuarantineGroups(ctx)
	var n int64
	for _, g := range groups {
		if (r.Type == "" || g.LogType == r.Type) && (r.Reason == "" || g.Reason == r.Reason) {
			n += g.Rows
		}
	}
	return n, err
}

func (q quarantine) Job(ctx context.Context, id string) (api.Job, error) {
	j, ok := q.app.jobs.find(id)
	if !ok {
		return api.Job{}, api.NotFound("there is no job %s; jobs are forgotten when the server stops", id)
	}
	v := j.show()
	if v.State == "running" {
		if left, err := j.left(ctx); err == nil {
			v.Progress.Done = max(0, v.Progress.Total-left)
		}
	}
	return v, nil
}

func (q quarantine) CancelJob(_ context.Context, id string) error {
	j, ok := q.app.jobs.find(id)
	if !ok {
		return api.NotFound("there is no job %s", id)
	}
	j.cancel()
	select {
	case <-j.ended:
	case <-time.After(10 * time.Second): // it ends by itself soon
	}
	return nil
}
