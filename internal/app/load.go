package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/source"
	"github.com/yagura-siem/yagura/internal/source/dir"
	"github.com/yagura-siem/yagura/internal/state"
)

// treeSource lists files below a folder, or one file, as objects of the built-in source "file":
// their keys are whole paths, so that a file is the same object whatever folder was named. It opens any such
// object, also one that an interrupted load has left.
type treeSource struct {
	*dir.Source        // what is listed
	prefix      string // whole path of the tree, without the leading slash
	only        string // key in the tree, "" = all
}

// openTree opens what is at an absolute path, taking files however young they are.
func openTree(path string) (*feed, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("looking for %s: %w", path, err)
	}
	if !fi.IsDir() && !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file: copy what it gives into a file, or pipe it into yagura parse -", path)
	}
	t := treeSource{}
	folder := path
	if !fi.IsDir() {
		folder, t.only = filepath.Dir(path), filepath.Base(path)
	}
	t.prefix = strings.Trim(filepath.ToSlash(folder), "/")
	if t.Source, err = openNow(fileName, folder); err != nil {
		return nil, err
	}
	return &feed{src: t, kind: "path", where: path}, nil
}

// openNow opens a folder source for which no file is too young.
func openNow(name, folder string) (*dir.Source, error) {
	return dir.Open(dir.Config{Name: name, Path: folder}, func() time.Time { return time.Now().Add(dir.Rest + time.Second) })
}

