package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// object reads one object into the open batches. What is wrong with its content is noted, what keeps it from being
// read is an error.
func (g *group) object(ctx context.Context, l Lease) (Result, error) {
	p := g.w.p
	g.began = false
	src, ok := p.feeds(l.Source)
	if !ok {
		return Result{}, permanentError{fmt.Errorf("source %q is not configured any more", l.Source)}
	}
	rc, err := src.Open(ctx, l.Object)
	if err != nil {
		return Result{}, err
	}
	defer rc.Close()

	in := &hashed{r: rc, h: sha256.New()}
	res := Result{Lease: l, Outcome: Loaded}
	g.rejects = rejects{}
	if l.Previous != nil {
		same, tail, err := in.startsWith(l.Previous)
		if err != nil {
			return Result{}, err
		}
		switch {
		case same:
			res.Outcome, res.SHA256, res.Size, res.EndsLine = SameContent, in.sum(), in.n, l.Previous.EndsLine
			return res, nil
		case tail: // in stands behind the old content: what follows is new
			res.TailFrom = l.Previous.Size
		default:
			res.Replaces = l.Previous.Loaded
			rc.Close()
			again, err := src.Open(ctx, l.Object)
			if err != nil {
				return Result{}, err
			}
			defer again.Close()
			in = &hashed{r: again, h: sha256.New()}
		}
	}
	if err := g.records(ctx, l, src.typeOf(l.Object), in, &res); err != nil {
		return Result{}, err
	}
	if _, err := io.Copy(io.Discard, in); err != nil { // what a decoder left, for the hash
		return Result{}, err
	}
	res.SHA256, res.Size = in.sum(), in.n
	res.EndsLine = res.EndsLine && in.last == '\n'
	return res, nil
}

// records decodes and normalizes a stream. A stream that breaks off keeps what could be read; the break is a reject
// and a note. An error of the source itself is returned.
func (g *group) records(ctx context.Context, l Lease, logType string, in *hashed, res *Result) error {
	p := g.w.p
	decoded, err := p.cfg.Decompress(in)
	if err != nil && in.err == nil {
		g.broken(res, err)
		res.Rejects = g.rejects.list
		return nil
	}
	if err != nil {
		return err
	}
	defer decoded.Close()
	if e, ok := decoded.(*envelope.Reader); !ok || len(e.Info().Formats) == 0 {
		res.EndsLine = true // plain, so far
	}
	o := logtype.Object{ID: l.ID, Source: l.Source, Bucket: l.Bucket, Key: l.Key, Type: logType}
	g.began = true
	counts, err := g.w.reader.Read(ctx, o, decoded, g)
	res.Counts = counts
	switch {
	case err == nil:
	case ctx.Err() != nil || isStoreError(err) || in.err != nil:
		return err
	default:
		g.broken(res, err)
	}
	res.Rejects = g.rejects.list
	for _, r := range res.Rejects {
		if r.Reason == logtype.ReasonTruncated || r.Reason == ReasonBroken {
			res.EndsLine = false // what is appended goes on in the middle of something
		}
	}
	switch c := res.Counts; {
	case c.Events > 0:
	case c.Quarantined > c.Filtered && nobodys(res.Rejects): // some of its lines may begin like a comment
		res.Outcome = Unrecognized
	case c.Ignored > 0 && c.Quarantined+c.Filtered == 0:
		res.Outcome = NoEvents
	}
	return nil
}

// ReasonBroken is the reason of a Reject for what is missing of a stream that breaks off.
const ReasonBroken = "broken_stream"

// broken notes that a stream ended before its end.
func (g *group) broken(res *Result, err error) {
	res.Note = err.Error()
	res.Counts.Records++
	res.Counts.Quarantined++
	g.rejects.add(logtype.Reject{Offset: res.Counts.Bytes, Reason: ReasonBroken, Detail: err.Error()})
}

// nobodys reports whether no log type knew what to do with any of the rejected records: bytes
// that are no text and no JSON are nobody's, too.
func nobodys(rs []logtype.Reject) bool {
	seen := false
	for _, r := range rs {
		switch {
		case r.Type != "":
			return false
		case r.Reason == logtype.ReasonUnrecognized, r.Reason == logtype.ReasonSyntax:
			seen = true
		case r.Reason != logtype.ReasonTruncated && r.Reason != ReasonBroken:
			return false
		}
	}
	return seen
}

type permanentError struct{ error }

func (permanentError) Permanent() bool { return true }
func (e permanentError) Unwrap() error { return e.error }

// hashed reads a stored object, hashing it, and remembers an error of the source so that it
// is not taken for broken content.
type hashed struct {
	r    io.Reader
	h    hash.Hash
	n    int64
	last byte
	err  error
}

func (s *hashed) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if n > 0 {
		s.h.Write(b[:n])
		s.last = b[n-1]
		s.n += int64(n)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func (s *hashed) sum() string { return hex.EncodeToString(s.h.Sum(nil)) }

// startsWith reads as many bytes as the earlier generation had. same: nothing follows and the
// bytes are equal. tail: the bytes are equal, end with a line, and more follows.
func (s *hashed) startsWith(prev *Previous) (same, tail bool, err error) {
	n, err := io.CopyN(io.Discard, s, prev.Size)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, false, err
	}
	if n < prev.Size || s.sum() != prev.SHA256 {
		return false, false, nil
	}
	var one [1]byte
	k, err := io.ReadFull(s.r, one[:])
	if k == 0 {
		if errors.Is(err, io.EOF) {
			return true, false, nil
		}
		return false, false, err
	}
	if !prev.EndsLine {
		return false, false, nil
	}
	s.r = io.MultiReader(&replay{one[0]}, s.r)
	return false, true, nil
}

// replay gives back a byte that was read ahead.
type replay []byte

func (b *replay) Read(out []byte) (int, error) {
	if len(*b) == 0 {
		return 0, io.EOF
	}
	n := copy(out, *b)
	*b = (*b)[n:]
	return n, nil
}

// tableOf is the table a part was written with, as far as NewPart needs it.
func tableOf(p store.Part) *schema.Table {
	t := schema.NewTable(p.LogType, p.Version, nil)
	t.Original, t.Rest, t.Derived = p.Original, p.Rest, p.Derived
	return t
}
