package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
)

// Replay implements httpapi.Service: the masked bytes of each selected record are normalized
// with the definitions in force. What becomes an event leaves the quarantine in the commit
// that shows it; ids are those the record would have had, so that nothing can appear twice.
func (a *App) Replay(ctx context.Context, q httpapi.QuarantineRequest) (httpapi.ReplaySummary, error) {
	var sum httpapi.ReplaySummary
	r := &replay{app: a, reader: a.content.Set.NewReader(replayOptions(a.cfg)), step: a.ingestConfig().Step, sum: &sum}
	if q.ID != 0 {
		e, err := a.db.Quarantined(ctx, q.ID)
		switch {
		case errors.Is(err, state.ErrNotFound):
			return sum, &httpapi.UserError{Err: fmt.Errorf("there is no quarantined record %d", q.ID)}
		case err != nil:
			return sum, err
		case e.Replayed != 0:
			return sum, &httpapi.UserError{Err: fmt.Errorf("record %d was replayed already", q.ID)}
		}
		if err := r.record(ctx, e); err != nil {
			return sum, err
		}
		return sum, r.commit(ctx)
	}
	err := a.db.ExportQuarantine(ctx, filter(q), func(e state.QuarantineEntry) error {
		if err := r.record(ctx, e); err != nil {
			return err
		}
		if len(r.settled) >= replayGroup || r.reader.Pending() >= replayBytes {
			return r.commit(ctx)
		}
		return nil
	})
	if err != nil {
		return sum, err
	}
	return sum, r.commit(ctx)
}

// replayGroup is how many records one commit settles at most, replayBytes about how large they
// are together: no batch is ever full.
const (
	replayGroup = 1000
	replayBytes = 16 << 20
)

// replayOptions bound the reader of a replay.
func replayOptions(c config.Config) logtype.Options {
	o := readerOptions(c)
	o.BatchBytes = 1 << 30
	return o
}

// replay gathers records for one commit after the other.
type replay struct {
	app     *App
	reader  *logtype.Reader
	step    func(string) // as ingest.Config.Step
	settled []ingest.Replayed
	sum     *httpapi.ReplaySummary
}

// record normalizes one record into the open batches, or leaves it where it is.
func (r *replay) record(ctx context.Context, e state.QuarantineEntry) error {
	if int64(len(e.Body)) < e.Length || len(e.Body) == 0 || e.Reason == logtype.ReasonEnvelope {
		r.sum.Cut++ // the readable part of a broken wrapper is loaded already
		return nil
	}
	forced := ""
	if f, ok := r.app.feed(e.Identity.Source); ok {
		forced = f.Type(ingest.Object{ObjectIdentity: e.Identity.ObjectIdentity})
	}
	sink := &replaySink{replay: r, ctx: ctx}
	c, err := r.reader.Read(ctx, logtype.Object{
		ID: e.Object, Source: e.Identity.Source, Bucket: e.Identity.Bucket, Key: e.Identity.Key, Type: forced,
		Piece: &logtype.Piece{Offset: e.Offset, Wrapped: e.Wrapped, Index: e.Index},
	}, bytes.NewReader(e.Body), sink)
	if err != nil {
		return fmt.Errorf("replaying record %d: %w", e.Num, err)
	}
	if c.Quarantined > 0 || c.Records != max(e.Records, 1) {
		r.reader.Rollback()
		r.sum.Left++
		return nil
	}
	r.settled = append(r.settled, ingest.Replayed{Num: e.Num, Events: c.Events, Filtered: c.Filtered, Ignored: c.Ignored})
	r.sum.Replayed++
	r.sum.Events += c.Events
	r.sum.Filtered += c.Filtered + c.Ignored
	return nil
}

// commit writes what has gathered as parts and makes it visible.
func (r *replay) commit(ctx context.Context) error {
	batches := r.reader.Flush()
	if len(r.settled) == 0 {
		return nil
	}
	a := r.app
	parts := a.parts()
	var written []ingest.Written
	var pending []store.Part
	// The rules run first, so that all parts are known before a file is written.
	worker, found, now := a.tables.NewWorker(), a.newFindings(), time.Now()
	for _, b := range batches {
		worker.Enrich(b)
		found.Add(b, now)
	}
	batches = append(batches, found.Cut()...)
	for _, b := range batches {
		pending = append(pending, parts.NewPart(b))
	}
	if len(pending) > 0 {
		if err := a.db.PrepareRewrite(ctx, a.ledger.owner, pending, leaseTTL); err != nil {
			return fmt.Errorf("recording parts: %w", err)
		}
		r.step(ingest.StepPrepared)
	}
	giveUp := func(cause error) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		var errs []error
		for _, p := range pending {
			errs = append(errs, parts.Remove(p))
		}
		return errors.Join(append(errs, cause, a.ledger.Abort(ctx, pending))...)
	}
	for i, b := range batches {
		w := ingest.Written{Part: pending[i], Rows: ingest.RowsByObject(b)}
		if err := parts.Write(ctx, &w.Part, b, now); err != nil {
			return giveUp(err)
		}
		r.step(ingest.StepWritten)
		written = append(written, w)
	}
	r.step(ingest.StepCommit)
	if _, err := a.ledger.Commit(ctx, ingest.Commit{Parts: written, Replays: r.settled, Raises: found.Raises()}); err != nil {
		return giveUp(err)
	}
	r.step(ingest.StepCommitted)
	r.settled = r.settled[:0]
	return nil
}

// replaySink refuses cuts: records of one group stay far below a batch.
type replaySink struct {
	replay *replay
	ctx    context.Context
}

func (s *replaySink) Cut([]*event.Batch) error {
	return errors.New("a replayed group has grown beyond a batch")
}

func (s *replaySink) Reject(logtype.Reject) error { return nil }
