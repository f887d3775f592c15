package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// MinPassword is the least number of characters of a password, MaxPassword the most bytes that
// are looked at.
const (
	MinPassword = 12
	MaxPassword = 512
)

// CheckPassword is the whole rule for passwords: long enough and not the name. There are no
// rules of composition.
func CheckPassword(name, password string) error {
	switch {
	case !utf8.ValidString(password):
		return invalid("the password is not UTF-8 text")
	case utf8.RuneCountInString(password) < MinPassword:
		return invalid("the password is too short: at least %d characters, for example four words", MinPassword)
	case len(password) > MaxPassword:
		return invalid("the password is too long: at most %d bytes", MaxPassword)
	case strings.EqualFold(strings.TrimSpace(password), name):
		return invalid("the password is the name")
	}
	return nil
}

// Params are the costs of hashing a password with argon2id.
type Params struct {
	MemoryKiB uint32
	Passes    uint32
	Threads   uint8
}

// DefaultParams is what new hashes are made with: 32 MiB and three passes, above what OWASP asks for.
func DefaultParams() Params { return Params{MemoryKiB: 32 << 10, Passes: 3, Threads: 1} }

// largest bounds what a stored hash may make us spend.
var largest = Params{MemoryKiB: 256 << 10, Passes: 16, Threads: 8}

const (
	saltLen = 16
	keyLen  = 32
	// hashing is how many passwords are hashed side by side, queued how many more may wait:
	// a flood of attempts costs at most hashing × MemoryKiB.
	hashing = 2
	queued  = 32
)

// Hasher makes and checks hashes of passwords in the PHC format
// ($argon2id$v=19$m=…,t=…,p=…$salt$hash). It is safe for concurrent use.
type Hasher struct {
	params  Params
	slots   chan struct{}
	waiting atomic.Int32
	decoy   phc // checked for users who do not exist, so that this takes as long
}

// NewHasher makes a hasher whose new hashes have these costs.
func NewHasher(p Params) *Hasher {
	h := &Hasher{params: p, slots: make(chan struct{}, hashing), decoy: phc{Params: p, salt: make([]byte, saltLen), key: make([]byte, keyLen)}}
	_, _ = rand.Read(h.decoy.salt) // never fails
	_, _ = rand.Read(h.decoy.key)
	return h
}

// enter waits for a place to hash in; ErrBusy when too many wait already.
func (h *Hasher) enter(ctx context.Context) error {
	if h.waiting.Add(1) > hashing+queued {
		h.waiting.Add(-1)
		return ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		h.waiting.Add(-1)
		return ctx.Err()
	}
}

func (h *Hasher) leave() {
	<-h.slots
	h.waiting.Add(-1)
}

// Hash returns the encoded hash of a password.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	p := phc{Params: h.params, salt: make([]byte, saltLen)}
	_, _ = rand.Read(p.salt)
	p.key = p.derive(password)
	return p.String(), nil
}

// Verify tells whether a password is that of an encoded hash, and whether the hash should be
// made again because its costs are not those of today. An empty hash stands for a user who does
// not exist: it matches nothing and takes as long.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (ok, stale bool, err error) {
	p := h.decoy
	if encoded != "" {
		if p, err = parsePHC(encoded); err != nil {
			return false, false, fmt.Errorf("reading the hash of a password: %w", err)
		}
	}
	if len(password) > MaxPassword {
		password = "" // too long for any: not worth the memory, and no shortcut either
	}
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer h.leave()
	same := subtle.ConstantTimeCompare(p.derive(password), p.key) == 1
	return same && encoded != "", p.Params != h.params, nil
}

// phc is a hash taken apart.
type phc struct {
	Params
	salt, key []byte
}

// derive folds what looks alike (full-width letters, composed accents) first, so that a password
// typed with another input method is the same one.
func (p phc) derive(password string) []byte {
	return argon2.IDKey(norm.NFKC.Bytes([]byte(password)), p.salt, p.Passes, p.MemoryKiB, p.Threads, p.keyLen())
}

func (p phc) String() string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.MemoryKiB, p.Passes, p.Threads, b.EncodeToString(p.salt), b.EncodeToString(p.key))
}

var errHash = errors.New("it is no argon2id hash that can be used")

func parsePHC(s string) (p phc, err error) {
	part := strings.Split(s, "$")
	if len(s) > 512 || len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errHash
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Threads); err != nil {
		return phc{}, errHash
	}
	if part[3] != fmt.Sprintf("m=%d,t=%d,p=%d", p.MemoryKiB, p.Passes, p.Threads) {
		return phc{}, errHash
	}
	b := base64.RawStdEncoding.Strict()
	var saltErr, keyErr error
	p.salt, saltErr = b.DecodeString(part[4])
	p.key, keyErr = b.DecodeString(part[5])
	bad := p.MemoryKiB < 8*uint32(p.Threads) || p.Passes < 1 || p.Threads < 1 || p.MemoryKiB > largest.MemoryKiB || p.Passes > largest.Passes || p.Threads > largest.Threads
	if saltErr != nil || keyErr != nil || bad || len(p.salt) < 8 || len(p.salt) > 64 || len(p.key) < 16 || len(p.key) > 64 {
		return phc{}, errHash
	}
	return p, nil
}

func (p phc) keyLen() uint32 {
	if len(p.key) == 0 {
		return keyLen
	}
	return uint32(len(p.key))
}
