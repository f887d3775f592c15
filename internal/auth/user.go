package auth

import (
	"regexp"
	"strings"
	"time"
)

// User is somebody who signs in.
type User struct {
	Name        string
	Role        Role
	Hash        string // of the password; never leaves the server
	PasswordSet time.Time
	MustChange  bool
	Disabled    bool
	Lang        string // "", "en", "ja"
	Theme       string // "", "light", "dark"
	Zone        string // "", IANA name
	Created     time.Time
	LastLogin   time.Time
}

// Session is a signed-in browser.
type Session struct {
	Hash    Hash
	User    string
	Created time.Time
	Seen    time.Time // last use, exact to a minute
	Until   time.Time // ends then, used or not
	Address string    // where it was begun
	Agent   string
}

// ID names a session without giving it away.
func (s Session) ID() string { return s.Hash.ID() }

// Token lets a program act for its owner.
type Token struct {
	Hash    Hash
	Owner   string
	Name    string
	Scopes  []Scope
	Created time.Time
	Expires time.Time // zero = never
	Used    time.Time // last use, exact to a minute
	From    string    // address of the last use
}

// ID names a token without giving it away.
func (t Token) ID() string { return t.Hash.ID() }

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{0,63}$`)

// CheckName returns the name of a user as it is stored: lower case.
func CheckName(name string) (string, error) {
	n := strings.ToLower(strings.TrimSpace(name))
	if !nameForm.MatchString(n) {
		return "", invalid("%q cannot be a user's name: up to 64 letters, digits and . _ @ + -, beginning with a letter or digit", name)
	}
	if n == LocalName {
		return "", invalid("the name %q is taken: it means whoever works on this machine while there is no user", n)
	}
	return n, nil
}

// CheckLabel checks what somebody calls a token.
func CheckLabel(label string) (string, error) {
	l := strings.TrimSpace(label)
	if l == "" || len(l) > 100 || strings.ContainsFunc(l, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
		return "", invalid("a token needs a name of 1 to 100 bytes without control characters")
	}
	return l, nil
}

// canManage tells whether somebody can sign in and manage users.
func (u User) canManage() bool { return u.Role == Admin && !u.Disabled }

func oneAdminLeft(all []User, without string) bool {
	for _, u := range all {
		if u.Name != without && u.canManage() {
			return true
		}
	}
	return false
}
