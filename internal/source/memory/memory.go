// Package memory is a source that lives in memory: the twin of the real ones for tests.
package memory

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/source"
)

// Source holds objects that a test puts in.
type Source struct {
	name string
	now  func() time.Time

	mu      sync.Mutex
	objects map[string]*blob
	serial  int
	denied  map[string]bool
}

type blob struct {
	body []byte
	obj  source.Object
}

// New makes an empty source. now nil = time.Now.
func New(name string, now func() time.Time) *Source {
	if now == nil {
		now = time.Now
	}
	return &Source{name: name, now: now, objects: map[string]*blob{}, denied: map[string]bool{}}
}

// Put stores or replaces an object and returns it as it will be listed.
func (s *Source) Put(key string, body []byte) source.Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	o := source.Object{Source: s.name, Bucket: "memory", Key: key, Version: fmt.Sprintf("v%d", s.serial), Size: int64(len(body)), Modified: s.now()}
	s.objects[key] = &blob{body: bytes.Clone(body), obj: o}
	return o
}

// Remove deletes an object.
func (s *Source) Remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
}

// Deny makes an object listed but not readable, or readable again.
func (s *Source) Deny(key string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied[key] = on
}

// Name is the name given to New.
func (s *Source) Name() string { return s.name }

// Scan lists everything; a fast pass leaves out what its cursor says was listed before.
func (s *Source) Scan(ctx context.Context, pass source.Pass, cursors source.Cursors, yield func([]source.Object) error) error {
	s.mu.Lock()
	var all []source.Object
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		all = append(all, s.objects[key].obj)
	}
	s.mu.Unlock()
	last := make(source.Cursors)
	g := source.Group{Yield: func(objs []source.Object) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := yield(objs); err != nil {
			return err
		}
		maps.Copy(cursors, last)
		return nil
	}}
	for _, o := range all {
		if pass == source.Fast && cursors[o.Key] == o.Version {
			continue
		}
		last[o.Key] = o.Version
		if err := g.Add(o); err != nil {
			return err
		}
	}
	if err := g.Flush(); err != nil {
		return err
	}
	return ctx.Err()
}

// Open reads an object as it was when it was opened.
func (s *Source) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	body, err := s.find(ctx, "opening", o)
	if err != nil {
		return nil, err
	}
	return reader{bytes.NewReader(body)}, nil
}

// Check compares with what is stored now.
func (s *Source) Check(ctx context.Context, o source.Object) error {
	_, err := s.find(ctx, "checking", o)
	return err
}

// Close does nothing.
func (s *Source) Close() error { return nil }

func (s *Source) find(ctx context.Context, op string, o source.Object) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.objects[o.Key]
	fault := &source.Error{Op: op, Place: "memory://" + o.Key}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case b == nil:
		fault.Cause = source.ErrGone
	case s.denied[o.Key]:
		fault.Cause = source.ErrDenied
	case b.obj.Version != o.Version:
		fault.Cause = source.ErrChanged
	default:
		return b.body, nil
	}
	return nil, fault
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }
