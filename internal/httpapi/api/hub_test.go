package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/auth"
)

// ticker sends as many messages as a tail asks for in its question.
type ticker struct {
	started, ended atomic.Int64
	flood          bool
}

func (f *ticker) Follow(ctx context.Context, t Topic, send func(Message) error) error {
	f.started.Add(1)
	defer f.ended.Add(1)
	if t.Q == "bad" {
		return Invalid("body.topics", "bad question")
	}
	if t.Q == "broken" {
		return errors.New("secret inside")
	}
	for i := 0; i == 0 || f.flood; i++ {
		if err := send(Message{"tail", LiveTail{Events: []Event{}, After: t.Q + strings.Repeat("x", 1000*i)}}); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func as(name string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := auth.Principal{Kind: auth.Person, Name: name, Role: auth.Viewer}
		if n := r.Header.Get("X-Name"); n != "" {
			p.Name = n
		}
		h.ServeHTTP(w, r.WithContext(auth.With(r.Context(), p, auth.Client{Request: "r1"})))
	})
}

type sse struct {
	t    *testing.T
	body *bufio.Reader
	end  context.CancelFunc
}

type sent struct {
	ID    string
	Event string
	Data  map[string]any
}

func open(t *testing.T, s *httptest.Server, query string) (*sse, *http.Response) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+Prefix+"/stream"+query, nil)
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return &sse{t, bufio.NewReader(res.Body), cancel}, res
}

// next reads one event; comments are passed over.
func (s *sse) next() (e sent, ok bool) {
	for {
		line, err := s.body.ReadString('\n')
		if err != nil {
			return e, false
		}
		line = strings.TrimSuffix(line, "\n")
		switch name, rest, _ := strings.Cut(line, ": "); {
		case line == "" && e.Event != "":
			return e, true
		case name == "id":
			e.ID = rest
		case name == "event":
			e.Event = rest
		case name == "data":
			if err := json.Unmarshal([]byte(rest), &e.Data); err != nil {
				s.t.Fatalf("%q: %v", rest, err)
			}
		}
	}
}

func choose(t *testing.T, s *httptest.Server, id, name, topics string) int {
	t.Helper()
	r, _ := http.NewRequest(http.MethodPost, s.URL+Prefix+"/stream/"+id, strings.NewReader(`{"topics":`+topics+`}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Name", name)
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s never happens", what)
		}
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	b := &ticker{}
	s := httptest.NewServer(as("mia", New(Config{Live: b})))
	t.Cleanup(s.Close)
	st, res := open(t, s, "")
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %s", got)
	}
	hello, _ := st.next()
	id, _ := hello.Data["id"].(string)
	if hello.Event != "hello" || hello.ID != "1" || id == "" {
		t.Fatalf("%+v", hello)
	}
	one, two := `{"topic":"tail","q":"one"}`, `{"topic":"tail","q":"two"}`
	if got := choose(t, s, id, "", "["+one+"]"); got != http.StatusNoContent {
		t.Errorf("choosing: %d", got)
	}
	e, _ := st.next()
	if d := cmp.Diff(sent{"2", "tail", map[string]any{"events": []any{}, "skipped": 0.0, "after": "one"}}, e); d != "" {
		t.Error(d)
	}
	choose(t, s, id, "", "["+one+","+two+"]")
	if e, _ = st.next(); e.Data["after"] != "two" || b.started.Load() != 2 { // one goes on unbroken
		t.Errorf("%+v, %d started", e, b.started.Load())
	}
	choose(t, s, id, "", "["+two+"]")
	until(t, "the end of a topic", func() bool { return b.ended.Load() == 1 })
	for _, c := range []struct {
		q, kind string
	}{{"bad", "urn:yagura:problem:validation"}, {"broken", "urn:yagura:problem:internal"}} {
		choose(t, s, id, "", `[{"topic":"tail","q":"`+c.q+`"}]`)
		e, _ = st.next()
		p, _ := e.Data["problem"].(map[string]any)
		if e.Event != "problem" || p["type"] != c.kind || p["request_id"] != "r1" || strings.Contains(p["detail"].(string), "secret") {
			t.Errorf("%+v", e)
		}
	}
	if got := choose(t, s, id, "another", "[]"); got != http.StatusNotFound {
		t.Errorf("the stream of another: %d", got)
	}
	if got := choose(t, s, "nobody", "", "[]"); got != http.StatusNotFound {
		t.Errorf("a stream that is not there: %d", got)
	}
	if got := choose(t, s, id, "", `[{"topic":"weather"}]`); got != http.StatusUnprocessableEntity {
		t.Errorf("a topic that is not there: %d", got)
	}
	st.end()
	until(t, "the end of all topics", func() bool { return b.ended.Load() == b.started.Load() })
}

func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(as("mia", New(Config{Live: &ticker{}})))
	t.Cleanup(s.Close)
	var last *sse
	for range maxStreams {
		st, res := open(t, s, "?topics=alerts,intake")
		if res.StatusCode != http.StatusOK {
			t.Fatal(res.Status)
		}
		st.next()
		last = st
	}
	_, res := open(t, s, "")
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %d %v", res.StatusCode, res.Header)
	}
	last.end()
	until(t, "room", func() bool {
		st, res := open(t, s, "")
		defer st.end()
		return res.StatusCode == http.StatusOK
	})
	if _, res := open(t, s, "?topics=tail"); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a tail in the address: %d", res.StatusCode)
	}
}

func TestSlowReadersAreDropped(t *testing.T) {
	t.Parallel()
	b := &ticker{flood: true}
	s := httptest.NewServer(as("mia", New(Config{Live: b})))
	t.Cleanup(s.Close)
	st, _ := open(t, s, "")
	hello, _ := st.next()
	choose(t, s, hello.Data["id"].(string), "", `[{"topic":"tail","q":"x"}]`)
	until(t, "the flood's end", func() bool { return b.ended.Load() == 1 })
	for {
		e, ok := st.next()
		if !ok {
			t.Error("the stream ends without a word")
			break
		}
		if e.Event == "end" {
			if e.Data["reason"] != "lagged" {
				t.Errorf("%+v", e)
			}
			break
		}
	}
}

func TestStopEndsStreams(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(as("mia", New(Config{Live: &ticker{}})))
	ctx, stop := context.WithCancel(context.Background())
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		inner.ServeHTTP(w, r.WithContext(c))
	})
	s.Start()
	t.Cleanup(s.Close)
	st, _ := open(t, s, "?topics=alerts")
	st.next()
	st.next()
	stop()
	if e, _ := st.next(); e.Event != "end" || e.Data["reason"] != "stopping" {
		t.Errorf("%+v", e)
	}
	if e, ok := st.next(); ok {
		t.Errorf("it goes on: %+v", e)
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	h := newHub(&ticker{}, func(context.Context, error) *Problem { return nil })
	h.beat = time.Millisecond
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, nil) }))
	t.Cleanup(s.Close)
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	r := bufio.NewReader(res.Body)
	for range 10 {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, ": ") {
			return
		}
	}
	t.Error("no comment")
}
