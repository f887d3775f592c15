package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/enrich"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

// Bench is what reading needs without a data folder: log types and enrichment. The commands parse,
// explain, lint and test use it; nothing is stored.
type Bench struct {
	Content *content.Content
	cfg     config.Config
	worker  *enrich.Worker
	dec     envelope.Decompressor
}

// OpenBench compiles the log types and reads the enrichment tables of a configuration.
func OpenBench(c config.Config, log *slog.Logger) (*Bench, error) {
	lib, err := loadContent(c)
	if err != nil {
		return nil, err
	}
	t, _, err := loadTables(c, log)
	if err != nil {
		return nil, err
	}
	return &Bench{Content: lib, cfg: c, worker: t.NewWorker()}, nil
}

// CheckType reports an unknown log type name, listing the known ones.
func (b *Bench) CheckType(name string) error {
	if name == "" || b.Content.Type(name) != nil {
		return nil
	}
	a := App{content: b.Content}
	return &httpapi.UserError{Err: a.unknownType(name)}
}

// Parse writes the events of one stream as NDJSON to out and what is refused to refused. The
// counts add up; refusals are no error.
func (b *Bench) Parse(ctx context.Context, name, logType string, r io.Reader, out io.Writer, refused func(logtype.Reject)) (logtype.Counts, error) {
	o := readerOptions(b.cfg)
	o.BatchBytes = 4 << 20 // output appears as it is read
	reader := b.Content.Set.NewReader(o)
	decoded, err := b.dec.Open(r)
	if err != nil {
		return logtype.Counts{}, fmt.Errorf("reading %s: %w", name, err)
	}
	defer decoded.Close()
	p := &printer{bench: b, out: bufio.NewWriterSize(out, 1<<16), refused: refused, now: time.Now()}
	abs, err := filepath.Abs(name)
	if err != nil {
		abs = name
	}
	id := event.ObjectIdentity{Source: fileName, Key: filepath.ToSlash(abs)}
	counts, err := reader.Read(ctx, logtype.Object{ID: id.ID(), Source: fileName, Key: filepath.ToSlash(name), Type: logType}, decoded, p)
	if cutErr := p.Cut(reader.Flush()); cutErr != nil {
		return counts, cutErr
	}
	if flushErr := p.out.Flush(); flushErr != nil {
		return counts, fmt.Errorf("writing events: %w", flushErr)
	}
	var broken *envelope.StreamError
	if errors.As(err, &broken) { // what could be read is written; the break is one more refusal
		counts.Records++
		counts.Quarantined++
		refused(logtype.Reject{Offset: counts.Bytes, Reason: "broken_stream", Detail: broken.Error()})
		return counts, nil
	}
	if err != nil {
		return counts, fmt.Errorf("reading %s: %w", name, err)
	}
	return counts, nil
}

// printer is the sink that writes instead of storing.
type printer struct {
	bench   *Bench
	out     *bufio.Writer
	refused func(logtype.Reject)
	now     time.Time
	buf     []byte
}

func (p *printer) Cut(batches []*event.Batch) error {
	for _, b := range batches {
		p.bench.worker.Enrich(b)
		b.Seal()
		t := p.bench.Content.Type(b.Table.LogType)
		for row := range b.Rows {
			doc := b.Document(row)
			for lang, field := range map[string]string{"en": "yagura.sentence.en", "ja": "yagura.sentence.ja"} {
				if s := t.Sentence(lang, doc); s != "" {
					doc[field] = s
				}
			}
			p.buf = append(event.AppendJSON(p.buf[:0], doc, ""), '\n')
			if _, err := p.out.Write(p.buf); err != nil {
				return fmt.Errorf("writing events: %w", err)
			}
		}
	}
	return p.out.Flush()
}

func (p *printer) Reject(r logtype.Reject) error {
	p.refused(r)
	return nil
}

// Explain says of each record of an object how it became an event, enrichment included.
func (b *Bench) Explain(ctx context.Context, name string, raw []byte, o content.ExplainOptions) (content.Explanation, error) {
	o.Enrich, o.Now = b.worker, time.Now()
	return b.Content.Explain(ctx, filepath.ToSlash(name), raw, o)
}
