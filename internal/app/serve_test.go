package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/store"
)

// running is a server in this process.
type running struct {
	t      *testing.T
	url    string
	client httpapi.Service
	end    context.CancelFunc
	ended  chan error
}

// served starts a server; it is stopped with the test.
func served(t *testing.T, c config.Config, p probes) *running {
	t.Helper()
	ctx, cancel := contextWithCancel(t)
	s := &running{t: t, end: cancel, ended: make(chan error, 1)}
	ready := make(chan string, 1)
	go func() { s.ended <- serve(ctx, c, quiet(), func(addr string) { ready <- addr }, p) }()
	select {
	case addr := <-ready:
		s.url = "http://" + addr
	case err := <-s.ended:
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	client, closeClient, err := Connect(ctx, c, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeClient)
	if _, here := client.(*App); here {
		t.Fatal("a second process opened the folder")
	}
	s.client = client
	return s
}

// stop ends the server and checks that it took at most ten seconds.
func (s *running) stop() {
	s.end()
	began := time.Now()
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Errorf("the server ended with %v", err)
		}
		if d := time.Since(began); d > 10*time.Second {
			s.t.Errorf("the stop took %s", d)
		}
		s.ended <- nil // for another stop
	case <-time.After(30 * time.Second):
		s.t.Error("the server does not end")
	}
}

func (s *running) get(path string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(ctxOf(s.t), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(b)
}

// events asks how many there are.
func (s *running) events() int {
	s.t.Helper()
	return strings.Count(ask(s.t, s.client, "event.module:*"), "\n")
}

// TestArrival drops files into the inbox of a running server: renamed in or written in place,
// they are found by queries within ten seconds.
func TestArrival(t *testing.T) {
	t.Parallel()
	c := configAt(filepath.Join(t.TempDir(), "data"))
	s := served(t, c, probes{})
	put(t, filepath.Join(c.Data, "inbox", "late.log.tmp"), wafLines(t, 0, 9))
	if err := os.Rename(filepath.Join(c.Data, "inbox", "late.log.tmp"), filepath.Join(c.Data, "inbox", "late.log")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(c.Data, "inbox", "deep", "er", "x.log"), wafLines(t, 9, 4))
	within(t, 10*time.Second, "13 events are found", func() bool { return s.events() == 13 })
	put(t, filepath.Join(c.Data, "inbox", "late.log"), wafLines(t, 0, 11)) // appended
	within(t, 10*time.Second, "15 events are found", func() bool { return s.events() == 15 })

	if code, body := s.get("/readyz"); code != http.StatusOK {
		t.Errorf("readyz: %d %s", code, body)
	}
	if _, body := s.get("/metrics"); !strings.Contains(body, `yagura_events_total{source="inbox",log_type="aws.waf"} 15`) {
		t.Errorf("metrics:\n%s", body)
	}
	sum, err := s.client.Load(ctxOf(t), httpapi.LoadRequest{Target: filepath.Join(c.Data, "inbox")}, func(httpapi.Progress) {})
	if err != nil || sum.Objects != 2 || sum.Known != 2 {
		t.Errorf("load of what is loaded: %+v, %v", sum, err)
	}
	s.stop()
	settled(t, opened(t, c, probes{}))
}

// TestStopUnderLoad ends a server while it loads: within ten seconds, with nothing lost.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := configAt(filepath.Join(dir, "data"))
	big := filepath.Join(dir, "big.log")
	put(t, big, bytes.Repeat(wafLines(t, 0, 1400), 8))
	slow := make(chan struct{})
	s := served(t, c, probes{
		tune: func(c *ingest.Config) { c.Reader.BatchBytes = 1 << 20 },
		store: func(s ingest.Store) ingest.Store {
			return slowStore{s, func(_ store.Part, do func() error) error {
				select {
				case slow <- struct{}{}:
				default:
				}
				return do()
			}}
		},
	})
	loaded := make(chan error, 1)
	go func() {
		_, err := s.client.Load(ctxOf(t), httpapi.LoadRequest{Target: big}, func(httpapi.Progress) {})
		loaded <- err
	}()
	<-slow
	s.stop()
	if err := <-loaded; err == nil {
		t.Log("the load was quicker than the stop")
	}
	a := opened(t, c, probes{})
	held(t, a)
	loadOf(t, a, big)
	if h := settled(t, a); len(h.Events) != 8*1400 {
		t.Errorf("%d events", len(h.Events))
	}
	assertFilesAreLive(t, a)
}

