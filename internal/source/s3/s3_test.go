package s3

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/source"
	"github.com/yagura-siem/yagura/internal/source/sourcetest"
	"github.com/yagura-siem/yagura/test/s3server"
)

func settings(srv *s3server.Server, bucket string) Config {
	return Config{Name: "trail", Bucket: bucket, Endpoint: srv.Endpoint, Region: srv.Region, PathStyle: true, AccessKey: srv.AccessKey, SecretKey: srv.SecretKey, Timeout: 5 * time.Second}
}

func open(t *testing.T, c Config, now func() time.Time) *Source {
	t.Helper()
	s, err := Open(t.Context(), c, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, srv *s3server.Server, bucket, key string, body []byte) {
	t.Helper()
	if _, err := srv.Client().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)}); err != nil {
		t.Fatalf("putting %q: %v", key, err)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	srv := s3server.Start(t)
	var buckets atomic.Int64
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Place {
		clock := sourcetest.NewClock()
		bucket := fmt.Sprintf("bucket-%d", buckets.Add(1))
		srv.CreateBucket(t, bucket)
		client := srv.Client()
		return &sourcetest.Place{
			Put: func(t *testing.T, key string, body []byte) {
				if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)}); err != nil {
					t.Errorf("putting %q: %v", key, err)
				}
			},
			Remove: func(t *testing.T, key string) {
				if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}); err != nil {
					t.Fatal(err)
				}
			},
			Advance: clock.Advance,
			Open:    func(t *testing.T) source.Source { return open(t, settings(srv, bucket), clock.Now) },
		}
	})
}

func keysOf(t *testing.T, s source.Source, pass source.Pass, cursors source.Cursors) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(sourcetest.List(t, s, pass, cursors)))
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// A prefix that is too large to be listed whole: streams are followed by their leaves over
// midnight, what comes out of order is found by the re-list, what is older by the full pass.
func TestLargePrefix(t *testing.T) {
	t.Parallel()
	srv := s3server.Start(t)
	clock := sourcetest.NewClock()
	clock.Advance(midnight(clock.Now()).Add(36 * time.Hour).Sub(clock.Now())) // noon tomorrow
	day := func(n int) string { return clock.Now().UTC().AddDate(0, 0, n).Format("2006/01/02") }
	key := func(n int, stream, hour string) string {
		at := clock.Now().UTC().AddDate(0, 0, n)
		return fmt.Sprintf("AWSLogs/%s/elb/%s/%s_%sT%sZ_x.log", stream, at.Format("2006/01/02"), stream, at.Format("20060102"), hour)
	}
	ancient, old, today := "AWSLogs/a/elb/2019/05/06/a_20190506T0000Z_x.log", key(-1, "a", "2300"), key(0, "a", "0100")
	for _, k := range []string{ancient, old, today, key(0, "b", "0100"), "other/x.log"} {
		put(t, srv, srv.Bucket, k, []byte("x"))
	}
	cfg := settings(srv, srv.Bucket)
	cfg.Prefixes = []string{"AWSLogs/"}
	newSource := func() *Source {
		s := open(t, cfg, clock.Now)
		s.smallPrefix = 0 // nothing is small
		s.small["AWSLogs/"] = false
		return s
	}
	s, cursors := newSource(), source.Cursors{}
	expect(t, "first pass", keysOf(t, s, source.Fast, cursors), old, today, key(0, "b", "0100"))
	expect(t, "leaves", slices.Sorted(maps.Keys(cursors)),
		"AWSLogs/a/elb/"+day(-1)+"/a_", "AWSLogs/a/elb/"+day(0)+"/a_", "AWSLogs/b/elb/"+day(0)+"/b_")
	expect(t, "again", keysOf(t, s, source.Fast, cursors), today, key(0, "b", "0100"))
	expect(t, "nothing new", keysOf(t, s, source.Fast, cursors))

	put(t, srv, srv.Bucket, key(0, "a", "0110"), []byte("x"))
	put(t, srv, srv.Bucket, key(0, "b", "0110"), []byte("x"))
	put(t, srv, srv.Bucket, key(0, "c", "0110"), []byte("x")) // a new stream
	put(t, srv, srv.Bucket, key(0, "a", "0050"), []byte("x")) // out of order
	expect(t, "new keys, stored cursors", keysOf(t, newSource(), source.Fast, maps.Clone(cursors)), key(0, "a", "0110"), key(0, "b", "0110"))
	expect(t, "re-list", keysOf(t, s, source.Relist, cursors), old, today, key(0, "a", "0050"), key(0, "a", "0110"), key(0, "b", "0100"), key(0, "b", "0110"), key(0, "c", "0110"))
	expect(t, "full", keysOf(t, s, source.Full, cursors), ancient, old, today, key(0, "a", "0050"), key(0, "a", "0110"), key(0, "b", "0100"), key(0, "b", "0110"), key(0, "c", "0110"))
	keysOf(t, s, source.Fast, cursors)
	expect(t, "nothing new after all", keysOf(t, s, source.Fast, cursors))

	clock.Advance(24 * time.Hour)
	put(t, srv, srv.Bucket, key(0, "c", "0100"), []byte("x"))
	expect(t, "next day", keysOf(t, s, source.Fast, cursors), key(0, "c", "0100"))
	clock.Advance(30 * 24 * time.Hour)
	keysOf(t, s, source.Fast, cursors)
	if len(cursors) != 0 {
		t.Errorf("a month later cursors are %v", cursors)
	}
}

