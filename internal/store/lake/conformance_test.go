package lake

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/codes"
	"github.com/yagura-siem/yagura/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, _ []*schema.Table, batches []*event.Batch) store.Searcher {
		return newLake(t, batches...).Lake
	})
}

// TestConformanceEngine asks the engine alone, which else would only have what the scan leaves;
// made-up questions are asked of both in TestScanRandom.
func TestConformanceEngine(t *testing.T) {
	t.Parallel()
	storetest.RunParts(t, []string{"statistics", "refusals"}, func(t *testing.T, _ []*schema.Table, batches []*event.Batch) store.Searcher {
		l := newLake(t, batches...).Lake
		l.executor = engineOnly
		return l
	})
}

// scanShare is a searcher that counts which questions the scan takes.
type scanShare struct {
	*Lake
	asked, taken int
}

func (s *scanShare) Aggregate(ctx context.Context, q store.AggregateQuery) (store.Table, error) {
	s.asked++
	s.executor = scanOnly
	table, err := s.Lake.Aggregate(ctx, q)
	s.executor = anyExecutor
	if errors.Is(err, errUnfit) {
		return s.Lake.Aggregate(ctx, q)
	}
	s.taken++
	return table, err
}

// TestConformanceScan makes sure that the suite asks the scan, and that its dictionaries and
// columns may go at any time: here the cache holds next to nothing.
func TestConformanceScan(t *testing.T) {
	t.Parallel()
	var share *scanShare
	storetest.RunParts(t, []string{"generated"}, func(t *testing.T, _ []*schema.Table, batches []*event.Batch) store.Searcher {
		l := newLake(t, batches...).Lake
		l.cache = codes.NewCache(20_000)
		share = &scanShare{Lake: l}
		return share
	})
	t.Logf("the scan took %d of %d questions", share.taken, share.asked)
	if share.taken*4 < share.asked {
		t.Errorf("the scan took only %d of %d questions", share.taken, share.asked)
	}
}

// testLake is a lake with a catalogue in memory.
type testLake struct {
	*Lake
	*testCatalogue
}

// newLake writes batches as parts of a fresh lake, each in a commit of its own.
func newLake(t testing.TB, batches ...*event.Batch) testLake {
	t.Helper()
	cat := &testCatalogue{}
	l, err := Open(Config{Root: t.TempDir(), Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	out := testLake{l, cat}
	for _, b := range batches {
		out.add(t, b)
	}
	return out
}

func (l testLake) add(t testing.TB, b *event.Batch) store.Part {
	t.Helper()
	p, err := l.write(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mustAdd is add where there is no test to fail.
func (l testLake) mustAdd(b *event.Batch) {
	if _, err := l.write(b); err != nil {
		panic(err)
	}
}

// synthIngested is event.ingested of all parts of the tests.
var synthIngested = time.Unix(0, synthDay.End())

func (l testLake) write(b *event.Batch) (store.Part, error) {
	p := l.NewPart(b)
	if err := l.Write(context.Background(), &p, b, synthIngested); err != nil {
		return p, err
	}
	l.seq++
	p.Seq = l.seq
	l.parts = append(l.parts, p)
	return p, nil
}

// tempRoot is a folder for what tests share; TestMain removes it.
func tempRoot() (string, error) {
	root, err := os.MkdirTemp("", "lake-test-")
	shared = append(shared, root)
	return root, err
}

var shared []string

func TestMain(m *testing.M) {
	code := m.Run()
	for _, dir := range shared {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}
