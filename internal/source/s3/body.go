package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yagura-siem/yagura/internal/source"
)

// resumes is how often a read goes on with a new request after the connection broke, without any
// progress in between.
const resumes = 3

// Open starts to read an object, only if it is the one that was listed.
func (s *Source) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	b := &body{s: s, o: o, ctx: ctx, cancel: cancel}
	if err := b.request(); err != nil {
		cancel(nil)
		return nil, err
	}
	return b, nil
}

// body reads one object, if need be in several requests, each for the same version.
type body struct {
	s      *Source
	o      source.Object
	ctx    context.Context //nolint:containedctx // ends with Close
	cancel context.CancelCauseFunc
	in     io.ReadCloser
	n      int64 // bytes delivered
	broken int   // requests since the last byte
	err    error
}

func (b *body) request() error {
	in := &s3.GetObjectInput{Bucket: &b.s.cfg.Bucket, Key: &b.o.Key, IfMatch: &b.o.ETag}
	if b.n > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", b.n))
	}
	out, err := b.s.client.GetObject(b.ctx, in)
	if err != nil {
		op := "opening"
		if b.n > 0 {
			op = "reading"
		}
		return b.s.fault(b.ctx, op, b.o.Key, err)
	}
	b.in = out.Body
	return nil
}

var errStalled = errors.New("the server sent nothing for too long")

func (b *body) Read(p []byte) (int, error) {
	for {
		if b.err != nil {
			return 0, b.err
		}
		if len(p) == 0 {
			return 0, nil
		}
		if b.n >= b.o.Size && b.o.Size > 0 {
			b.err = io.EOF
			continue
		}
		if b.in == nil {
			if b.err = b.request(); b.err != nil {
				continue
			}
		}
		stall := time.AfterFunc(b.s.cfg.Timeout, func() { b.cancel(errStalled) })
		n, err := b.in.Read(p)
		stall.Stop()
		b.n += int64(n)
		if n > 0 {
			b.broken = 0
		}
		switch {
		case err == nil:
		case err == io.EOF && b.n >= b.o.Size:
			b.err = io.EOF
		case b.ctx.Err() != nil || b.broken >= resumes:
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			b.err = b.s.fault(b.ctx, "reading", b.o.Key, err)
		default: // the connection broke: go on from here
			b.broken++
			b.in.Close()
			b.in = nil
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (b *body) Close() error {
	b.cancel(nil)
	if b.err == nil {
		b.err = errors.New("reading a closed object")
	}
	if b.in == nil {
		return nil
	}
	err := b.in.Close()
	b.in = nil
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
