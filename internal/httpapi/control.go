package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Control serves a Service to commands on the same machine.
func Control(s Service) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/query", func(w http.ResponseWriter, r *http.Request) {
		var q QueryRequest
		if !decode(w, r, &q) {
			return
		}
		out := &lateWriter{w: w}
		warn := func(text string) { w.Header().Add(warningHeader, url.QueryEscape(text)) }
		if err := s.Query(r.Context(), q, out, warn); err != nil && !out.started {
			writeProblem(w, err)
		}
	})
	mux.HandleFunc("POST /v1/load", func(w http.ResponseWriter, r *http.Request) {
		var l LoadRequest
		if decode(w, r, &l) {
			streamLoad(w, r, s, l)
		}
	})
	mux.HandleFunc("POST /v1/sources", func(w http.ResponseWriter, r *http.Request) {
		v, err := s.Sources(r.Context())
		answer(w, v, err)
	})
	mux.HandleFunc("POST /v1/quarantine", func(w http.ResponseWriter, r *http.Request) {
		var q QuarantineRequest
		if decode(w, r, &q) {
			v, err := s.Quarantine(r.Context(), q)
			answer(w, v, err)
		}
	})
	mux.HandleFunc("POST /v1/replay", func(w http.ResponseWriter, r *http.Request) {
		var q QuarantineRequest
		if decode(w, r, &q) {
			v, err := s.Replay(r.Context(), q)
			answer(w, v, err)
		}
	})
	controlAccess(mux, s)
	controlBoards(mux, s)
	controlAlerts(mux, s)
	controlRules(mux, s)
	return mux
}

// warningHeader carries the warnings of a query, escaped, before its answer.
const warningHeader = "Yagura-Warning"

// loadLine is one line of the stream of a load: progress, then a summary or a problem.
type loadLine struct {
	Progress *Progress    `json:"progress,omitempty"`
	Summary  *LoadSummary `json:"summary,omitempty"`
	Problem  *Problem     `json:"problem,omitempty"`
}

func streamLoad(w http.ResponseWriter, r *http.Request, s Service, l LoadRequest) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc, flush := json.NewEncoder(w), http.NewResponseController(w)
	sum, err := s.Load(r.Context(), l, func(p Progress) {
		_ = enc.Encode(loadLine{Progress: &p})
		_ = flush.Flush()
	})
	if err != nil {
		_ = enc.Encode(loadLine{Problem: problemOf(err)})
		return
	}
	_ = enc.Encode(loadLine{Summary: &sum})
}

func decode(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	if err := dec.Decode(v); err != nil {
		writeProblem(w, &UserError{fmt.Errorf("reading the request: %w", err)})
		return false
	}
	return true
}

func answer(w http.ResponseWriter, v any, err error) {
	if err != nil {
		writeProblem(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// lateWriter notes whether anything was written, after which an error can no longer be sent
// as a problem.
type lateWriter struct {
	w       io.Writer
	started bool
}

func (l *lateWriter) Write(p []byte) (int, error) {
	l.started = true
	return l.w.Write(p)
}

// Client is a Service behind a control socket.
type Client struct {
	HTTP *http.Client // dials the socket
}

var _ Service = (*Client)(nil)

func (c *Client) post(ctx context.Context, path string, in any) (*http.Response, error) {
	b, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://yagura"+path, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the running server: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		p := &Problem{Status: resp.StatusCode}
		if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(p); err != nil {
			return nil, fmt.Errorf("asking the running server: it answered %s", resp.Status)
		}
		if p.Status == http.StatusBadRequest {
			return nil, &UserError{p}
		}
		return nil, p
	}
	return resp, nil
}

func (c *Client) call(ctx context.Context, path string, in, out any) error {
	resp, err := c.post(ctx, path, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("reading the answer of the running server: %w", err)
	}
	return nil
}

// Query implements Service.
func (c *Client) Query(ctx context.Context, q QueryRequest, w io.Writer, warn func(string)) error {
	return c.text(ctx, "/v1/query", q, w, warn)
}

// text asks for an answer that is text, with warnings before it.
func (c *Client) text(ctx context.Context, path string, in any, w io.Writer, warn func(string)) error {
	resp, err := c.post(ctx, path, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for _, text := range resp.Header.Values(warningHeader) {
		if plain, err := url.QueryUnescape(text); err == nil {
			warn(plain)
		}
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("reading the answer of the running server: %w", err)
	}
	return nil
}

// Load implements Service.
func (c *Client) Load(ctx context.Context, l LoadRequest, progress func(Progress)) (LoadSummary, error) {
	resp, err := c.post(ctx, "/v1/load", l)
	if err != nil {
		return LoadSummary{}, err
	}
	defer resp.Body.Close()
	dec := json.NewDecoder(resp.Body)
	for {
		var line loadLine
		if err := dec.Decode(&line); err != nil {
			return LoadSummary{}, fmt.Errorf("the running server stopped during the load (what it committed stays, repeating doubles nothing): %w", err)
		}
		switch {
		case line.Problem != nil && line.Problem.Status == http.StatusBadRequest:
			return LoadSummary{}, &UserError{line.Problem}
		case line.Problem != nil:
			return LoadSummary{}, line.Problem
		case line.Summary != nil:
			return *line.Summary, nil
		case line.Progress != nil:
			progress(*line.Progress)
		}
	}
}

// Sources implements Service.
func (c *Client) Sources(ctx context.Context) (out []SourceStatus, err error) {
	err = c.call(ctx, "/v1/sources", struct{}{}, &out)
	return out, err
}

// Quarantine implements Service.
func (c *Client) Quarantine(ctx context.Context, q QuarantineRequest) (out QuarantineAnswer, err error) {
	err = c.call(ctx, "/v1/quarantine", q, &out)
	return out, err
}

// Replay implements Service.
func (c *Client) Replay(ctx context.Context, q QuarantineRequest) (out ReplaySummary, err error) {
	err = c.call(ctx, "/v1/replay", q, &out)
	return out, err
}