// TestNoSpace lets a running server meet a full disk: it says so, keeps objects pending and goes
// on when there is room. A load ends with the reason and can be repeated.
func TestNoSpace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := configAt(filepath.Join(dir, "data"))
	var full atomic.Bool
	full.Store(true)
	p := probes{
		tune: func(c *ingest.Config) { c.RetryPause = 20 * time.Millisecond },
		store: func(s ingest.Store) ingest.Store {
			return slowStore{s, func(_ store.Part, do func() error) error {
				if full.Load() {
					return storeError(&os.PathError{Op: "write", Path: "part", Err: syscall.ENOSPC})
				}
				return do()
			}}
		},
	}
	s := served(t, c, p)
	put(t, filepath.Join(c.Data, "inbox", "a.log"), wafLines(t, 0, 9))
	within(t, 20*time.Second, "readyz tells of the full disk", func() bool {
		code, body := s.get("/readyz")
		return code == http.StatusServiceUnavailable && strings.Contains(body, "no space left")
	})
	if code, _ := s.get("/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d", code)
	}
	elsewhere := filepath.Join(dir, "b.log")
	put(t, elsewhere, wafLines(t, 20, 3))
	_, err := s.client.Load(ctxOf(t), httpapi.LoadRequest{Target: elsewhere}, func(httpapi.Progress) {})
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("load: %v", err)
	}
	full.Store(false)
	within(t, 20*time.Second, "intake goes on", func() bool {
		code, _ := s.get("/readyz")
		return code == http.StatusOK && s.events() == 9
	})
	sum, err := s.client.Load(ctxOf(t), httpapi.LoadRequest{Target: elsewhere}, func(httpapi.Progress) {})
	if err != nil || sum.Events != 3 {
		t.Errorf("repeated load: %+v, %v", sum, err)
	}
	s.stop()
	a := opened(t, c, probes{})
	settled(t, a)
	assertFilesAreLive(t, a)
}

// TestFullDisk is TestNoSpace over a real small file system: parts and state are both out of
// room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=12m"); err != nil {
		t.Skipf("mounting a small file system is not permitted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	logs(t, filepath.Join(dir, "logs"), 20, 60)
	c := configAt(filepath.Join(disk, "data"))
	a, err := open(ctxOf(t), c, "test", quiet(), probes{tune: func(c *ingest.Config) { c.GroupCount = 6 }})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, room := range []int64{64 << 10, 200 << 10, 600 << 10} { // the fault comes at different places
		ballast := filepath.Join(disk, "ballast")
		fill(t, disk, ballast, room)
		_, err := a.Load(ctxOf(t), httpapi.LoadRequest{Target: filepath.Join(dir, "logs")}, func(httpapi.Progress) {})
		if err == nil || !errors.Is(err, ingest.ErrNoSpace) && !strings.Contains(err.Error(), "full") {
			t.Errorf("with %d kB of room: %v", room>>10, err)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		balance(t, a)
	}
	if _, err := a.db.Recover(ctxOf(t), "yagura"); err != nil { // a new process would: leases that could not be given back
		t.Fatal(err)
	}
	loadOf(t, a, filepath.Join(dir, "logs"))
	if h := settled(t, a); len(h.Events) != 20*(60+60+1) {
		t.Errorf("%d events", len(h.Events))
	}
}

// fill writes a file that leaves so much room.
func fill(t *testing.T, disk, name string, room int64) {
	t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(disk, &fs); err != nil {
		t.Fatal(err)
	}
	if n := int64(fs.Bavail)*fs.Bsize - room; n > 0 {
		put(t, name, make([]byte, n))
	}
}