func TestManyPages(t *testing.T) {
	t.Parallel()
	srv := s3server.Start(t)
	clock := sourcetest.NewClock()
	day := clock.Now().UTC().Format("2006/01/02")
	var want []string
	for i := range 1300 {
		want = append(want, fmt.Sprintf("a/%s/x_%05d.log", day, i))
	}
	for i := range 1100 {
		want = append(want, fmt.Sprintf("wide/%05d/x.log", i))
	}
	client := srv.Client()
	var wg sync.WaitGroup
	for part := range slices.Chunk(want, 300) {
		wg.Go(func() {
			for _, k := range part {
				if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &srv.Bucket, Key: aws.String(k), Body: strings.NewReader("x")}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	clock.Advance(time.Hour)
	s, cursors := open(t, settings(srv, srv.Bucket), clock.Now), source.Cursors{}
	s.smallPrefix = 1500
	expect(t, "first", keysOf(t, s, source.Fast, cursors), want...)
	expect(t, "by leaf", keysOf(t, s, source.Fast, cursors), want...)
	leaves := 1101
	if clock.Now().UTC().Format("2006/01/02") != day { // the hour led into the next day, which has a leaf already
		leaves++
	}
	if got := cursors["a/"+day+"/"]; got != want[1299] || len(cursors) != leaves {
		t.Errorf("%d cursors, the day's is %q", len(cursors), got)
	}
	expect(t, "nothing new", keysOf(t, s, source.Fast, cursors))
	s.smallPrefix = 5000
	expect(t, "re-list", keysOf(t, s, source.Relist, cursors), want...)
	expect(t, "full", keysOf(t, s, source.Full, cursors), want...)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	srv := s3server.Start(t)
	put(t, srv, srv.Bucket, "a.log", []byte("x"))
	scan := func(c Config) error {
		return open(t, c, nil).Scan(t.Context(), source.Full, nil, func([]source.Object) error { return nil })
	}
	good := settings(srv, srv.Bucket)
	wrongKey, wrongSecret, wrongBucket := good, good, good
	wrongKey.AccessKey = "nobody"
	wrongSecret.SecretKey = "wrong"
	wrongBucket.Bucket = "nothing-here"
	for name, tc := range map[string]struct {
		c     Config
		cause error
	}{"access key": {wrongKey, source.ErrDenied}, "secret key": {wrongSecret, source.ErrDenied}, "bucket": {wrongBucket, source.ErrGone}} {
		err := scan(tc.c)
		var se *source.Error
		if !errors.Is(err, tc.cause) || !errors.As(err, &se) || se.Hint == "" || source.Retryable(err) {
			t.Errorf("wrong %s: %v", name, err)
		}
	}

	s := open(t, good, nil)
	o := sourcetest.List(t, s, source.Full, nil)["a.log"]
	srv.Stop(t)
	err := s.Scan(t.Context(), source.Full, nil, func([]source.Object) error { return nil })
	if !source.Retryable(err) {
		t.Errorf("stopped server: %v", err)
	}
	srv.Restart(t)
	if err := s.Check(t.Context(), o); err != nil {
		t.Errorf("restarted server: %v", err)
	}
}

// breaking serves one object, breaking the connection after some bytes of each answer.
type breaking struct {
	body    []byte
	piece   int
	changed atomic.Bool
	asked   atomic.Int64
}

func (b *breaking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.asked.Add(1)
	from := 0
	if rng := r.Header.Get("Range"); rng != "" {
		if _, err := fmt.Sscanf(rng, "bytes=%d-", &from); err != nil {
			http.Error(w, "bad range", http.StatusBadRequest)
			return
		}
	}
	if b.changed.Load() || r.Header.Get("If-Match") != `"e"` {
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(b.body)-from))
	w.Header().Set("ETag", `"e"`)
	if from > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(b.body)-1, len(b.body)))
		w.WriteHeader(http.StatusPartialContent)
	}
	if _, err := w.Write(b.body[from:min(from+b.piece, len(b.body))]); err != nil || from+b.piece < len(b.body) {
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	b := &breaking{body: bytes.Repeat([]byte("0123456789"), 30_000), piece: 70_000}
	srv := httptest.NewServer(b)
	t.Cleanup(srv.Close)
	s := open(t, Config{Name: "n", Bucket: "logs", Endpoint: srv.URL, Region: "us-east-1", PathStyle: true, AccessKey: "a", SecretKey: "b"}, nil)
	o := source.Object{Bucket: "logs", Key: "a", ETag: `"e"`, Size: int64(len(b.body))}
	r, err := s.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, b.body) || b.asked.Load() != 5 {
		t.Errorf("%d of %d bytes in %d requests, error %v", len(got), len(b.body), b.asked.Load(), err)
	}
	r.Close()

	// changed while it is read
	if r, err = s.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	b.changed.Store(true)
	if got, err = io.ReadAll(r); !errors.Is(err, source.ErrChanged) {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
	if err := s.Check(t.Context(), o); !errors.Is(err, source.ErrChanged) {
		t.Errorf("check: %v", err)
	}
}

