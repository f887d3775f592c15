package app

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/state"
)

func zstandard(t *testing.T, raw []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(raw, nil)
}

func zipped(t *testing.T, members map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"a.log", "b/c.log", "empty"} {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(members[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// damaged flips bits in the middle.
func damaged(b []byte) []byte {
	b = bytes.Clone(b)
	for i := len(b) / 2; i < len(b)/2+50; i++ {
		b[i] ^= 0x5a
	}
	return b
}

// wafAt is the first generated WAF record with another time, in milliseconds.
func wafAt(t *testing.T, ms string) []byte {
	t.Helper()
	rec := bytes.TrimSpace(text(t).waf[0])
	i := bytes.Index(rec, []byte(`"timestamp":`))
	if i < 0 {
		t.Fatal("a WAF record has no timestamp")
	}
	i += len(`"timestamp":`)
	end := i + bytes.IndexByte(rec[i:], ',')
	return append(append(append(bytes.Clone(rec[:i]), ms...), rec[end:]...), '\n')
}

// TestHostileObjects loads, one by one and beside a good object, what must not stop a load.
func TestHostileObjects(t *testing.T) {
	t.Parallel()
	good := wafLines(t, 0, 40)
	gz := squeeze(t, good)
	alb := text(t).alb
	nested := []byte(`{"timestamp":1,"webaclId":` + strings.Repeat("[", 100_000) + "\n")
	for _, c := range []struct {
		name        string
		data        []byte
		logType     string
		events      [2]int64 // at least, at most
		quarantined int64    // -1 = some
		reason      string   // of the quarantine
		note        string   // in the summary's error
	}{
		{name: "gzip", data: gz, events: [2]int64{40, 40}},
		{name: "truncated gzip", data: gz[:len(gz)/2], events: [2]int64{5, 39}, quarantined: -1, reason: "broken_stream", note: "cut short"},
		{name: "corrupt gzip", data: damaged(gz), events: [2]int64{0, 39}, quarantined: -1, reason: "broken_stream", note: "damaged"},
		{name: "gzip header only", data: gz[:8], quarantined: 1, reason: "broken_stream", note: "cut short"},
		{name: "two gzip members", data: append(bytes.Clone(gz), squeeze(t, wafLines(t, 40, 5))...), events: [2]int64{45, 45}},
		{name: "zip", data: zipped(t, map[string][]byte{"a.log": good, "b/c.log": bytes.Join(alb[:7], nil)}), events: [2]int64{47, 47}},
		{name: "zip of files without a last line break", data: zipped(t, map[string][]byte{"a.log": bytes.TrimSpace(alb[1]), "b/c.log": bytes.TrimSpace(alb[2])}), events: [2]int64{2, 2}},
		{name: "truncated zip", data: zipped(t, map[string][]byte{"a.log": good, "b/c.log": good})[:3000], quarantined: -1, events: [2]int64{0, 40}, reason: "broken_stream", note: "zip"},
		{name: "zstd", data: zstandard(t, good), events: [2]int64{40, 40}},
		{name: "truncated zstd", data: zstandard(t, good)[:500], quarantined: -1, events: [2]int64{0, 39}, reason: "broken_stream", note: "zstd"},
		{name: "bzip2", data: bzipped(t), events: [2]int64{9, 9}},
		{name: "empty", data: nil},
		{name: "empty gzip", data: squeeze(t, nil)},
		{name: "garbage", data: noise(20_000), quarantined: -1, reason: "unrecognised", note: "no log type recognises it"},
		{name: "NUL bytes", data: make([]byte, 5000), quarantined: -1, note: "no log type recognises it"},
		{name: "invalid UTF-8 among good lines", data: bytes.Join([][]byte{good, []byte("{\"webaclId\":\"\xff\xfe\",\"timestamp\":1}\n"), good}, nil), events: [2]int64{80, 81}, quarantined: -1},
		{name: "NUL in a line", data: bytes.Join([][]byte{alb[0], bytes.Replace(alb[1], []byte("http"), []byte("ht\x00p"), 2), alb[2]}, nil), events: [2]int64{2, 3}, quarantined: -1},
		{name: "wrong type", data: good, logType: "aws.alb", quarantined: 40, reason: "frame"},
		{name: "deeply nested", data: bytes.Join([][]byte{good, nested, good}, nil), events: [2]int64{40, 80}, quarantined: -1, reason: "syntax"},
		{name: "cut inside a record", data: good[:len(good)-100], events: [2]int64{39, 39}, quarantined: 1, reason: "truncated"},
		{name: "1970 and 2099", data: append(wafAt(t, "0"), wafAt(t, "4070908800000")...), events: [2]int64{2, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			bad := filepath.Join(dir, "logs", "bad")
			put(t, bad, c.data)
			put(t, filepath.Join(dir, "logs", "good.log"), bytes.Join(alb[:3], nil))
			a := opened(t, configAt(filepath.Join(dir, "data")), probes{})
			target := filepath.Join(dir, "logs")
			if c.logType != "" {
				target = bad
				loadOf(t, a, filepath.Join(dir, "logs", "good.log"))
			}
			s := loadAs(t, a, target, c.logType)
			o := objectOf(t, a, bad)
			if n := o.Counts.Events; n < c.events[0] || n > c.events[1] {
				t.Errorf("%d events, want %v", n, c.events)
			}
			if q := o.Counts.Quarantined; c.quarantined >= 0 && q != c.quarantined || c.quarantined < 0 && q == 0 && o.Counts.Events < c.events[1] {
				t.Errorf("%d records are quarantined, want %d", q, c.quarantined)
			}
			var notes string
			for _, e := range s.Errors {
				if !strings.HasSuffix(e.Object, "/bad") {
					t.Errorf("the good object: %+v", e)
				}
				notes += e.Reason + "\n"
			}
			if !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
			list, err := a.db.Quarantine(ctxOf(t), state.QuarantineFilter{Object: o.ID, Reason: c.reason}, state.Page{})
			if err != nil {
				t.Fatal(err)
			}
			if c.reason != "" && len(list) == 0 {
				t.Errorf("nothing is quarantined as %s", c.reason)
			}
			for _, q := range list {
				if q.Detail == "" && q.Reason != "unrecognised" || q.Offset < 0 || q.Length < int64(len(q.Body)) {
					t.Errorf("quarantined without detail or place: %+v", q)
				}
			}
			if diff := objectOf(t, a, filepath.Join(dir, "logs", "good.log")).Counts.Events; diff != 3 {
				t.Errorf("the good object has %d events", diff)
			}
			first := settled(t, a)
			loadAs(t, a, target, c.logType)
			if diff := cmp.Diff(first, settled(t, a)); diff != "" {
				t.Errorf("loaded once (-), twice (+):\n%s", diff)
			}
			again, err := a.db.Quarantine(ctxOf(t), state.QuarantineFilter{Object: o.ID, Reason: c.reason}, state.Page{})
			if err != nil || len(again) != len(list) {
				t.Errorf("%d entries in quarantine, after the second load %d, %v", len(list), len(again), err)
			}
			if strings.HasPrefix(c.name, "1970") {
				checkBadTimes(t, a)
			}
		})
	}
}

// objectOf is the ledger's row of a file loaded by its path.
func objectOf(t *testing.T, a *App, path string) state.Object {
	t.Helper()
	for _, o := range ledgerOf(t, a, state.ObjectFilter{}) {
		if "/"+o.Key == path {
			return o
		}
	}
	t.Fatalf("%s is not in the ledger", path)
	return state.Object{}
}

// checkBadTimes looks for two events with times out of range, at the time of their loading.
func checkBadTimes(t *testing.T, a *App) {
	t.Helper()
	n := 0
	for line := range strings.Lines(ask(t, a, "event.time_quality:*")) {
		n++
		var e struct {
			Time  time.Time `json:"@timestamp"`
			Event struct {
				Created time.Time `json:"created"`
			} `json:"event"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(e.Time); d < 0 || d > 10*time.Minute {
			t.Errorf("event at %s", e.Time)
		}
		if y := e.Event.Created.Year(); y != 1970 && y != 2099 {
			t.Errorf("the time in the record reads %s", e.Event.Created)
		}
	}
	if n != 2 {
		t.Errorf("%d events with time_quality", n)
	}
}

// TestHugeRecord loads a file with one line of 40 MB among good ones, in a process of its own to
// measure its memory.
func TestHugeRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := wafLines(t, 0, 20)
	rec := bytes.TrimSpace(text(t).waf[30])
	at := bytes.Index(rec, []byte(`"uri":"`)) + len(`"uri":"`)
	huge := bytes.Join([][]byte{rec[:at], bytes.Repeat([]byte("/aaaaaaaaaaaaaaa"), 40<<20/16), rec[at:], []byte("\n")}, nil)
	put(t, filepath.Join(dir, "logs", "huge.log"), bytes.Join([][]byte{good, huge, good}, nil))
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("the peak of memory is read from /proc")
	}
	l := life{Data: filepath.Join(dir, "data"), Target: filepath.Join(dir, "logs"), Memory: filepath.Join(dir, "memory")}
	if err := l.start(t).Wait(); err != nil {
		t.Fatal(err)
	}
	a := opened(t, configAt(l.Data), probes{})
	list, err := a.db.Quarantine(ctxOf(t), state.QuarantineFilter{}, state.Page{})
	if err != nil || len(list) != 1 {
		t.Fatalf("quarantine %v, %v", list, err)
	}
	q := list[0]
	sum := sha256.Sum256(bytes.TrimSpace(huge))
	if q.Reason != "too_large" || q.Offset != int64(len(good)) || q.SHA256 != hex.EncodeToString(sum[:]) || len(q.Body) != 64<<10 ||
		q.Length != int64(len(bytes.TrimSpace(huge))) || !bytes.HasPrefix(q.Body, rec[:20]) {
		t.Errorf("quarantined as %s: offset %d of %d, length %d of %d, %d bytes, hash %s", q.Reason, q.Offset, len(good), q.Length, len(huge), len(q.Body), q.SHA256)
	}
	if h := settled(t, a); len(h.Events) != 40 {
		t.Errorf("%d events", len(h.Events))
	}
	if r, err := a.Replay(ctxOf(t), httpapi.QuarantineRequest{}); err != nil || r.Cut != 1 {
		t.Errorf("replay: %+v, %v", r, err)
	}
	b, err := os.ReadFile(l.Memory)
	if err != nil {
		t.Fatal(err)
	}
	kb, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("peak memory %d MB", kb>>10)
	if kb > 400<<10 && !raced {
		t.Errorf("peak memory %d MB", kb>>10)
	}
}

// TestLargeZip loads an archive that does not fit into the memory set aside for one.
func TestLargeZip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, raw := range [][]byte{wafLines(t, 0, 10), noise(66 << 20)} {
		f, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i), Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "logs", "a.zip"), b.Bytes())
	a := opened(t, configAt(filepath.Join(dir, "data")), probes{})
	if s := loadOf(t, a, filepath.Join(dir, "logs")); s.Events != 10 || s.Failed != 0 {
		t.Errorf("summary %+v", s)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "data", "tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	settled(t, a)
}

// TestManyTinyObjects loads a folder of 3,000 objects of one line each.
func TestManyTinyObjects(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := 3000
	if testing.Short() {
		n = 500
	}
	lines := text(t).alb
	for i := range n {
		put(t, filepath.Join(dir, "logs", fmt.Sprintf("%02d/%04d.log", i%10, i)), lines[i%len(lines)])
	}
	a := opened(t, configAt(filepath.Join(dir, "data")), probes{})
	s := loadOf(t, a, filepath.Join(dir, "logs"))
	if s.Objects != int64(n) || s.Loaded != int64(n) || s.Events != int64(n) {
		t.Errorf("summary %+v", s)
	}
	if h := settled(t, a); len(h.Events) != n {
		t.Errorf("%d events", len(h.Events))
	}
}

// TestLoadMistakes: what a person can get wrong is said in words.
func TestLoadMistakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "logs", "a.log"), wafLines(t, 0, 1))
	if err := os.Symlink("nowhere", filepath.Join(dir, "logs", "dangling")); err != nil {
		t.Fatal(err)
	}
	a := opened(t, configAt(filepath.Join(dir, "data")), probes{})
	for _, c := range []struct{ target, logType, want string }{
		{filepath.Join(dir, "missing"), "", "no such file"},
		{filepath.Join(dir, "logs", "dangling"), "", "no such file"},
		{filepath.Join(dir, "logs"), "aws.wuf", "aws.waf"},
		{"s3://", "", "s3://bucket/prefix"},
	} {
		_, err := a.Load(ctxOf(t), httpapi.LoadRequest{Target: c.target, Type: c.logType}, func(httpapi.Progress) {})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("load %s as %q: %v", c.target, c.logType, err)
		}
	}
	if s := loadOf(t, a, filepath.Join(dir, "logs")); s.Objects != 1 || s.Loaded != 1 {
		t.Errorf("beside a dangling link: %+v", s)
	}
	if os.Geteuid() == 0 {
		return // root may read everything
	}
	put(t, filepath.Join(dir, "closed", "b.log"), wafLines(t, 0, 1))
	put(t, filepath.Join(dir, "closed", "c.log"), wafLines(t, 1, 1))
	if err := os.Chmod(filepath.Join(dir, "closed", "b.log"), 0); err != nil {
		t.Fatal(err)
	}
	s := loadOf(t, a, filepath.Join(dir, "closed"))
	if s.Failed != 1 || s.Loaded != 1 || len(s.Errors) != 1 || !strings.Contains(s.Errors[0].Reason, "access is denied") {
		t.Errorf("an unreadable file: %+v", s)
	}
}
