package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/demo"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
)

// ParseBench is the speed of scanning and mapping per second of one core's time, from decoded bytes to batches.
type ParseBench struct {
	Machine       BenchMachine `json:"machine"`
	What          string       `json:"what"`
	Records       int64        `json:"records"`
	Fields        int          `json:"fields"`
	NSPerRecord   float64      `json:"ns_per_record"`
	RecordsPerSec float64      `json:"records_per_second_per_core"`
	MBPerSec      float64      `json:"mb_per_second_per_core"`
}

// BenchParse measures each kind of corpus for about the given time on one core.
func BenchParse(ctx context.Context, cfg config.Config, d time.Duration, log *slog.Logger) ([]ParseBench, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	lib, err := loadContent(cfg)
	if err != nil {
		return nil, err
	}
	var out []ParseBench
	for _, kind := range []string{"waf", "cloudtrail", "alb"} {
		raw, key, err := decodedCorpus(kind)
		if err != nil {
			return nil, err
		}
		reader := lib.Set.NewReader(readerOptions(cfg))
		sink := &discard{}
		var n, size int64
		started := cpuSeconds()
		for cpuSeconds()-started < d.Seconds() && ctx.Err() == nil {
			c, err := reader.Read(ctx, logtype.Object{ID: "00000000000000000000", Source: fileName, Key: key}, bytes.NewReader(raw), sink)
			if err != nil {
				return nil, err
			}
			if c.Quarantined > 0 {
				return nil, fmt.Errorf("%d records of the %s corpus were refused", c.Quarantined, kind)
			}
			_ = sink.Cut(reader.Flush())
			n += c.Records
			size += c.Bytes
		}
		s := cpuSeconds() - started
		out = append(out, ParseBench{machine(), kind, n, sink.fields, s * 1e9 / float64(n), float64(n) / s, float64(size) / 1e6 / s})
		log.Debug("bench", "kind", kind)
	}
	return out, ctx.Err()
}

func decodedCorpus(kind string) (raw []byte, key string, err error) {
	c := demo.NewCorpus(demoSeed, time.Now().UTC().Add(-24*time.Hour))
	emit := func(o demo.Object) error {
		r, err := gzip.NewReader(bytes.NewReader(o.Data))
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		raw, key = append(raw, b...), o.Key
		return err
	}
	switch kind {
	case "waf":
		err = c.WAF(20000, 20000, emit)
	case "alb":
		err = c.ALB(50000, 50000, emit)
	default:
		err = c.CloudTrail(20000, 20000, emit)
	}
	return raw, key, err
}

// discard is a sink that only counts columns.
type discard struct{ fields int }

func (d *discard) Cut(b []*event.Batch) error {
	for _, b := range b {
		d.fields = len(b.Columns)
	}
	return nil
}

func (*discard) Reject(logtype.Reject) error { return nil }
