package s3

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yagura-siem/yagura/internal/source"
)

const (
	maxFaults = 20      // told of one scan
	maxSeen   = 200_000 // objects remembered by fast passes
)

// scan is one pass.
type scan struct {
	s       *Source
	ctx     context.Context //nolint:containedctx // lives as long as the call that got it
	now     time.Time
	cursors source.Cursors
	yield   func([]source.Object) error
	faults  []error
	inDir   map[string]int  // leaves per directory
	alive   map[string]bool // leaves with a recent object in this pass
	ended   error           // error of yield or the context: ends the pass
}

// Scan lists as thoroughly as pass says. Cursors: leaf → key after which a fast pass lists.
//
//   - Full lists every prefix flat.
//   - Relist walks directory by directory and leaves out dated ones before the last RelistDays.
//   - Fast lists each prefix as a whole while it is small, else each known leaf of today after its
//     cursor, with some overlap for what arrives out of order.
func (s *Source) Scan(ctx context.Context, pass source.Pass, cursors source.Cursors, yield func([]source.Object) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cursors == nil {
		cursors = source.Cursors{}
	}
	c := &scan{s: s, ctx: ctx, now: s.now(), cursors: cursors, yield: yield, inDir: map[string]int{}, alive: map[string]bool{}}
	for leaf := range cursors {
		c.inDir[directory(leaf)]++
	}
	for _, prefix := range s.cfg.Prefixes {
		switch pass {
		case source.Full:
			c.full(prefix)
		case source.Relist:
			c.relist(prefix)
		default:
			c.fast(prefix)
		}
		if c.ended != nil {
			return c.ended
		}
	}
	return errors.Join(c.faults...)
}

func directory(key string) string { return key[:strings.LastIndexByte(key, '/')+1] }

// page is one answer of the server.
type page struct {
	objects []types.Object
	dirs    []types.CommonPrefix
	more    bool
	last    string // greatest key or directory in it
}

// list asks for one page of keys with the prefix that sort after a key.
func (c *scan) list(prefix, after, delimiter string) (page, bool) {
	if c.ended = c.ctx.Err(); c.ended != nil {
		return page{}, false
	}
	in := &s3.ListObjectsV2Input{Bucket: &c.s.cfg.Bucket, Prefix: &prefix}
	if after != "" {
		in.StartAfter = aws.String(after)
	}
	if delimiter != "" {
		in.Delimiter = aws.String(delimiter)
	}
	out, err := c.s.client.ListObjectsV2(c.ctx, in)
	if err != nil {
		if c.ctx.Err() != nil {
			c.ended = c.s.fault(c.ctx, "listing", prefix, err)
		} else {
			c.note(c.s.fault(c.ctx, "listing", prefix, err))
		}
		return page{}, false
	}
	p := page{objects: out.Contents, dirs: out.CommonPrefixes, more: aws.ToBool(out.IsTruncated)}
	if n := len(p.objects); n > 0 {
		p.last = aws.ToString(p.objects[n-1].Key)
	}
	if n := len(p.dirs); n > 0 {
		// everything in the directory sorts before this
		if d := aws.ToString(p.dirs[n-1].Prefix) + "\U0010FFFF"; d > p.last {
			p.last = d
		}
	}
	if p.more && p.last <= after {
		p.more = false // a server that does not move on would be asked for ever
	}
	return p, true
}

func (c *scan) note(err error) {
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, err)
	}
}

// hand gives objects to the caller; false ends the pass.
func (c *scan) hand(objs []source.Object) bool {
	for len(objs) > 0 {
		n := min(len(objs), source.MaxGroup)
		if c.ended = c.yield(objs[:n:n]); c.ended != nil {
			return false
		}
		objs = objs[n:]
	}
	return true
}

// object translates a listed object; ok = false for what is a directory only.
func (c *scan) object(o *types.Object) (source.Object, bool) {
	key, etag, size := aws.ToString(o.Key), aws.ToString(o.ETag), aws.ToInt64(o.Size)
	if key == "" || size == 0 && strings.HasSuffix(key, "/") {
		return source.Object{}, false
	}
	return source.Object{
		Source: c.s.cfg.Name, Bucket: c.s.cfg.Bucket, Key: key, Version: version(etag, size),
		Size: size, Modified: aws.ToTime(o.LastModified).UTC(), ETag: etag,
	}, true
}

func (c *scan) objects(p page) []source.Object {
	objs := make([]source.Object, 0, len(p.objects))
	for i := range p.objects {
		if o, ok := c.object(&p.objects[i]); ok {
			objs = append(objs, o)
		}
	}
	return objs
}
