package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
)

// ledger gives the state database the shape that ingest asks for.
type ledger struct {
	db    *state.DB
	owner string
	// changed is told of every commit that changed alerts, with those whose status changed. nil = nobody.
	changed func([]alert.Change)
}

var (
	_ ingest.Ledger = (*ledger)(nil)
	_ ingest.Offers = (*ledger)(nil)
)

// leaseTTL is how long a worker that died holds its objects; live ones renew long before.
const leaseTTL = time.Minute

// endsLine marks, behind a content hash, plain text that ends with a line feed.
const endsLine = "+lf"

func (l *ledger) Lease(ctx context.Context, sources []string, count int, maxBytes int64) ([]ingest.Lease, error) {
	got, err := l.db.Lease(ctx, state.LeaseRequest{Owner: l.owner, Objects: count, MaxBytes: maxBytes, TTL: leaseTTL, Sources: sources})
	if err != nil {
		return nil, overtaken(err)
	}
	out := make([]ingest.Lease, len(got))
	for i, g := range got {
		o := g.Object
		out[i] = ingest.Lease{
			Object: ingest.Object{ObjectIdentity: o.ObjectIdentity, Size: o.Size, Modified: o.Modified, ETag: o.ETag},
			ID:     o.ID, Epoch: g.Epoch, Tries: o.Tries,
		}
		if p := g.Prior; p != nil {
			hash, lf := strings.CutSuffix(p.ContentHash, endsLine)
			out[i].Previous = &ingest.Previous{Size: p.ContentSize, SHA256: hash, EndsLine: lf, Loaded: p.Loaded}
		}
	}
	return out, nil
}

// back gives leases the shape of the state database; Renew, Release and Prepare look at identity and epoch.
func back(leases []ingest.Lease) []state.Lease {
	out := make([]state.Lease, len(leases))
	for i, l := range leases {
		out[i] = state.Lease{Epoch: l.Epoch, Object: state.Object{
			ID:         l.ID,
			ObjectInfo: state.ObjectInfo{ObjectIdentity: l.ObjectIdentity, ETag: l.ETag, Size: l.Size, Modified: l.Modified},
		}}
	}
	return out
}

func (l *ledger) Renew(ctx context.Context, leases []ingest.Lease) error {
	return overtaken(l.db.Renew(ctx, back(leases), leaseTTL))
}

func (l *ledger) Release(ctx context.Context, leases []ingest.Lease) error {
	return l.db.Release(ctx, back(leases))
}

func (l *ledger) Prepare(ctx context.Context, leases []ingest.Lease, parts []store.Part) error {
	return overtaken(l.db.PrepareParts(ctx, l.owner, back(leases), parts))
}

func (l *ledger) Abort(ctx context.Context, parts []store.Part) error {
	ids := make([]string, len(parts))
	for i, p := range parts {
		ids[i] = p.ID
	}
	return l.db.Abort(ctx, ids)
}

func (l *ledger) Fail(ctx context.Context, lease ingest.Lease, reason string, again, gone bool) error {
	code := "unreadable"
	if gone {
		code = "gone"
	}
	_, err := l.db.Fail(ctx, back([]ingest.Lease{lease})[0], state.Failure{Reason: code, Detail: reason, Retry: again, Gone: gone})
	return overtaken(err)
}

func (l *ledger) PartsOf(ctx context.Context, objects []string) ([]store.Part, func(), error) {
	s, err := l.db.PartsOf(ctx, objects)
	if err != nil {
		return nil, nil, err
	}
	return s.Parts, s.Release, nil
}

