package app

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// listenWeb opens the address of the web server, with TLS when a certificate is configured.
func (a *App) listenWeb() (net.Listener, error) {
	var conf *tls.Config
	if a.cfg.TLS.Cert != "" {
		k := &keyPair{cert: a.cfg.TLS.Cert, key: a.cfg.TLS.Key, now: time.Now}
		if _, err := k.get(nil); err != nil {
			return nil, fmt.Errorf("opening the web server: %w", err)
		}
		conf = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: k.get, NextProtos: []string{"h2", "http/1.1"}}
	}
	l, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("opening the web server: %w", err)
	}
	switch {
	case conf != nil:
		return tls.NewListener(l, conf), nil
	case !a.cfg.Loopback() && len(a.cfg.Auth.TrustedProxies) == 0:
		a.log.Warn("other machines can reach the web server, and it does not speak TLS: passwords can be read on the way; see docs/access.md", "listen", a.cfg.Listen)
	}
	return l, nil
}

// keyPair is a certificate that is read again when its file has changed, looked at once a minute.
type keyPair struct {
	cert, key string
	now       func() time.Time

	mu      sync.Mutex
	pair    *tls.Certificate
	changed time.Time // modification time of what was read
	looked  time.Time
}

// get returns the certificate. A new one that cannot be read leaves the old one in use.
func (k *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if k.pair != nil && now.Sub(k.looked) < time.Minute {
		return k.pair, nil
	}
	k.looked = now
	s, err := os.Stat(k.cert)
	if err == nil && k.pair != nil && s.ModTime().Equal(k.changed) {
		return k.pair, nil
	}
	if err == nil {
		var p tls.Certificate
		if p, err = tls.LoadX509KeyPair(k.cert, k.key); err == nil {
			k.pair, k.changed = &p, s.ModTime()
		}
	}
	if k.pair == nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	return k.pair, nil
}
