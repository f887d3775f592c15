package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/state"
)

// Sources implements httpapi.Service.
func (a *App) Sources(ctx context.Context) ([]httpapi.SourceStatus, error) {
	list, err := a.db.Sources(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]state.SourceSummary{}
	for _, s := range list {
		known[s.Name] = s
	}
	var out []httpapi.SourceStatus
	for _, f := range a.feeds {
		st := status(known[f.src.Name()])
		st.Name, st.Kind, st.Where = f.src.Name(), f.kind, f.where
		if f.watch != nil && f.watch.Err() != nil {
			st.Error = f.watch.Err().Error()
		}
		out = append(out, st)
		delete(known, f.src.Name())
	}
	for _, s := range list { // loaded once, or no longer configured
		if _, left := known[s.Name]; left {
			st := status(s)
			st.Name, st.Kind = s.Name, "once"
			out = append(out, st)
		}
	}
	return out, nil
}

func status(s state.SourceSummary) httpapi.SourceStatus {
	o := s.Objects
	if o[state.Waiting]+o[state.Failed] == 0 {
		s.LastError = "" // whatever it was, it has passed
	}
	return httpapi.SourceStatus{
		Pending:      o[state.Pending] + o[state.Waiting] + o[state.Leased],
		Done:         o[state.Done] + o[state.Skipped] + o[state.Ignored] + o[state.Replaced],
		Unrecognized: o[state.Unrecognized], Lag: s.Lag,
		Failed: o[state.Failed] + o[state.Gone], Events: s.Counts.Events, Quarantined: s.Counts.Quarantined, Bytes: s.Bytes,
		LastObject: s.LastObject, LastCommit: s.LastDone, Error: s.LastError,
	}
}

// Quarantine implements httpapi.Service.
func (a *App) Quarantine(ctx context.Context, q httpapi.QuarantineRequest) (httpapi.QuarantineAnswer, error) {
	switch {
	case q.ID != 0:
		e, err := a.db.Quarantined(ctx, q.ID)
		if errors.Is(err, state.ErrNotFound) {
			err = &httpapi.UserError{Err: fmt.Errorf("there is no quarantined record %d; see yagura quarantine ls --reason …", q.ID)}
		}
		if err != nil {
			return httpapi.QuarantineAnswer{}, err
		}
		return httpapi.QuarantineAnswer{Records: []httpapi.QuarantineRecord{record(e, true)}}, nil
	case q.Type == "" && q.Reason == "":
		groups, err := a.db.QuarantineGroups(ctx)
		if err != nil {
			return httpapi.QuarantineAnswer{}, err
		}
		out := httpapi.QuarantineAnswer{Groups: []httpapi.QuarantineGroup{}}
		for _, g := range groups {
			hg := httpapi.QuarantineGroup{Type: g.LogType, Reason: g.Reason, Count: g.Records, Last: g.Last}
			if e, err := a.db.Quarantined(ctx, g.Example); err == nil {
				hg.Sample = e.Detail
			}
			out.Groups = append(out.Groups, hg)
		}
		return out, nil
	}
	list, err := a.db.Quarantine(ctx, filter(q), state.Page{Limit: q.Limit})
	if err != nil {
		return httpapi.QuarantineAnswer{}, err
	}
	out := httpapi.QuarantineAnswer{Records: []httpapi.QuarantineRecord{}}
	for _, e := range list {
		out.Records = append(out.Records, record(e, false))
	}
	return out, nil
}

func filter(q httpapi.QuarantineRequest) state.QuarantineFilter {
	f := state.QuarantineFilter{Reason: q.Reason}
	if q.Type != "" {
		f.LogType = &q.Type
	}
	return f
}

func record(e state.QuarantineEntry, whole bool) httpapi.QuarantineRecord {
	r := httpapi.QuarantineRecord{
		ID: e.Num, Object: place(e.Identity), Type: e.LogType, Reason: e.Reason, Detail: e.Detail,
		Offset: e.Offset, Length: e.Length, SHA256: e.SHA256, Time: e.At,
	}
	if whole {
		r.Raw = e.Body
	}
	return r
}

// place names an object for people.
func place(o state.ObjectInfo) string {
	if o.Bucket != "" {
		return o.Source + ": " + s3Prefix + o.Bucket + "/" + o.Key
	}
	if o.Source == fileName {
		return "/" + o.Key
	}
	return o.Source + ": " + o.Key
}

// Query implements httpapi.Service.
func (a *App) Query(ctx context.Context, q httpapi.QueryRequest, w io.Writer, warn func(string)) error {
	return a.query(ctx, q, time.Now(), w, warn)
}
