package detect_test

import (
	"bytes"
	"context"
	"io"
	"sync"
	"testing"
	"time"

	builtin "github.com/yagura-siem/yagura/content"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/demo"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

var storyEnd = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// shipped is the built-in content.
var shipped = sync.OnceValues(func() (*content.Content, error) {
	source := content.Source{FS: builtin.Files, Path: "content", Origin: content.BuiltIn}
	folders, err := content.Folders(source)
	if err != nil {
		return nil, err
	}
	lib, err := content.Load(folders)
	if err != nil {
		return nil, err
	}
	return lib, lib.LoadRules(source)
})

func library(tb testing.TB) *content.Content {
	tb.Helper()
	lib, err := shipped()
	if err != nil {
		tb.Fatal(err)
	}
	return lib
}

type keeper struct{ batches []*event.Batch }

func (k *keeper) Cut(list []*event.Batch) error {
	for _, b := range list {
		b.Seal()
		k.batches = append(k.batches, b)
	}
	return nil
}

func (k *keeper) Reject(logtype.Reject) error { return nil }

// story reads a demo story into batches by log type.
func story(tb testing.TB, scale float64, batchBytes int64) (map[string][]*event.Batch, demo.Facts) {
	tb.Helper()
	lib := library(tb)
	rd := lib.Set.NewReader(logtype.Options{Now: func() time.Time { return storyEnd }, Unwrap: envelope.Unwrap, BatchBytes: batchBytes})
	k := &keeper{}
	var dec envelope.Decompressor
	facts, err := demo.Story{Seed: 1, End: storyEnd, Scale: scale}.Write(func(o demo.Object) error {
		r, err := dec.Open(bytes.NewReader(o.Data))
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return err
		}
		id := event.ObjectIdentity{Source: "demo", Key: o.Key, Version: "1"}
		_, err = rd.Read(context.Background(), logtype.Object{ID: id.ID(), Source: "demo", Key: o.Key}, bytes.NewReader(raw), k)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	if err := k.Cut(rd.Flush()); err != nil {
		tb.Fatal(err)
	}
	out := map[string][]*event.Batch{}
	for _, b := range k.batches {
		out[b.Table.LogType] = append(out[b.Table.LogType], b)
	}
	return out, facts
}
