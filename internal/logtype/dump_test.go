package logtype

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
	"io"
	"os"
	"strings"
	"testing"
)

func TestDump(t *testing.T) {
	f := os.Getenv("DUMP")
	if f == "" {
		t.Skip()
	}
	data, _ := os.ReadFile(f)
	if strings.HasSuffix(f, ".gz") {
		z, _ := gzip.NewReader(bytes.NewReader(data))
		data, _ = io.ReadAll(z)
	}
	n := 0
	r := shipped(t).NewReader(Options{Now: now, Unwrap: envelope.Unwrap, Explain: func(x *Explanation) {
		n++
		if n > 2 {
			return
		}
		fmt.Println("##", x.Offset, x.Length, x.Type, x.How, x.Wraps, x.Frame, x.Outcome, x.Detail, x.Time, "masked", x.Masked, "failed", x.Failed)
		for _, f := range x.Fields {
			fmt.Printf("  %s = %v   <- %s\n", f.Name, f.Value, f.Native)
		}
		for _, f := range x.Rest {
			fmt.Printf("  rest %s = %s\n", f[0], f[1])
		}
	}})
	r.Read(context.Background(), Object{ID: "00000000000000000000", Key: f}, bytes.NewReader(data), &keepSink{})
}
