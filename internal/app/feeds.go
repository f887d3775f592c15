package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/source"
	"github.com/yagura-siem/yagura/internal/source/dir"
	"github.com/yagura-siem/yagura/internal/source/s3"
)

// feed is an opened source: it lists for a watcher and opens for the pipeline.
type feed struct {
	src     source.Source
	kind    string // "folder" or "bucket"
	where   string
	logType string
	every   time.Duration
	watch   *ingest.Watcher // nil for what is loaded once
}

var (
	_ ingest.Source = (*feed)(nil)
	_ ingest.Lister = (*feed)(nil)
)

func (f *feed) Open(ctx context.Context, o ingest.Object) (io.ReadCloser, error) {
	rc, err := f.src.Open(ctx, outward(o))
	return rc, sourceError(err)
}

func (f *feed) Check(ctx context.Context, o ingest.Object) error {
	return sourceError(f.src.Check(ctx, outward(o)))
}

func (f *feed) Scan(ctx context.Context, pass ingest.Pass, cursors map[string]string, yield func([]ingest.Object) error) error {
	passes := [...]source.Pass{ingest.Fast: source.Fast, ingest.Relist: source.Relist, ingest.Full: source.Full}
	return f.src.Scan(ctx, passes[pass], cursors, func(objects []source.Object) error {
		in := make([]ingest.Object, len(objects))
		for i, o := range objects {
			in[i] = ingest.Object{
				ObjectIdentity: event.ObjectIdentity{Source: o.Source, Bucket: o.Bucket, Key: o.Key, Version: o.Version},
				Size:           o.Size, Modified: o.Modified, ETag: o.ETag,
			}
		}
		return yield(in)
	})
}

func outward(o ingest.Object) source.Object {
	return source.Object{Source: o.Source, Bucket: o.Bucket, Key: o.Key, Version: o.Version, Size: o.Size, Modified: o.Modified, ETag: o.ETag}
}

// refused is an error of a source that trying again does not cure.
type refused struct{ error }

func (refused) Permanent() bool { return true }
func (e refused) Unwrap() error { return e.error }

func sourceError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, source.ErrChanged):
		return fmt.Errorf("%w: %w", ingest.ErrChanged, err)
	case errors.Is(err, source.ErrGone):
		return fmt.Errorf("%w: %w", ingest.ErrGone, err)
	case source.Retryable(err), errors.Is(err, context.Canceled):
		return err
	}
	return refused{err}
}

// Inbox is the folder that serve watches without any configuration.
func Inbox(c config.Config) string { return filepath.Join(c.Data, "inbox") }

const (
	inboxName = "inbox" // built-in source of the inbox
	fileName  = "file"  // built-in source of files loaded by path; their keys are whole paths
	s3Prefix  = "s3://"
)

// configured opens the inbox and the sources of the configuration. What is wrong with them is
// returned all at once.
func configured(ctx context.Context, c config.Config) ([]*feed, error) {
	if err := os.MkdirAll(Inbox(c), 0o750); err != nil {
		return nil, fmt.Errorf("making the inbox: %w", err)
	}
	inbox, err := openDir(inboxName, Inbox(c))
	if err != nil {
		return nil, err
	}
	feeds := []*feed{inbox}
	var problems []error
	for _, s := range c.Sources {
		f, err := openSource(ctx, s)
		if err != nil {
			problems = append(problems, fmt.Errorf("opening source %s: %w", s.Name, err))
			continue
		}
		feeds = append(feeds, f)
	}
	return feeds, errors.Join(problems...)
}

func openDir(name, path string) (*feed, error) {
	s, err := dir.Open(dir.Config{Name: name, Path: path}, nil)
	if err != nil {
		return nil, err
	}
	return &feed{src: s, kind: "folder", where: path}, nil
}

