package auth

import (
	"errors"
	"fmt"
	"time"
)

// Errors callers act on; test with errors.Is and errors.As.
var (
	// ErrUnknown: no user, session or token answers to what was shown. It never says which part was wrong.
	ErrUnknown = errors.New("name or password is wrong")
	// ErrNotFound: there is no user, session or token of that name.
	ErrNotFound = errors.New("not found")
	// ErrExists: the name is taken.
	ErrExists = errors.New("exists already")
	// ErrForbidden: the one who asks may not do that.
	ErrForbidden = errors.New("not allowed")
	// ErrInvalid: what was given cannot be used; the text says why.
	ErrInvalid = errors.New("not usable")
	// ErrLastAdmin: nobody could manage users any more.
	ErrLastAdmin = errors.New("this is the last admin who can sign in: make another one first")
	// ErrBusy: too many passwords are being checked at once.
	ErrBusy = errors.New("too many sign-ins at once: try again in a moment")
)

// TooManyError refuses an attempt to sign in before its password is looked at.
type TooManyError struct{ After time.Duration }

// Error says when to try again.
func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many attempts to sign in: try again in %s", e.After.Round(time.Second))
}

// invalidError is an ErrInvalid whose text stands alone.
type invalidError struct{ text string }

func (e invalidError) Error() string        { return e.text }
func (e invalidError) Is(target error) bool { return target == ErrInvalid }

func invalid(format string, args ...any) error { return invalidError{fmt.Sprintf(format, args...)} }
