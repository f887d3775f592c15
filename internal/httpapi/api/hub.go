package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

const (
	maxStreams   = 20               // of one principal
	streamQueue  = 64               // messages that wait for a slow reader
	writeTimeout = 10 * time.Second // of one message
	maxTopics    = 10
)

// hub holds the open streams.
type hub struct {
	backend LiveBackend
	problem func(context.Context, error) *Problem
	beat    time.Duration

	mu      sync.Mutex
	streams map[string]*stream
}

func newHub(b LiveBackend, problem func(context.Context, error) *Problem) *hub {
	return &hub{backend: b, problem: problem, beat: heartbeat, streams: map[string]*stream{}}
}

// stream is one open connection.
type stream struct {
	id     string
	owner  string
	ctx    context.Context // of the connection
	lag    chan struct{}   // closed when the reader is too slow
	queue  chan Message
	lagged sync.Once

	mu     sync.Mutex
	topics []running
	wait   sync.WaitGroup
}

type running struct {
	topic  Topic
	cancel context.CancelFunc
}

var errLagged = errors.New("the reader is too slow")

// owner tells principals apart, and the sessions of one.
func owner(p auth.Principal) string { return string(p.Kind) + "/" + p.Name }

// serve runs a stream until the client hangs up, lags behind, or the server stops. A problem is
// returned before anything was written.
func (h *hub) serve(w http.ResponseWriter, r *http.Request, topics []Topic) *Problem {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	s := &stream{id: rand.Text(), owner: owner(auth.From(ctx)), ctx: ctx, lag: make(chan struct{}), queue: make(chan Message, streamQueue)}
	if !h.add(s) {
		return TooMany(5, "there are %d streams open for you already: close a tab", maxStreams)
	}
	defer func() {
		h.remove(s)
		cancel()
		s.wait.Wait()
	}()
	head := w.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	out := &eventWriter{w: w, c: http.NewResponseController(w)}
	if out.send(Message{"hello", LiveHello{s.id}}) != nil {
		return nil
	}
	h.run(s, topics)
	tick := time.NewTicker(h.beat)
	defer tick.Stop()
	for {
		var err error
		select {
		case m := <-s.queue:
			err = out.send(m)
		case <-tick.C:
			err = out.comment("still here")
		case <-s.lag:
			_ = out.send(Message{"end", LiveEnd{"lagged"}})
			return nil
		case <-ctx.Done():
			_ = out.send(Message{"end", LiveEnd{"stopping"}}) // nobody reads it if the client hung up
			return nil
		}
		if err != nil {
			return nil
		}
	}
}

func (h *hub) add(s *stream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, other := range h.streams {
		if other.owner == s.owner {
			n++
		}
	}
	if n >= maxStreams {
		return false
	}
	h.streams[s.id] = s
	return true
}

func (h *hub) remove(s *stream) {
	h.mu.Lock()
	delete(h.streams, s.id)
	h.mu.Unlock()
}

// choose sets the topics of a stream of the same principal.
func (h *hub) choose(ctx context.Context, id string, topics []Topic) error {
	h.mu.Lock()
	s := h.streams[id]
	h.mu.Unlock()
	if s == nil || s.owner != owner(auth.From(ctx)) {
		return NotFound("there is no open stream %s: connect again", fmt.Sprintf("%.32q", id))
	}
	if len(topics) > maxTopics {
		return Invalid("body.topics", "a stream carries at most %d topics", maxTopics)
	}
	h.run(s, topics)
	return nil
}

// run starts the topics that are new and ends those that are not wanted any more.
func (h *hub) run(s *stream, topics []Topic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	var kept []running
	for _, r := range s.topics {
		wanted := false
		for _, t := range topics {
			wanted = wanted || reflect.DeepEqual(r.topic, t)
		}
		if wanted {
			kept = append(kept, r)
		} else {
			r.cancel()
		}
	}
	for _, t := range topics {
		known := false
		for _, r := range kept {
			known = known || reflect.DeepEqual(r.topic, t)
		}
		if known {
			continue
		}
		ctx, cancel := context.WithCancel(s.ctx)
		kept = append(kept, running{t, cancel})
		s.wait.Go(func() {
			defer cancel()
			err := h.backend.Follow(ctx, t, func(m Message) error { return s.put(ctx, m) })
			if err != nil && ctx.Err() == nil && !errors.Is(err, errLagged) {
				_ = s.put(ctx, Message{"problem", LiveProblem{t.Topic, *h.problem(ctx, err)}})
			}
		})
	}
	s.topics = kept
}

// put hands a message to the connection; it never waits.
func (s *stream) put(ctx context.Context, m Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.queue <- m:
		return nil
	default:
		s.lagged.Do(func() { close(s.lag) })
		return errLagged
	}
}

// eventWriter writes server-sent events.
type eventWriter struct {
	w  http.ResponseWriter
	c  *http.ResponseController
	id int64
}

func (e *eventWriter) send(m Message) error {
	data, err := json.Marshal(m.Data)
	if err != nil {
		return fmt.Errorf("writing event %s: %w", m.Event, err)
	}
	e.id++
	var b bytes.Buffer
	fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: ", e.id, m.Event)
	b.Write(data) // JSON has no line breaks of its own
	b.WriteString("\n\n")
	return e.flush(b.Bytes())
}

func (e *eventWriter) comment(text string) error { return e.flush([]byte(": " + text + "\n\n")) }

func (e *eventWriter) flush(b []byte) error {
	_ = e.c.SetWriteDeadline(time.Now().Add(writeTimeout)) // test writers cannot
	if _, err := e.w.Write(b); err != nil {
		return err
	}
	return e.c.Flush()
}
