package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/yagura-siem/yagura/internal/httpapi"
)

// socketPath is where the process that holds a data folder listens for commands. Socket paths
// are limited to about 100 bytes: a deep data folder uses one in the user's temporary folder,
// named after it.
func socketPath(data string) string {
	p := filepath.Join(data, "control.sock")
	if len(p) <= 100 {
		return p
	}
	sum := sha256.Sum256([]byte(data))
	return filepath.Join(os.TempDir(), fmt.Sprintf("yagura-%d", os.Getuid()), hex.EncodeToString(sum[:8])+".sock")
}

// listenControl opens the socket for this user alone. The caller holds the lock of the data folder, so a file in its place is a
// dead process's.
func listenControl(data string) (net.Listener, error) {
	p := socketPath(data)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the control socket: %w", err)
	}
	if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing the old control socket: %w", err)
	}
	l, err := net.Listen("unix", p)
	if err != nil {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	if err := os.Chmod(p, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("protecting the control socket: %w", err)
	}
	return l, nil
}

// dialControl returns a client if a process answers on the socket of a data folder.
func dialControl(ctx context.Context, data string) (*httpapi.Client, bool) {
	p := socketPath(data)
	d := net.Dialer{Timeout: 2 * time.Second}
	c, err := d.DialContext(ctx, "unix", p)
	if err != nil {
		return nil, false
	}
	c.Close()
	return &httpapi.Client{HTTP: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", p) },
	}}}, true
}
