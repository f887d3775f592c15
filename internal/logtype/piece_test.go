package logtype

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

// TestPieces: records that nothing took, alone, in runs, in lists, and with blanks or records
// that are no events between them, become events when they are read again as pieces of their
// object. All have the ids they would have had at first, so that none meets that of a sibling.
func TestPieces(t *testing.T) {
	t.Parallel()
	later := strings.NewReplacer("test.web", "test.later", "content: [clientIp, act]", "content: [later]", "web-logs", "later-logs",
		"digest", "digest2", "test.labels", "test.later.labels", "test.raw", "test.later.raw", "test.rules", "test.later.rules", "test.auth_hash", "test.later.hash").Replace(jsonType)
	few, all := compile(t, jsonType, textType), compile(t, jsonType, textType, later)
	unknown := func(i string) string { return `{"ts":1790000000000,"later":"` + i + `"}` }
	health := strings.Replace(web(9), "ALLOW", "HEALTH", 1)
	payloads := map[string]string{
		"runs":    web(1) + "\n" + unknown("1") + "\n" + unknown("2") + web(2) + unknown("3") + "\n" + web(3) + "\n",
		"blanks":  unknown("1") + "  \r\n\n   " + unknown("2") + strings.Repeat("\n", 100) + unknown("3") + web(1),
		"list":    `{"Records":[` + web(1) + "," + unknown("1") + " ,\n " + unknown("2") + "," + web(2) + `]}` + unknown("3"),
		"between": unknown("1") + "\n# comment\n" + unknown("2") + "\nEnable log\n" + unknown("3") + "\n" + health + "\n" + unknown("4") + `{"digest":1}` + unknown("5"),
		"broken":  unknown("1") + "\n{\"ts\":nul}\n" + unknown("2") + unknown("3") + "\n{]\n" + web(1) + "\n" + web(2),
		"far":     unknown("1") + strings.Repeat(" ", 5<<10) + unknown("2") + web(1),
	}
	for name, payload := range payloads {
		for _, wrapped := range []bool{false, true} {
			in, o := payload, Options{}
			if wrapped {
				in = web(0) + `{"wrap":1}` + web(4)
				o.Unwrap = func(rec []byte) ([]envelope.Message, string, bool, error) {
					if string(rec) != `{"wrap":1}` {
						return nil, "", false, nil
					}
					return []envelope.Message{{Payload: []byte(payload)}}, "wrap", true, nil
				}
			}
			want := ids(read(t, all, o, "", strings.NewReader(in), 0).Events)
			first := read(t, few, o, "", strings.NewReader(in), 0)
			got := ids(first.Events)
			again := all.NewReader(Options{Now: now, Unwrap: envelope.Unwrap})
			for _, x := range first.Rejects {
				if x.Reason != ReasonUnrecognized {
					continue
				}
				if int64(len(x.Raw)) != x.Length {
					t.Errorf("%s: %d bytes kept of %d: %q", name, len(x.Raw), x.Length, x.Raw)
				}
				sink := &keepSink{}
				piece := &Piece{Offset: x.Offset, Wrapped: x.Wrapped, Index: x.Index}
				c, err := again.Read(context.Background(), Object{ID: objectID, Piece: piece}, bytes.NewReader(x.Raw), sink)
				if err != nil || c.Records != x.Records || c.Events != x.Records {
					t.Errorf("%s: %+v of %+v, %v", name, c, x, err)
				}
				got = append(got, ids(dump(append(sink.batches, again.Flush()...)))...)
			}
			seen := map[string]bool{}
			for _, id := range got {
				if seen[id] {
					t.Errorf("%s: %s is there twice", name, id)
				}
				seen[id] = true
			}
			if len(got) != len(want) {
				t.Errorf("%s: %d events, %d at once", name, len(got), len(want))
			}
			for _, id := range want {
				if !seen[id] {
					t.Errorf("%s, wrapped %v: no %s: %s", name, wrapped, id, cmp.Diff(want, got))
				}
			}
		}
	}
}

// ids are the ids of dumped events.
func ids(events []string) (out []string) {
	for _, e := range events {
		out = append(out, strings.Fields(e)[1])
	}
	return out
}
