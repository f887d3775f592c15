package s3

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/source"
)

func TestLeafOf(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"a.log":             "",
		"dir/sub/a.log":     "dir/sub/",
		"x/2026-01-02/a.gz": "x/2026-01-02/",
		"AWSLogs/1/CloudTrail/us-east-1/2026/01/02/1_CloudTrail_us-east-1_20260102T0005Z_x.json.gz": "AWSLogs/1/CloudTrail/us-east-1/2026/01/02/1_CloudTrail_us-east-1_",
		"AWSLogs/1/elb/r/2026/01/02/1_elb_r_app.lb.50dc6c495c0c9188_20260102T0005Z_1.2.3.4_x.log":   "AWSLogs/1/elb/r/2026/01/02/1_elb_r_app.lb.50dc6c495c0c9188_",
		"AWSLogs/1/WAFLogs/r/acl/2026/01/02/03/05/1_waflogs_r_acl_20260102T0305Z_x.log.gz":          "AWSLogs/1/WAFLogs/r/acl/2026/01/02/",
		"d/year=2026/month=01/day=02/hour=03/part-0.gz":                                             "d/year=2026/month=01/day=02/",
		"d/2026/01/02/app/20260102.gz":                                                              "d/2026/01/02/app/",
		"access/2026-01-02-03-04-05-ABCDEF":                                                         "access/",
		"access/site-2026-01-02-03-04-05-ABCDEF":                                                    "access/site-",
		"x/12345678/a.log":                                                                          "x/12345678/",
		"x/2026/13/02/a.log":                                                                        "x/2026/13/02/",
	} {
		if got := leafOf(key); got != want {
			t.Errorf("%s: leaf %q, want %q", key, got, want)
		}
	}
}

func TestOnDay(t *testing.T) {
	t.Parallel()
	day := time.Date(2027, 11, 30, 0, 0, 0, 0, time.UTC)
	for leaf, want := range map[string]string{
		"a/2026/01/02/x_":              "a/2027/11/30/x_",
		"a/year=2026/month=01/day=02/": "a/year=2027/month=11/day=30/",
		"a/dt=2026-01-02/b/":           "a/dt=2027-11-30/b/",
		"a/20260102/":                  "a/20271130/",
		"a/2026/app/01/02/x":           "a/2027/app/11/30/x",
		"a/b/":                         "",
		"a/2026/01/":                   "",
	} {
		if got, ok := onDay(leaf, day); got != want || ok != (want != "") {
			t.Errorf("%s: %q, want %q", leaf, got, want)
		}
	}
}

func TestTooOld(t *testing.T) {
	t.Parallel()
	cutoff := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for dir, want := range map[string]bool{
		"a/": false, "a/2025/": true, "a/2026/": false, "a/2026/02/": true, "a/2026/03/": false,
		"a/2026/02/28/": true, "a/2026/03/01/": false, "a/dt=2026-02-28/": true, "a/2030/": false, "a/1234/": false,
	} {
		if got := tooOld(dir, cutoff); got != want {
			t.Errorf("%s: %v", dir, got)
		}
	}
	if got, want := jump("a/x-2020-05-06-07.log", cutoff), "a/x-2026-03-01"; got != want {
		t.Errorf("jump to %q, want %q", got, want)
	}
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(key string, age time.Duration) source.Object {
		return source.Object{Key: key, Modified: now.Add(-age)}
	}
	objs := []source.Object{at("a", time.Hour), at("b", 2*time.Minute), at("c", time.Second), at("d", time.Hour)}
	cursor, tail := advance("", objs, now)
	if diff := cmp.Diff(objs[2:], tail); cursor != "b" || diff != "" {
		t.Errorf("cursor %q, left %v", cursor, tail)
	}
	many := make([]source.Object, maxOverlap+5)
	for i := range many {
		many[i] = at(string(rune('a'+i/1000))+string(rune('a'+i%1000)), 0)
	}
	if cursor, tail = advance("", many, now); cursor != many[4].Key || len(tail) != maxOverlap {
		t.Errorf("cursor %q, %d left", cursor, len(tail))
	}
}

func FuzzLeaf(f *testing.F) {
	for _, key := range []string{"a.log", "a/2026/01/02/x_20260102T00Z", "a/year=2026/month=01/day=02/h/x", "//=/2026=2027/", "20260102", "a/x-2026-01-02"} {
		f.Add(key)
	}
	day := time.Date(2027, 11, 30, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, key string) {
		leaf := leafOf(key)
		if len(leaf) > len(key) || key[:len(leaf)] != leaf {
			t.Errorf("leaf %q is not a beginning of %q", leaf, key)
		}
		if moved, ok := onDay(leaf, day); ok {
			d, end := dateOf(moved)
			if end == 0 || d != (date{2027, 11, 30}) {
				t.Errorf("%q moved to %q", leaf, moved)
			}
		}
		_, _ = jump(key, day), tooOld(key, day)
	})
}