// Scan lists the tree.
func (t treeSource) Scan(ctx context.Context, pass source.Pass, c source.Cursors, yield func([]source.Object) error) error {
	return t.Source.Scan(ctx, pass, c, func(objects []source.Object) error {
		kept := objects[:0]
		for _, o := range objects {
			if t.only == "" || o.Key == t.only {
				o.Key = strings.TrimPrefix(t.prefix+"/"+o.Key, "/")
				kept = append(kept, o)
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return yield(kept)
	})
}

// in calls f with the folder source that holds an object: the tree, or its own folder when an interrupted load of
// another tree has left it.
func (t treeSource) in(o source.Object, f func(*dir.Source, source.Object) error) error {
	if key, ok := strings.CutPrefix(o.Key, t.prefix+"/"); ok {
		o.Key = key
		return f(t.Source, o)
	}
	folder, name := path.Split("/" + o.Key)
	s, err := openNow(fileName, filepath.FromSlash(path.Clean(folder)))
	if err != nil {
		return err
	}
	defer s.Close()
	o.Key = name
	return f(s, o)
}

// Open opens an object of any tree; see in.
func (t treeSource) Open(ctx context.Context, o source.Object) (rc io.ReadCloser, err error) {
	err = t.in(o, func(s *dir.Source, o source.Object) (err error) {
		rc, err = s.Open(ctx, o)
		return err
	})
	return rc, err
}

// Check looks at an object of any tree again; see in.
func (t treeSource) Check(ctx context.Context, o source.Object) error {
	return t.in(o, func(s *dir.Source, o source.Object) error { return s.Check(ctx, o) })
}

// Load implements httpapi.Service. What it lists is offered to the ledger; what the ledger does
// not know yet is loaded by workers of this call.
func (a *App) Load(ctx context.Context, req httpapi.LoadRequest, progress func(httpapi.Progress)) (httpapi.LoadSummary, error) {
	if req.Type != "" && a.content.Type(req.Type) == nil {
		return httpapi.LoadSummary{}, &httpapi.UserError{Err: a.unknownType(req.Type)}
	}
	a.loading.Lock()
	defer a.loading.Unlock()
	f, want, err := a.target(ctx, req.Target)
	if err != nil {
		return httpapi.LoadSummary{}, err
	}
	defer f.src.Close()
	l := &load{app: a, target: req.Target, feed: f, want: want, logType: req.Type, started: time.Now(), waiting: map[string]string{}, early: map[string]ingest.Result{}, sum: httpapi.LoadSummary{Types: map[string]int64{}}}
	a.mu.Lock()
	a.extra[f.src.Name()] = l
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		delete(a.extra, f.src.Name())
		a.mu.Unlock()
	}()
	return l.run(ctx, progress)
}

func (a *App) unknownType(name string) error {
	var names []string
	for _, t := range a.content.Types {
		names = append(names, t.Name)
	}
	if near := schema.Closest(name, names); near != "" {
		return fmt.Errorf("log type %q is not known; did you mean %s? There are: %s", name, near, strings.Join(names, ", "))
	}
	return fmt.Errorf("log type %q is not known; there are: %s", name, strings.Join(names, ", "))
}

// load is one call of Load.
type load struct {
	target  string // as the person named it
	app     *App
	feed    *feed
	want    func(key string) bool
	logType string // forced for what this call loads
	started time.Time
	listing atomic.Bool

	mu      sync.Mutex
	waiting map[string]string        // objects this call is to load: key by id
	early   map[string]ingest.Result // loaded by this call before they were listed, by id
	sum     httpapi.LoadSummary
	total   int64 // stored bytes found
	in      int64 // stored bytes of finished objects
}

// typeOf is the log type an object is read as: the forced one also for what an interrupted load
// of the same target has left.
func (l *load) typeOf(o ingest.Object) string {
	if l.logType != "" && l.want(o.Key) {
		return l.logType
	}
	return l.feed.logType
}

// errorsKept bounds the list of broken objects in a summary.
const errorsKept = 100

func (l *load) run(ctx context.Context, progress func(httpapi.Progress)) (httpapi.LoadSummary, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	defer wg.Wait()
	stopTicks := l.tick(progress)
	defer stopTicks()

	l.listing.Store(true)
	var listErr error
	wg.Go(func() {
		defer l.app.pipeline.Wake()
		defer l.listing.Store(false)
		listErr = l.list(ctx)
	})
	err := l.app.pipeline.Drain(ctx, l.feed.src.Name(), l.listing.Load, l.finished)
	if err != nil {
		cancel(err)
		return httpapi.LoadSummary{}, fmt.Errorf("loading %s: %w", l.feed.where, err)
	}
	wg.Wait()
	if listErr != nil {
		var own *source.Error
		if !errors.As(listErr, &own) {
			return httpapi.LoadSummary{}, fmt.Errorf("listing %s: %w", l.feed.where, listErr)
		}
		l.fault(l.feed.where, listErr)
	}
	if err := l.rest(ctx); err != nil {
		return httpapi.LoadSummary{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if fi, err := os.Stat(l.target); err == nil && fi.Mode().IsRegular() && l.sum.Objects+l.sum.Failed == 0 {
		return httpapi.LoadSummary{}, &httpapi.UserError{Err: fmt.Errorf("%s was passed over: names that begin with a dot or end in .tmp, .part or ~ mean unfinished files; rename it", l.target)}
	}
	l.sum.Elapsed = time.Since(l.started)
	l.sum.Notices = l.app.notices
	return l.sum, nil
}

// list offers what is there and remembers what is new.
func (l *load) list(ctx context.Context) error {
	db := l.app.db
	return l.feed.Scan(ctx, ingest.Full, map[string]string{}, func(objects []ingest.Object) error {
		kept := objects[:0]
		for _, o := range objects {
			if l.want(o.Key) {
				kept = append(kept, o)
			}
		}
		var fresh []ingest.Object
		var again []string
		for _, o := range kept {
			id := o.ID()
			have, err := db.Object(ctx, id)
			switch {
			case errors.Is(err, state.ErrNotFound):
				fresh = append(fresh, o)
			case err != nil:
				return err
			case have.State == state.Done || have.State == state.Skipped || have.State == state.Replaced:
				l.known(o)
				continue
			case have.State != state.Pending && have.State != state.Leased:
				again = append(again, id)
			}
			l.mu.Lock()
			l.sum.Objects++
			l.total += o.Size
			l.waiting[id] = o.Key
			l.mu.Unlock()
		}
		if len(again) > 0 {
			if _, err := db.Retry(ctx, again); err != nil {
				return err
			}
		}
		if len(fresh) > 0 {
			if _, err := l.app.ledger.Offer(ctx, fresh); err != nil {
				return err
			}
		}
		l.app.pipeline.Wake()
		return nil
	})
}

// known counts a listed object that is loaded already, perhaps by this call before it was listed.
func (l *load) known(o ingest.Object) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum.Objects++
	if r, ok := l.early[o.ID()]; ok {
		delete(l.early, o.ID())
		l.sum.Resumed--
		l.total += o.Size
		l.settle(r)
		return
	}
	l.sum.Known++
}

// earlyKept bounds what is remembered of objects that were loaded before they were listed.
const earlyKept = 100_000

// finished counts an object that a worker of this call has loaded or failed.
func (l *load) finished(r ingest.Result, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, mine := l.waiting[r.Lease.ID]; !mine { // an interrupted load has left it; perhaps it is listed yet
		if err == nil {
			l.sum.Resumed++
			if l.listing.Load() && len(l.early) < earlyKept {
				r.Rejects = nil
				l.early[r.Lease.ID] = r
			}
		}
		return
	}
	delete(l.waiting, r.Lease.ID)
	if err != nil {
		l.in += r.Lease.Size
		l.sum.Failed++
		l.addError(shown(r.Lease.Source, r.Lease.Key), err.Error())
		return
	}
	l.settle(r)
}

// settle counts a loaded object. l.mu is held.
func (l *load) settle(r ingest.Result) {
	l.in += r.Lease.Size
	if r.Outcome == ingest.SameContent {
		l.sum.Known++
		return
	}
	c := r.Counts
	l.count(state.Counts{Records: c.Records, Events: c.Events, Filtered: c.Filtered, Ignored: c.Ignored, Quarantined: c.Quarantined})
	l.sum.Bytes += c.Bytes
	for t, n := range c.Types {
		l.sum.Types[t] += n
	}
	l.sum.Findings += r.Findings
	l.sum.Raised += r.Raised
	switch {
	case r.Note != "":
		l.addError(shown(r.Lease.Source, r.Lease.Key), "not whole: "+r.Note)
	case r.Outcome == ingest.Unrecognized:
		l.addError(shown(r.Lease.Source, r.Lease.Key), "no log type recognises it (see: yagura explain FILE; force one with --type)")
	}
}

func (l *load) count(c state.Counts) {
	l.sum.Loaded++
	l.sum.Records += c.Records
	l.sum.Events += c.Events
	l.sum.Filtered += c.Filtered
	l.sum.Ignored += c.Ignored
	l.sum.Quarantined += c.Quarantined
}

func (l *load) fault(where string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum.Failed++
	l.addError(where, err.Error())
}

// shown is a key as a person would write it.
func shown(source, key string) string {
	if source == fileName {
		return "/" + key
	}
	return key
}

func (l *load) addError(object, reason string) {
	if len(l.sum.Errors) < errorsKept {
		l.sum.Errors = append(l.sum.Errors, httpapi.ObjectError{Object: object, Reason: reason})
	}
}

// rest settles the objects that somebody else works on: the server's own workers.
func (l *load) rest(ctx context.Context) error {
	for id, key := range l.waiting {
		for {
			o, err := l.app.db.Object(ctx, id)
			if err != nil {
				return err
			}
			if o.State == state.Pending || o.State == state.Leased {
				t := time.NewTimer(50 * time.Millisecond)
				select {
				case <-ctx.Done():
					t.Stop()
					return ctx.Err()
				case <-t.C:
				}
				continue
			}
			l.mu.Lock()
			switch o.State {
			case state.Done, state.Ignored, state.Unrecognized:
				l.count(o.Counts)
			case state.Skipped, state.Replaced:
				l.sum.Known++
			default:
				l.sum.Failed++
				l.addError(shown(o.Source, key), o.Detail)
			}
			l.mu.Unlock()
			break
		}
	}
	return nil
}

// tick reports progress until the returned function is called.
func (l *load) tick(progress func(httpapi.Progress)) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(200 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-done:
				progress(l.now())
				return
			case <-t.C:
				progress(l.now())
			}
		}
	}()
	return func() { close(done); <-ended }
}

func (l *load) now() httpapi.Progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sum
	return httpapi.Progress{
		Objects: s.Loaded + s.Known + s.Failed, Total: s.Objects, Events: s.Events, Bytes: s.Bytes,
		StoredIn: l.in, TotalStored: l.total, Failed: s.Failed, Listing: l.listing.Load(), Elapsed: time.Since(l.started),
	}
}
