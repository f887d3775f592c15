package guard

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// Problem is an error as a client sees it (RFC 9457).
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// ProblemType makes the stable name of a kind of problem.
func ProblemType(kind string) string { return "urn:yagura:problem:" + kind }

// WriteProblem answers a request with a problem; kind is its stable name ("forbidden").
func WriteProblem(w http.ResponseWriter, r *http.Request, status int, kind, detail string) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Problem{
		Type: ProblemType(kind), Title: http.StatusText(status), Status: status, Detail: detail, RequestID: auth.ClientFrom(r.Context()).Request,
	})
}

// TooMany answers that a client must wait.
func TooMany(w http.ResponseWriter, r *http.Request, after time.Duration, detail string) {
	w.Header().Set("Retry-After", RetryAfter(after))
	WriteProblem(w, r, http.StatusTooManyRequests, "too-many", detail)
}

// RetryAfter is the value of the header for a span: whole seconds, at least one.
func RetryAfter(after time.Duration) string {
	return strconv.FormatInt(max(1, int64((after+time.Second-1)/time.Second)), 10)
}
