package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// LockFile is the name of the lock in a data folder. It stays there; only the kernel's lock on
// it counts, which ends with its process however that dies.
const LockFile = "yagura.lock"

// Holder says who uses a data folder. It is written into the lock file.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`           // "serve", "load"
	Address string    `json:"address,omitempty"` // where a running server listens for other commands
	Started time.Time `json:"started"`
}

// LockedError refuses a data folder that another process uses.
type LockedError struct {
	Dir    string
	Holder Holder // zero when its file cannot be read
}

// Error says who holds the folder and what to do.
func (e *LockedError) Error() string {
	s := fmt.Sprintf("data folder %s is in use", e.Dir)
	h := e.Holder
	if h.PID == 0 {
		return s + ": let the other yagura end first, or give another folder"
	}
	s += fmt.Sprintf(" by yagura %s (process %d on %s, since %s)", h.Command, h.PID, h.Host, h.Started.Local().Format("2006-01-02 15:04:05"))
	if h.Command == "serve" {
		return s + ": use the running server (load and query find it by themselves), or stop it first"
	}
	return s + ": let it end first, or give another folder"
}

// Lock takes a data folder, creating it, for this process alone. The second taker gets a
// *LockedError. unlock may be called once; a process that dies gives the folder back too.
func Lock(dir string, h Holder) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, LockFile), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			holder, _ := LockHolder(dir)
			return nil, &LockedError{Dir: dir, Holder: holder}
		}
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	if err := writeHolder(f, h); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	return func() error {
		// An empty file tells that nobody holds it, to people and to LockHolder.
		return errors.Join(f.Truncate(0), f.Close())
	}, nil
}

func writeHolder(f *os.File, h Holder) error {
	if h.PID == 0 {
		h.PID = os.Getpid()
	}
	if h.Host == "" {
		h.Host, _ = os.Hostname()
	}
	if h.Started.IsZero() {
		h.Started = time.Now()
	}
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(append(b, '\n'), 0)
	return err
}

// LockHolder reads who took the folder last. It may be a process that died: only Lock knows.
func LockHolder(dir string) (Holder, error) {
	b, err := os.ReadFile(filepath.Join(dir, LockFile))
	if err != nil {
		return Holder{}, fmt.Errorf("read lock of data folder: %w", err)
	}
	var h Holder
	if len(b) == 0 {
		return h, nil
	}
	if err := json.Unmarshal(b, &h); err != nil {
		return Holder{}, fmt.Errorf("read lock of data folder %s: %w", dir, err)
	}
	return h, nil
}