// A server that answers and then sends nothing more must not hold a reader for ever.
func TestStalledServer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-release
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(release) })
	s := open(t, Config{Name: "n", Bucket: "logs", Endpoint: srv.URL, PathStyle: true, AccessKey: "a", SecretKey: "b", Timeout: 50 * time.Millisecond}, nil)
	r, err := s.Open(t.Context(), source.Object{Bucket: "logs", Key: "a", ETag: `"e"`, Size: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); !errors.Is(err, errStalled) || !source.Retryable(err) {
		t.Errorf("error %v", err)
	}
}

func TestArchived(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<Error><Code>InvalidObjectState</Code><Message>The operation is not valid for the object's storage class</Message></Error>`)
	}))
	t.Cleanup(srv.Close)
	s := open(t, Config{Name: "n", Bucket: "logs", Endpoint: srv.URL, PathStyle: true, AccessKey: "a", SecretKey: "b"}, nil)
	_, err := s.Open(t.Context(), source.Object{Key: "a", ETag: `"e"`, Size: 1})
	want := "opening s3://logs/a: the object is archived and not readable (InvalidObjectState: The operation is not valid for the object's storage class); restore it from its archive class, or exclude old prefixes"
	if err == nil || err.Error() != want || !errors.Is(err, source.ErrArchived) {
		t.Errorf("error %v", err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := Config{Name: "n", Bucket: "my-logs", Prefixes: []string{"a/", "b"}, RoleARN: "arn:aws:iam::123456789012:role/x", ExternalID: "y"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Config){
		"name":     func(c *Config) { c.Name = "" },
		"bucket":   func(c *Config) { c.Bucket = "s3 logs" },
		"url":      func(c *Config) { c.Prefixes = []string{"s3://x/"} },
		"slash":    func(c *Config) { c.Prefixes = []string{"/x"} },
		"nested":   func(c *Config) { c.Prefixes = []string{"a/", "a/b/"} },
		"twice":    func(c *Config) { c.Prefixes = []string{"a/", "a/"} },
		"endpoint": func(c *Config) { c.Endpoint = "localhost:9000" },
		"role":     func(c *Config) { c.RoleARN = "admin" },
		"id":       func(c *Config) { c.RoleARN = "" },
		"keys":     func(c *Config) { c.AccessKey = "x" },
		"days":     func(c *Config) { c.RelistDays = -1 },
		"timeout":  func(c *Config) { c.Timeout = -1 },
	} {
		c := good
		change(&c)
		if c.Validate() == nil {
			t.Errorf("%s: %+v is accepted", name, c)
		}
	}
}
