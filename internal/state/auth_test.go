package state

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/auth"
)

func TestAuditIsAppendOnly(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	d, err := Open(t.Context(), t.TempDir()+"/state.db", Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx := t.Context()
	var in []auth.Entry
	for i := range 2500 {
		e := auth.Entry{Time: now.Add(time.Duration(i) * time.Minute), Who: "sato", Action: auth.ActionQuery, Outcome: auth.Done}
		switch i % 5 {
		case 1:
			e.Who = "sato/ci"
		case 2:
			e.Who, e.Outcome = "satoko", auth.Failed
		case 3:
			e.Action, e.Detail = auth.ActionUserAdd, map[string]any{"role": "admin"}
		case 4:
			e.Action = "username"
		}
		in = append(in, e)
	}
	if err := d.WriteTrace(ctx, in, nil); err != nil {
		t.Fatal(err)
	}
	count := func(f AuditFilter) int {
		t.Helper()
		list, err := d.Audit(ctx, f, Page{Limit: 10000})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	got := []int{count(AuditFilter{}), count(AuditFilter{Who: "sato"}), count(AuditFilter{Who: "satoko"}), count(AuditFilter{Action: "user"}), count(AuditFilter{Action: "user.add"}),
		count(AuditFilter{Outcome: auth.Failed}), count(AuditFilter{From: now.Add(10 * time.Minute), To: now.Add(20 * time.Minute)}), count(AuditFilter{Who: "%"})}
	if diff := cmp.Diff([]int{2500, 2000, 500, 500, 500, 500, 10, 0}, got); diff != "" {
		t.Error(diff)
	}
	first, _ := d.Audit(ctx, AuditFilter{}, Page{Limit: 1})
	if diff := cmp.Diff(in[2499], first[0].Entry); diff != "" {
		t.Error(diff)
	}
	for _, q := range []string{`UPDATE audit SET who = 'nobody'`, `UPDATE audit SET detail = '' WHERE num = 1`} {
		if err := d.write(ctx, func(t *tx) error { return t.exec(q) }, nil); err == nil {
			t.Errorf("%s goes through", q)
		}
	}
	if err := d.ForgetTrace(ctx, now.Add(2400*time.Minute), now); err != nil {
		t.Fatal(err)
	}
	if n := count(AuditFilter{}); n != 100 {
		t.Errorf("%d entries are left", n)
	}
}

func TestSavedSearchesAndLinks(t *testing.T) {
	t.Parallel()
	d, err := Open(t.Context(), t.TempDir()+"/state.db", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx := t.Context()
	for i, owner := range []string{"ann", "bob", "ann"} {
		if _, err := d.AddSavedSearch(ctx, SavedSearch{ID: fmt.Sprint(i), Owner: owner, Name: fmt.Sprint("n", 9-i), Shared: i == 2, Body: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
	}
	ids := func(owner string) (out []string) {
		t.Helper()
		list, err := d.SavedSearches(ctx, owner)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			out = append(out, s.ID)
		}
		return out
	}
	if diff := cmp.Diff([][]string{{"2", "0"}, {"2", "1"}, {"2"}}, [][]string{ids("ann"), ids("bob"), ids("eve")}); diff != "" {
		t.Error(diff)
	}
	refused := errors.New("refused")
	if _, err := d.ChangeSavedSearch(ctx, "0", func(s *SavedSearch) error { s.Name = "x"; return refused }); !errors.Is(err, refused) {
		t.Error(err)
	}
	s, err := d.ChangeSavedSearch(ctx, "0", func(s *SavedSearch) error { s.Name = "y"; return nil })
	if err != nil || s.Revision != 2 || s.Name != "y" {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := d.ChangeSavedSearch(ctx, "9", func(*SavedSearch) error { return nil }); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if err := d.RemoveSavedSearch(ctx, "0", func(SavedSearch) error { return nil }); err != nil {
		t.Error(err)
	}
	if err := d.PutLink(ctx, "a", "/explore?q=1", "ann"); err != nil {
		t.Fatal(err)
	}
	if err := d.PutLink(ctx, "a", "/another", "bob"); err != nil { // an id never leads elsewhere
		t.Fatal(err)
	}
	if url, err := d.LinkURL(ctx, "a"); err != nil || url != "/explore?q=1" {
		t.Errorf("%s %v", url, err)
	}
	if _, err := d.LinkURL(context.Background(), "b"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
