package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Problem is an error as it crosses the wire (RFC 9457).
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string { return p.Detail }

// UserError marks an error whose text is for the person who asked: bad input, not our fault.
type UserError struct{ Err error }

func (e *UserError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UserError) Unwrap() error { return e.Err }

// problemOf maps an error to what the other side sees. The control socket belongs to the
// user who runs the server, so causes are shown.
func problemOf(err error) *Problem {
	var user *UserError
	switch {
	case errors.As(err, &user):
		return &Problem{Title: "bad request", Status: http.StatusBadRequest, Detail: err.Error()}
	case errors.Is(err, context.Canceled):
		return &Problem{Title: "cancelled", Status: 499, Detail: "cancelled"}
	}
	return &Problem{Title: "internal error", Status: http.StatusInternalServerError, Detail: err.Error()}
}

func writeProblem(w http.ResponseWriter, err error) {
	p := problemOf(err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
