package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/yagura-siem/yagura/internal/store"
)

// ErrDamaged says that the file of a part is missing or not what was written.
var ErrDamaged = errors.New("damaged part")

// retry runs do over the parts. When it fails it looks for damaged files, leaves them out, says
// so in the stats, and runs again; a failure with every file in order is returned.
func (p *plan) retry(ctx context.Context, parts []store.Part, do func(parts []store.Part) error) error {
	for {
		parts = p.sound(parts)
		err := do(parts)
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrMemory) {
			return err
		}
		found := 0
		for _, i := range suspects(parts, err) {
			if bad := p.lake.Check(ctx, parts[i]); bad != nil && ctx.Err() == nil {
				p.exclude(parts[i], bad)
				found++
			}
		}
		if found == 0 {
			return err
		}
	}
}

// sound is the parts not yet found damaged.
func (p *plan) sound(parts []store.Part) []store.Part {
	if len(p.bad) == 0 {
		return parts
	}
	var out []store.Part
	for _, part := range parts {
		if !p.bad[part.ID] {
			out = append(out, part)
		}
	}
	return out
}

func (p *plan) exclude(part store.Part, why error) {
	if p.bad == nil {
		p.bad = map[string]bool{}
	}
	p.bad[part.ID] = true
	p.stats.Partial = true
	if p.stats.PartialNote != "" {
		p.stats.PartialNote += "; "
	}
	p.stats.PartialNote += why.Error()
}

// suspects orders parts for checking: those whose file the error speaks of, if any, else all.
// A wrong guess only costs time: the check decides.
func suspects(parts []store.Part, err error) []int {
	var named, all []int
	text := err.Error()
	for i := range parts {
		all = append(all, i)
		if strings.Contains(text, parts[i].ID) {
			named = append(named, i)
		}
	}
	if len(named) > 0 {
		return named
	}
	return all
}

// Check compares the file of a part with what the catalogue knows of it: there, size,
// checksum. The error names the part and is ErrDamaged, or that of the context.
func (l *Lake) Check(ctx context.Context, p store.Part) error {
	damaged := func(what string, args ...any) error {
		return fmt.Errorf("%w %s (%s): %s", ErrDamaged, p.ID, p.Path, fmt.Sprintf(what, args...))
	}
	path, err := l.localPath(p.Path)
	if err != nil {
		return damaged("%v", err)
	}
	f, err := os.Open(path)
	if isNotExist(err) {
		return damaged("the file is missing")
	}
	if err != nil {
		return damaged("%v", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return damaged("%v", err)
	}
	if info.Size() != p.Bytes {
		return damaged("the file has %d bytes instead of %d", info.Size(), p.Bytes)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, &ctxReader{ctx, f}); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return damaged("%v", err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != p.SHA256 {
		return damaged("the checksum of the file is %.12s… instead of %.12s…", got, p.SHA256)
	}
	return nil
}

// ctxReader ends a long read when the context does.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *ctxReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}
