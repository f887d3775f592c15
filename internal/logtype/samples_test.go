package logtype

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
	"github.com/yagura-siem/yagura/internal/schema"
)

// keepSink keeps everything.
type keepSink struct {
	batches []*event.Batch
	rejects []Reject
}

func (s *keepSink) Cut(b []*event.Batch) error { s.batches = append(s.batches, b...); return nil }
func (s *keepSink) Reject(r Reject) error      { s.rejects = append(s.rejects, r); return nil }

func shipped(t testing.TB) *Set {
	t.Helper()
	files, _ := filepath.Glob("../../content/logtypes/*/logtype.yaml")
	if len(files) == 0 {
		t.Skip("no definitions in content/logtypes yet")
	}
	var types []*Type
	dict := schema.ECS()
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse(filepath.Base(filepath.Dir(f)), src)
		if err != nil {
			t.Fatal(err)
		}
		ty, err := Compile(d, dict)
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, ty)
	}
	return NewSet(types)
}

func now() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) }

// TestSamples reads every sample of the shipped types: each record is an event, nothing is lost.
func TestSamples(t *testing.T) {
	set := shipped(t)
	dirs := map[string]bool{"waf": true, "alb": true, "nlb": true, "clb": true, "cloudtrail": true, "cloudtrail-insight": true,
		"cloudtrail-digest": true, "guardduty": true}
	files, _ := filepath.Glob("../../../shared/samples/*/*")
	if len(files) == 0 {
		t.Skip("no samples beside the project (../shared/samples)")
	}
	for _, f := range files {
		ours := dirs[filepath.Base(filepath.Dir(f))]
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, ".gz") {
			z, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				if ours {
					t.Fatal(err)
				}
				continue
			}
			if data, err = io.ReadAll(z); err != nil && ours {
				t.Fatal(err)
			}
		}
		r := set.NewReader(Options{Now: now, Unwrap: envelope.Unwrap})
		sink := &keepSink{}
		c, err := r.Read(context.Background(), Object{ID: "00000000000000000000", Key: f}, bytes.NewReader(data), sink)
		if err != nil {
			t.Fatal(err)
		}
		// Whatever it is, it must be accounted for.
		if c.Records != c.Events+c.Filtered+c.Ignored+c.Quarantined {
			t.Errorf("%s: the counts do not add up: %+v", f, c)
		}
		if !ours {
			continue // of a type to come: it must be read to its end all the same
		}
		for _, x := range sink.rejects {
			t.Errorf("%s: rejected %s at %d (%d bytes): %s %s\n%.300s", f, x.Type, x.Offset, x.Length, x.Reason, x.Detail, x.Raw)
		}
	}
}
