package logtype

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

const headed = `
name: x.flow
title: X
version: 1
reference: https://example.com
recognise: {content: {re: ['2 \d+ \S+ \S+$']}, key: [flow/]}
frame: {text: {split: ' ', header: {}, min: 4, names: [version, port, source-ip, action, zone]}}
time: {from: version, as: unix_s}
null: ['-']
set: {source.ip: source-ip, source.port: port, event.action: action, network.name: zone}
rest: {}
`

// rows collects events as short lines, and rejects with their reasons.
type rows struct{ lines []string }

func (s *rows) Cut(batches []*event.Batch) error {
	for _, b := range batches {
		for r := range b.Rows {
			d := b.Document(r)
			s.lines = append(s.lines, fmt.Sprint(d["source.ip"], " ", d["source.port"], " ", d["event.action"], " ", d["network.name"], " ", d[event.NativeField]))
		}
	}
	return nil
}

func (s *rows) Reject(r Reject) error {
	s.lines = append(s.lines, r.Reason+": "+r.Detail)
	return nil
}

func readHeaded(t *testing.T, key, text string, piece *Piece) ([]string, Counts) {
	t.Helper()
	def, err := Parse("x.flow/logtype.yaml", []byte(headed))
	if err != nil {
		t.Fatal(err)
	}
	typ, err := Compile(def, schema.ECS())
	if err != nil {
		t.Fatal(err)
	}
	out := &rows{}
	r := NewSet([]*Type{typ}).NewReader(Options{Now: func() time.Time { return time.Unix(1_772_438_400, 0) }})
	counts, err := r.Read(context.Background(), Object{ID: "0123456789abcdefghjk", Key: key, Piece: piece}, strings.NewReader(text), out)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Cut(r.Flush()); err != nil {
		t.Fatal(err)
	}
	return out.lines, counts
}

func TestHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key, text string
		want      []string
	}{
		"in another order":       {"a", "action version source-ip\nACCEPT 2 192.0.2.1\nREJECT - 192.0.2.2\n", []string{"192.0.2.1 <nil> ACCEPT <nil> <nil>", "192.0.2.2 <nil> REJECT <nil> <nil>"}},
		"names unknown here":     {"a", "action version source-ip new-one\nACCEPT 2 192.0.2.1 x\n", []string{"192.0.2.1 <nil> ACCEPT <nil> map[new-one:x]"}},
		"changed on the way":     {"a", "action version source-ip\nA 2 192.0.2.1\nsource-ip action zone\n192.0.2.2 B z\n", []string{"192.0.2.1 <nil> A <nil> <nil>", "192.0.2.2 <nil> B z <nil>"}},
		"columnar":               {"a", "action\tversion\tsource_ip\nA b\t2\t192.0.2.1\n", []string{"192.0.2.1 <nil> A b <nil> <nil>"}},
		"too few and too many":   {"a", "action version source-ip\nA 2\nA 2 192.0.2.1 x\n", []string{"syntax: it has 2 fields, the header line above it 3", "syntax: it has 4 fields, the header line above it 3"}},
		"none, the known order":  {"a", "2 80 192.0.2.1 ACCEPT\n", []string{"192.0.2.1 80 ACCEPT <nil> <nil>"}},
		"none, another order":    {"flow/1", "ACCEPT 192.0.2.1 2 80\n", []string{"frame: no header line says what its fields are, and it has not the default ones"}},
		"a name twice":           {"a", "action action version source-ip\nA B 2 192.0.2.1\n", []string{"192.0.2.1 <nil> A <nil> map[action:B]"}},
		"a separator at the end": {"a", "action\tversion\tsource_ip\nA\t2\t192.0.2.1\t\n", []string{"192.0.2.1 <nil> A <nil> <nil>"}},
		"words, no header":       {"a", "action is what we want here now\n", []string{"unrecognised: "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := readHeaded(t, c.key, c.text, nil)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestHeaderOfAnotherPlace: a record that was cut out of its object never takes the default order
// when it stood under a header.
func TestHeaderOfAnotherPlace(t *testing.T) {
	t.Parallel()
	got, counts := readHeaded(t, "flow/1", "192.0.2.1 2 ACCEPT 443", &Piece{})
	if d := cmp.Diff([]string{"frame: no header line says what its fields are, and it has not the default ones"}, got); d != "" {
		t.Error(d)
	}
	if counts.Events != 0 || counts.Quarantined != 1 {
		t.Errorf("counts = %+v", counts)
	}
}
