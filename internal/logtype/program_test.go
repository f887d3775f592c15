package logtype

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/yagura-siem/yagura/internal/event"
)

// sameAsPlain reads a stream with all that is remembered between records, and without: a reader
// that explains writes every field of every record on its own.
func sameAsPlain(t testing.TB, set *Set, key string, data []byte) result {
	t.Helper()
	fast := read(t, set, Options{}, key, bytes.NewReader(data), 0)
	plain := read(t, set, Options{Explain: func(*Explanation) {}}, key, bytes.NewReader(data), 0)
	for i, e := range plain.Events {
		if i >= len(fast.Events) || e != fast.Events[i] {
			t.Fatalf("%s: what is remembered changes events: %.4000s", key, cmp.Diff(plain.Events[i:], fast.Events[min(i, len(fast.Events)):]))
		}
	}
	plain.Events, fast.Events = nil, fast.Events[:len(plain.Events)]
	if !reflect.DeepEqual(plain.Counts, fast.Counts) || !reflect.DeepEqual(plain.Rejects, fast.Rejects) {
		t.Errorf("%s: what is remembered changes the outcome: %.4000s", key, cmp.Diff(plain, fast, cmpopts.IgnoreFields(result{}, "Events")))
	}
	return fast
}

// TestRememberedIsTheSame reads all samples several times over, and made-up records of which
// some differ from the others by one byte.
func TestRememberedIsTheSame(t *testing.T) {
	t.Parallel()
	set := shipped(t)
	files, _ := filepath.Glob("../../content/logtypes/*/testdata/sample*")
	more, _ := filepath.Glob("../../../shared/samples/*/*")
	for _, f := range append(files, more...) {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 64<<10 || strings.HasSuffix(f, ".gz") {
			continue
		}
		if len(data) > 0 && data[len(data)-1] != '\n' {
			data = append(data, '\n')
		}
		sameAsPlain(t, set, filepath.Base(f), bytes.Repeat(data, 4))
	}
	rng := rand.New(rand.NewSource(1))
	for key, data := range map[string][]byte{"waf": wafRecords(600), "alb": albLines(600), "trail": trailRecords(400)} {
		sameAsPlain(t, set, key, data)
		lines := bytes.SplitAfter(data, []byte("\n"))
		if len(lines) < 3 {
			lines = bytes.SplitAfter(data, []byte("}},"))
		}
		for i, l := range lines {
			if i%3 != 0 || len(l) < 100 {
				continue
			}
			for {
				k := rng.Intn(len(l) - 1)
				if c := l[k]; 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
					l[k] = c ^ 1
					break
				}
			}
		}
		sameAsPlain(t, set, key+" with changed bytes", data)
	}
}

// TestRememberedListsAreMasked repeats lists that hold secrets, and such that differ from a
// remembered one by the byte that makes it a secret.
func TestRememberedListsAreMasked(t *testing.T) {
	t.Parallel()
	set := compile(t, strings.NewReplacer("mask:\n", "mask:\n  - {each: 'rules[]', where: {id: {fold_in: [key]}}, at: mode}\n",
		"let:\n", "let:\n  final: {from: 'rules[]', pick: last}\n",
		"fields:\n", "fields:\n  test.final: string\n  test.both: strings\n",
		"set:\n", "set:\n  test.final: $final.id\n  test.both: {list: ['labels[].name', 'rules[].id']}\n").Replace(jsonType))
	lists := []string{
		`"rules":[{"id":"first"},{"id":"last","mode":"COUNT"}],"labels":[{"name":"one list of labels"}]`,
		`"rules":[{"id":"other"},{"id":"last","mode":"COUNT"}],"labels":[{"name":"one list of labels"}],"details":[{"password":"hunter2"}]`,
		`"rules":[{"id":"same"},{"id":"last","mode":"COUNT"}],"labels":[{"name":"first list"}]`,
		`"rules":[{"id":"same"},{"id":"last","mode":"COUNT"}],"labels":[{"name":"other list"}],"details":[{"password":"hunter2"}]`,
		`"rules":[{"id":"kez","mode":"hunter2"},{"id":"r2","mode":"COUNT"}]`,
		`"rules":[{"id":"key","mode":"hunter2"},{"id":"r2","mode":"COUNT"}]`,
		`"rules":[{"id":"r1","mode":"COUNT","passwore":"hunter2"}],"labels":[{"name":"a"},{"name":"b"}]`,
		`"rules":[{"id":"r1","mode":"COUNT","password":"hunter2"}],"labels":[{"name":"a"},{"name":"b"}]`,
		`"labels":[{"name":"x?tokem=hunter2"},{"name":"y"}]`,
		`"labels":[{"name":"x?token=hunter2"},{"name":"y"}]`,
		`"labels":[{"name":"{\"passwore\":\"hunter2\"}"},{"name":"y"}]`,
		`"labels":[{"name":"{\"password\":\"hunter2\"}"},{"name":"y"}]`,
		`"labels":[{"name":"{\"a\":\"hunter2\"}"},{"name":"y"},{"name":"{\"a\":\"hunter2\"}"}],"rules":["one",2,{"id":"s","end":{"x":[1,{"y":"\u00e9"}]}}]`,
	}
	var b strings.Builder
	secrets := 0
	for i := range 3000 {
		n := rand.New(rand.NewSource(int64(i))).Intn(len(lists))
		if i < 1000 {
			n = i / 80 % len(lists) // long enough that each is remembered
		}
		fmt.Fprintf(&b, `{"ts":%d,"clientIp":"203.0.113.7","act":"BLOCK","size":%d,%s,"other":"{\"k\":1}"}`+"\n", 1790000000000+i, i%20, lists[n])
		if n%2 == 1 || !strings.Contains(lists[n], "hunter2") {
			secrets++
		}
	}
	got := sameAsPlain(t, set, "web-logs", []byte(b.String()))
	clean := 0
	for _, e := range got.Events {
		if !strings.Contains(e, "hunter2") {
			clean++
		}
	}
	if clean != secrets {
		t.Errorf("%d events without a secret, want %d", clean, secrets)
	}
}

