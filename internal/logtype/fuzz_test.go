package logtype

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/yagura-siem/yagura/internal/schema"
)

// FuzzRead: any bytes are read to their end, the counts add up, and the way the stream is cut
// changes nothing.
func FuzzRead(f *testing.F) {
	for _, s := range []string{web(1), `{"Records":[` + web(1) + `]}`, "[" + web(1) + "]", `line 2026-11-20T00:00:01Z 1.1.1.1 200 "GET /?token=x HTTP/1.1" "x"`,
		`{"awslogs":{"data":"H4sIAAAAAAAA"}}`, `{"messageType":"CONTROL_MESSAGE"}`, "{\"a\":1\n{", "[[{", `{"Records":[{]}`, "\xef\xbb\xbf{}", `{"ts":1}}{"`} {
		f.Add([]byte(s), uint8(3))
	}
	set := compile(f, jsonType, textType)
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		if len(in) > 1<<13 {
			return
		}
		whole := read(t, set, Options{}, "web-logs", bytes.NewReader(in), 0)
		pieces := read(t, set, Options{ChunkBytes: 16}, "web-logs", &fixed{in, 1 + int(size)}, 1)
		if diff := cmp.Diff(whole, pieces, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Reject{}, "Detail")); diff != "" {
			t.Fatal(diff)
		}
	})
}

// fixed delivers pieces of one size.
type fixed struct {
	data []byte
	n    int
}

func (c *fixed) Read(p []byte) (int, error) {
	n := copy(p, c.data[:min(len(c.data), c.n)])
	c.data = c.data[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// FuzzDefinition: a definition text is compiled or refused with places inside the text.
func FuzzDefinition(f *testing.F) {
	f.Add([]byte(jsonType))
	f.Add([]byte(textType))
	f.Add([]byte("name: a.b\nset: {x: [}"))
	f.Add([]byte("a: &x [*x]"))
	f.Add([]byte("- - - -"))
	files, _ := filepath.Glob("../../content/logtypes/*/logtype.yaml")
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(b)
		}
	}
	dict := schema.ECS()
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<15 {
			return
		}
		d, err := Parse("x.yaml", src)
		if err == nil {
			_, err = Compile(d, dict)
		}
		if err == nil {
			return
		}
		list, ok := err.(Problems)
		if !ok || len(list) == 0 {
			t.Fatalf("%T %v", err, err)
		}
		for _, p := range list {
			_ = p.String()
		}
	})
}
