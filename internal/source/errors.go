package source

import (
	"context"
	"errors"
)

// Causes of an Error, for errors.Is.
var (
	ErrChanged  = errors.New("the object is not the one that was listed any more")
	ErrGone     = errors.New("the object does not exist any more")
	ErrDenied   = errors.New("access is denied")
	ErrArchived = errors.New("the object is archived and not readable")
	ErrFailed   = errors.New("the source did not answer as it should")
)

// Error says what could not be done, where, why, and what to do.
type Error struct {
	Op     string // "listing", "opening", "reading", "checking"
	Place  string // "s3://bucket/key", or a path below the folder
	Cause  error  // one of the causes above
	Detail error  // what the system or server said; may be nil
	Hint   string // what to do; may be ""
}

// Error is one line.
func (e *Error) Error() string {
	s := e.Op + " " + e.Place + ": " + e.Cause.Error()
	if e.Detail != nil {
		s += " (" + e.Detail.Error() + ")"
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap gives the cause and what was said.
func (e *Error) Unwrap() []error {
	if e.Detail == nil {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Detail}
}

// Retryable reports whether the same call can succeed later without anyone doing something. A
// changed or vanished object is not retried: the next scan finds what is there.
func Retryable(err error) bool {
	return errors.Is(err, ErrFailed) && !errors.Is(err, context.Canceled)
}