func openSource(ctx context.Context, s config.Source) (*feed, error) {
	if s.Dir != "" {
		f, err := openDir(s.Name, s.Dir)
		if err != nil {
			return nil, err
		}
		f.logType, f.every = s.LogType, time.Duration(s.Every)
		return f, nil
	}
	access, err := s.AccessKey.Reveal()
	if err != nil {
		return nil, err
	}
	secret, err := s.SecretKey.Reveal()
	if err != nil {
		return nil, err
	}
	f, err := openBucket(ctx, s3.Config{
		Name: s.Name, Bucket: s.Bucket, Prefixes: s.Prefixes, Region: s.Region, Endpoint: s.Endpoint, PathStyle: s.PathStyle,
		RoleARN: s.RoleARN, ExternalID: s.ExternalID, AccessKey: access, SecretKey: secret, RelistDays: s.RelistDays,
	})
	if err != nil {
		return nil, err
	}
	f.logType, f.every = s.LogType, time.Duration(s.Every)
	return f, nil
}

func openBucket(ctx context.Context, c s3.Config) (*feed, error) {
	s, err := s3.Open(ctx, c, nil)
	if err != nil {
		return nil, err
	}
	return &feed{src: s, kind: "bucket", where: s3Prefix + c.Bucket + "/" + strings.Join(c.Prefixes, ",")}, nil
}

// target opens what a person named to load. A path inside a configured source, or the inbox,
// is loaded as objects of that source, so that they are the same objects.
func (a *App) target(ctx context.Context, name string) (*feed, func(key string) bool, error) {
	if rest, ok := strings.CutPrefix(name, s3Prefix); ok {
		return a.bucketTarget(ctx, rest)
	}
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, nil, &httpapi.UserError{Err: fmt.Errorf("resolving %s: %w", name, err)}
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, nil, &httpapi.UserError{Err: fmt.Errorf("looking for %s: %w", name, err)}
	}
	for _, f := range a.feeds {
		if f.kind != "folder" {
			continue
		}
		root, err := filepath.EvalSymlinks(f.where)
		if err != nil {
			continue
		}
		if rel, err := filepath.Rel(root, path); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			s, err := openNow(f.src.Name(), f.where) // the same files, but without waiting for them to rest
			if err != nil {
				return nil, nil, err
			}
			return &feed{src: s, kind: f.kind, where: f.where, logType: f.logType}, below(filepath.ToSlash(rel)), nil
		}
	}
	f, err := openTree(path)
	if err != nil {
		return nil, nil, &httpapi.UserError{Err: err}
	}
	return f, below(strings.TrimPrefix(filepath.ToSlash(path), "/")), nil
}

// below selects the keys that are, or lie under, a path.
func below(rel string) func(string) bool {
	if rel == "." {
		return func(string) bool { return true }
	}
	return func(key string) bool { return key == rel || strings.HasPrefix(key, rel+"/") }
}

func (a *App) bucketTarget(ctx context.Context, rest string) (*feed, func(string) bool, error) {
	bucket, prefix, _ := strings.Cut(rest, "/")
	if bucket == "" {
		return nil, nil, &httpapi.UserError{Err: fmt.Errorf("%s%s: want s3://bucket/prefix", s3Prefix, rest)}
	}
	starts := func(key string) bool { return strings.HasPrefix(key, prefix) }
	s, known := a.bucketSource(bucket, prefix)
	if !known {
		s = config.Source{Name: s3Prefix + bucket, Bucket: bucket}
	}
	s.Prefixes = []string{prefix} // only what was named is listed
	f, err := openSource(ctx, s)
	if err != nil {
		return nil, nil, &httpapi.UserError{Err: err}
	}
	return f, starts, nil
}

// bucketSource finds the configured source of a bucket: the one that has the prefix, if several do.
func (a *App) bucketSource(bucket, prefix string) (found config.Source, ok bool) {
	for _, s := range a.cfg.Sources {
		if s.Bucket != bucket {
			continue
		}
		for _, p := range s.Prefixes {
			if strings.HasPrefix(prefix, p) {
				return s, true
			}
		}
		if !ok || len(s.Prefixes) == 0 {
			found, ok = s, true
		}
	}
	return found, ok
}
