package content_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/enrich"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store/naive"
)

// TestShippedQuestions asks every ready question of the samples of all log types. One that
// finds nothing there is named (run with -v): a sample that shows what it is for would be good.
func TestShippedQuestions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := shipped(t)
	tables, _, err := enrich.New(enrich.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var records []naive.Record
	for _, f := range c.Folders {
		batches, err := c.Samples(ctx, f, tables.NewWorker())
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range batches {
			for _, r := range naive.FromBatch(b) {
				r.ID = fmt.Sprintf("%s-%s-%d", r.ID, f.Name, i) // all samples are read as the first object
				records = append(records, r)
			}
		}
	}
	if len(records) == 0 {
		t.Fatal("the samples give no events")
	}
	store := naive.New(records)
	for _, f := range c.Folders {
		src, err := f.Questions()
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		for _, q := range content.ParseQuestions(src) {
			t.Run(f.Name+"/"+q.Title.EN, func(t *testing.T) {
				t.Parallel()
				o := c.QueryOptions()
				o.Since, o.Until = "2025-10-20", "2025-11-20" // most samples lie here
				stmt, err := query.Parse(q.Query, o)
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range stmt.Warnings {
					t.Errorf("%s: %s", q.Query, w)
				}
				res, err := query.Run(ctx, store, stmt)
				if err != nil {
					t.Fatal(err)
				}
				if len(res.Events) == 0 && (res.Table == nil || len(res.Table.Rows) == 0) {
					t.Logf("finds nothing in the samples: %s", q.Query)
				}
			})
		}
	}
}