func (l *ledger) Commit(ctx context.Context, c ingest.Commit) ([]alert.Change, error) {
	rec := state.CommitRecord{Replace: c.Replaced, Raises: c.Raises}
	for _, p := range c.Parts {
		cp := state.CommitPart{Part: p.Part}
		for id, n := range p.Rows {
			cp.Objects = append(cp.Objects, state.ObjectRows{Object: id, Rows: n})
		}
		slices.SortFunc(cp.Objects, func(a, b state.ObjectRows) int { return strings.Compare(a.Object, b.Object) })
		rec.Parts = append(rec.Parts, cp)
	}
	for _, r := range c.Results {
		rec.Objects = append(rec.Objects, result(r))
		for _, j := range r.Rejects {
			rec.Quarantine = append(rec.Quarantine, quarantined(r.Lease.ID, j))
		}
	}
	for _, r := range c.Replays {
		rec.Replays = append(rec.Replays, state.Replay{Num: r.Num, Events: r.Events, Filtered: r.Filtered, Ignored: r.Ignored})
	}
	done, err := l.db.CommitAll(ctx, rec)
	if err != nil {
		return nil, overtaken(err)
	}
	if l.changed != nil && len(c.Raises)+len(done.Alerts) > 0 {
		l.changed(done.Alerts)
	}
	return done.Alerts, nil
}

var outcomes = map[ingest.Outcome]state.State{
	ingest.Loaded: state.Done, ingest.SameContent: state.Skipped,
	ingest.Unrecognized: state.Unrecognized, ingest.NoEvents: state.Ignored,
}

func result(r ingest.Result) state.ObjectResult {
	out := state.ObjectResult{
		ID: r.Lease.ID, Epoch: r.Lease.Epoch, State: outcomes[r.Outcome], Detail: r.Note,
		Counts:      state.Counts{Records: r.Counts.Records, Events: r.Counts.Events, Filtered: r.Counts.Filtered, Ignored: r.Counts.Ignored, Quarantined: r.Counts.Quarantined},
		ContentHash: r.SHA256, ContentSize: r.Size, TailFrom: r.TailFrom,
	}
	if r.EndsLine {
		out.ContentHash += endsLine
	}
	switch {
	case r.Note != "":
		out.Reason = "broken_stream"
	case r.Outcome != ingest.Loaded:
		out.Reason = string(r.Outcome)
	}
	for t := range r.Counts.Types {
		out.LogTypes = append(out.LogTypes, t)
	}
	slices.Sort(out.LogTypes)
	return out
}

func quarantined(object string, j logtype.Reject) state.Quarantined {
	return state.Quarantined{
		Object: object, LogType: j.Type, Reason: j.Reason, Detail: j.Detail,
		Offset: j.Offset, Wrapped: j.Wrapped, Index: j.Index, Length: j.Length, Records: j.Records, SHA256: j.SHA256, Body: j.Raw,
	}
}

// overtaken translates the errors ingest acts on.
func overtaken(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, state.ErrLeaseLost), errors.Is(err, state.ErrConflict):
		return fmt.Errorf("%w: %w", ingest.ErrStale, err)
	case errors.Is(err, state.ErrInvalid):
		return fmt.Errorf("%w: %w", ingest.ErrRefused, err)
	case errors.Is(err, state.ErrFull):
		return fmt.Errorf("%w: %w", ingest.ErrNoSpace, err)
	}
	return err
}

func (l *ledger) Offer(ctx context.Context, objects []ingest.Object) (int, error) {
	in := make([]state.ObjectInfo, len(objects))
	for i, o := range objects {
		in[i] = state.ObjectInfo{ObjectIdentity: o.ObjectIdentity, ETag: o.ETag, Size: o.Size, Modified: o.Modified}
	}
	n, err := l.db.Offer(ctx, in)
	return n, overtaken(err)
}

func (l *ledger) Cursors(ctx context.Context, source string) (map[string]string, error) {
	stored, err := l.db.Cursors(ctx, source)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(stored))
	for k, v := range stored {
		out[k] = string(v)
	}
	return out, nil
}

func (l *ledger) PutCursors(ctx context.Context, source string, cursors map[string]string) error {
	stored, err := l.db.Cursors(ctx, source)
	if err != nil {
		return err
	}
	var put []state.Cursor
	for k, v := range cursors {
		if old, ok := stored[k]; !ok || string(old) != v {
			put = append(put, state.Cursor{Name: k, Value: []byte(v)})
		}
	}
	for k := range stored {
		if _, ok := cursors[k]; !ok {
			put = append(put, state.Cursor{Name: k})
		}
	}
	return l.db.PutCursors(ctx, source, put)
}