// TestMasksAcrossLists: whether a list is masked depends on something outside of it.
func TestMasksAcrossLists(t *testing.T) {
	t.Parallel()
	set := compile(t, strings.NewReplacer("mask:\n", "mask:\n  - {at: $who}\n", "let:\n", "let:\n  who: {first: [owner, 'labels[].name']}\n").Replace(jsonType))
	var b strings.Builder
	for i := range 3000 {
		owner := `"owner":"secret1",`
		if i > 1000 && i%3 == 0 {
			owner = ""
		}
		fmt.Fprintf(&b, `{"ts":%d,"clientIp":"203.0.113.7","act":"ALLOW",%s"labels":[{"name":"secret2"},{"name":"other"}]}`+"\n", 1790000000000+i, owner)
	}
	got := sameAsPlain(t, set, "web-logs", []byte(b.String()))
	for i, e := range got.Events {
		if has := strings.Contains(e, "secret2"); has == (i > 1000 && i%3 == 0) || strings.Contains(e, "secret1") {
			t.Fatalf("event %d: %s", i, e)
		}
	}
}

// TestManyShapes: records that are all different cost no program each, and the memory of values
// begins anew when it is full.
func TestManyShapes(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType)
	rng := rand.New(rand.NewSource(1))
	parts := []string{`"uri":"/x"`, `"args":"a=1"`, `"size":3`, `"arn":"arn:aws:a:b:c:d/e"`, `"details":[1,2]`, `"labels":[{"name":"n"}]`,
		`"rules":[{"id":"a","mode":"COUNT"}]`, `"rules":[{"end":1,"id":"b"}]`, `"headers":[{"name":"user-agent","value":"x"}]`}
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, `{"ts":%d,"clientIp":"203.0.%d.%d","act":"A%d"`, 1790000000000+i, rng.Intn(250), rng.Intn(250), rng.Intn(3000))
		for _, p := range parts {
			if rng.Intn(2) == 0 {
				b.WriteString("," + p)
			}
		}
		b.WriteString("}\n")
	}
	sameAsPlain(t, set, "web-logs", []byte(b.String()))
}

// releaseSink reads the batches, gives them back, and spoils the buffers nobody holds any more, or
// leaves it to the reader to overwrite them later.
type releaseSink struct {
	r       *Reader
	later   bool
	events  []string
	rejects []Reject
}

func (s *releaseSink) Cut(batches []*event.Batch) error {
	s.events = append(s.events, dump(batches)...)
	for _, b := range batches {
		b.Release()
	}
	for _, b := range s.r.spare.free {
		for i := 0; i < len(b) && !s.later; i++ {
			b[i] = '#'
		}
	}
	return nil
}
func (s *releaseSink) Reject(r Reject) error { s.rejects = append(s.rejects, r); return nil }

// TestReleasedBuffers: buffers of released batches are used again, and nothing that is
// remembered aliases them.
func TestReleasedBuffers(t *testing.T) {
	t.Parallel()
	corpora := map[string][]byte{"waf": wafRecords(2000), "alb": albLines(3000), "trail": trailRecords(2000)}
	var same bytes.Buffer // a text that is taken apart once, and whose parts are kept plain
	for i := range 3000 {
		fmt.Fprintf(&same, `{"ts":%d,"clientIp":"203.0.113.7","act":"ALLOW","uri":"/%d","arn":"arn:aws:wafv2:eu-west-1:123456789012:global/webacl/x/1"}`+"\n", 1790000000000+i, i)
	}
	corpora["same"] = same.Bytes()
	plain := compile(t, strings.Replace(jsonType, "plain: [url.query]", "plain: [url.query, cloud.region, user_agent.original]", 1))
	for key, data := range corpora {
		set := shipped(t)
		if key == "same" {
			set = plain
		}
		want := read(t, set, Options{Explain: func(*Explanation) {}}, key, bytes.NewReader(data), 0)
		r := set.NewReader(Options{Now: now, ChunkBytes: 48 << 10, BatchBytes: 100 << 10})
		r.ahead = 16 << 10
		sink := &releaseSink{r: r, later: key == "same"}
		c, err := r.Read(t.Context(), Object{ID: objectID, Key: key}, bytes.NewReader(data), sink)
		if err != nil {
			t.Fatal(err)
		}
		if err := sink.Cut(r.Flush()); err != nil {
			t.Fatal(err)
		}
		if n := len(r.spare.free); n == 0 || n > 6 {
			t.Errorf("%s: %d buffers came back", key, n)
		}
		if c.Events != int64(len(want.Events)) || len(sink.rejects) > 0 || !slices.Equal(sink.events, want.Events) {
			t.Fatalf("%s: %d events, want %d:\n%.4000s", key, len(sink.events), len(want.Events), cmp.Diff(want.Events, sink.events))
		}
	}
}
