package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestError(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("loading: %w", &Error{Op: "opening", Place: "s3://b/k", Cause: ErrDenied, Detail: io.ErrNoProgress, Hint: "ask"})
	if got, want := err.Error(), "loading: opening s3://b/k: access is denied ("+io.ErrNoProgress.Error()+"); ask"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(err, ErrDenied) || !errors.Is(err, io.ErrNoProgress) || Retryable(err) {
		t.Errorf("causes of %v", err)
	}
	for err, want := range map[error]bool{
		&Error{Cause: ErrFailed}:                           true,
		&Error{Cause: ErrFailed, Detail: context.Canceled}: false,
		&Error{Cause: ErrChanged}:                          false,
		io.EOF:                                             false,
	} {
		if Retryable(err) != want {
			t.Errorf("%v: retryable %v", err, !want)
		}
	}
}

func TestHashPrefix(t *testing.T) {
	t.Parallel()
	whole, n, err := Hash(strings.NewReader("one\n"))
	if err != nil || n != 4 {
		t.Fatal(n, err)
	}
	r := strings.NewReader("one\ntwo\n")
	head, err := HashPrefix(r, 4)
	if err != nil || head != whole {
		t.Errorf("hash %s, want %s (%v)", head, whole, err)
	}
	if tail, _ := io.ReadAll(r); string(tail) != "two\n" {
		t.Errorf("tail %q", tail)
	}
	if _, err := HashPrefix(strings.NewReader("on"), 4); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
}

func TestGroup(t *testing.T) {
	t.Parallel()
	var sizes []int
	g := Group{Yield: func(o []Object) error { sizes = append(sizes, len(o)); return nil }}
	for range 2*MaxGroup + 1 {
		if err := g.Add(Object{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(g.Flush(), g.Flush()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{MaxGroup, MaxGroup, 1}, sizes); diff != "" {
		t.Error(diff)
	}
}
