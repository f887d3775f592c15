package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash/crc32"
	"strings"
)

// Secrets are shown once and never stored: what is kept is their SHA-256, which is enough for
// values nobody could guess.

// Hash is what is stored of the secret of a session or token.
type Hash [sha256.Size]byte

// HashSecret returns what is stored of a secret.
func HashSecret(secret string) Hash { return sha256.Sum256([]byte(secret)) }

// ID names a secret in lists and in the audit log without giving it away.
func (h Hash) ID() string { return hex.EncodeToString(h[:8]) }

// newSession makes the secret of a session: 32 random bytes.
func newSession() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// LooksLikeSession tells whether a text can be the secret of a session, before anything is
// looked up.
func LooksLikeSession(s string) bool {
	if len(s) != base64.RawURLEncoding.EncodedLen(32) {
		return false
	}
	_, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil
}

// csrfToken is bound to a session: who cannot read the cookie cannot make it.
func csrfToken(session string) string {
	m := hmac.New(sha256.New, []byte(session))
	m.Write([]byte("yagura csrf 1"))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// A token is "ygr_", 40 random letters and digits (238 bits), and a checksum of 6 letters by
// which scanners for leaked secrets tell a real one from a look-alike.
const (
	tokenPrefix   = "ygr_"
	tokenRandom   = 40
	tokenChecksum = 6
	tokenLetters  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// newToken makes the secret of a token.
func newToken() string {
	out := []byte(tokenPrefix)
	for len(out) < len(tokenPrefix)+tokenRandom {
		var b [tokenRandom]byte
		_, _ = rand.Read(b[:]) // never fails
		for _, c := range b {
			// 248 is the largest multiple of 62 in a byte: every letter is equally likely.
			if c < 248 && len(out) < len(tokenPrefix)+tokenRandom {
				out = append(out, tokenLetters[c%62])
			}
		}
	}
	return string(out) + checksum(string(out))
}

// LooksLikeToken tells whether a text can be a token: its form and checksum are right.
func LooksLikeToken(s string) bool {
	if len(s) != len(tokenPrefix)+tokenRandom+tokenChecksum || !strings.HasPrefix(s, tokenPrefix) {
		return false
	}
	body, sum := s[:len(s)-tokenChecksum], s[len(s)-tokenChecksum:]
	for i := len(tokenPrefix); i < len(body); i++ {
		if strings.IndexByte(tokenLetters, body[i]) < 0 {
			return false
		}
	}
	return sum == checksum(body)
}

func checksum(s string) string {
	n := crc32.ChecksumIEEE([]byte(s))
	var out [tokenChecksum]byte
	for i := tokenChecksum - 1; i >= 0; i-- {
		out[i] = tokenLetters[n%62]
		n /= 62
	}
	return string(out[:])
}
