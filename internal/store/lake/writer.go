package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

// FormatVersion is written into every part; see docs/design/part-layout.md.
const FormatVersion = 1

// ErrNoSpace says that the disk (or the quota) of the lake is full. The half-written file is
// removed; writing the same batch again later is safe.
var ErrNoSpace = errors.New("no space left for the lake")

// NewPart names the part a batch will be written to, so that it can be recorded as pending
// before any byte is on disk. Every call gives a new id.
func (l *Lake) NewPart(b *event.Batch) store.Part {
	id := uuid.Must(uuid.NewV7()).String()
	day := time.Unix(0, b.Day.Start()).UTC().Format(time.DateOnly)
	return store.Part{
		ID:       id,
		LogType:  b.Table.LogType,
		Version:  b.Table.Version,
		Day:      int32(b.Day),
		Tier:     "hot",
		Path:     path.Join(b.Table.LogType, day, id+".parquet"),
		Fields:   storedFields(b.Table),
		Original: b.Table.Original,
		Rest:     b.Table.Rest,
		Derived:  b.Table.Derived,
	}
}

// Write writes the batch as the part's file and fills in what is known then: rows, sizes,
// times, checksum, statistics. When it returns nil the file and its directories are on disk;
// on an error nothing of it is left. The batch is sealed, and still the caller's; rows are
// stored in time order, the batch itself keeps its order. ingested becomes event.ingested.
func (l *Lake) Write(ctx context.Context, p *store.Part, b *event.Batch, ingested time.Time) error {
	b.Seal()
	if err := checkBatch(b); err != nil {
		return fmt.Errorf("writing part %s: %w", p.ID, err)
	}
	cols, err := leafColumns(b.Table)
	if err != nil {
		return fmt.Errorf("writing part %s: %w", p.ID, err)
	}
	file, err := l.createFile(p.Path)
	if err != nil {
		return writeError(p.ID, err)
	}
	done := false
	defer func() {
		if !done {
			file.discard()
		}
	}()
	sum := sha256.New()
	e := l.encoders.Get().(*encoder)
	defer l.encoders.Put(e)
	e.out.Reset(io.MultiWriter(file, sum), cols)
	stats, err := e.batch(ctx, b, ingested.UnixNano())
	if err != nil {
		return writeError(p.ID, err)
	}
	size, err := e.out.Close(0,
		"yagura.format", strconv.Itoa(FormatVersion),
		"yagura.part", p.ID,
		"yagura.log_type", p.LogType,
		"yagura.version", strconv.Itoa(p.Version))
	if err != nil {
		return writeError(p.ID, err)
	}
	if err := file.commit(); err != nil {
		return writeError(p.ID, err)
	}
	done = true
	p.Rows, p.Bytes, p.RawBytes = int64(b.Rows), size, b.RawBytes
	p.MinTime, p.MaxTime = bounds(b.Time)
	p.SHA256 = hex.EncodeToString(sum.Sum(nil))
	p.Stats = stats
	return nil
}

func writeError(id string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		err = fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return fmt.Errorf("writing part %s: %w", id, err)
}

// batch writes all row groups and returns the statistics by field name.
func (e *encoder) batch(ctx context.Context, b *event.Batch, ingested int64) (map[string]store.ColumnStats, error) {
	e.sort(b)
	w := newPartWriter(e, b, ingested)
	for lo := 0; lo < b.Rows; lo += rowGroupRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e.lo, e.hi = lo, min(lo+rowGroupRows, b.Rows)
		if err := w.rowGroup(); err != nil {
			return nil, err
		}
	}
	return w.stats(), nil
}

// sort sets the row order to ascending time, keeping the order of equal ones.
func (e *encoder) sort(b *event.Batch) {
	e.perm = e.perm[:0]
	if slices.IsSorted(b.Time) {
		return
	}
	for i := range b.Rows {
		e.perm = append(e.perm, int32(i))
	}
	slices.SortStableFunc(e.perm, func(x, y int32) int {
		switch {
		case b.Time[x] < b.Time[y]:
			return -1
		case b.Time[x] > b.Time[y]:
			return 1
		}
		return 0
	})
}

// partWriter writes the row groups of one batch.
type partWriter struct {
	*encoder
	b        *event.Batch
	ingested int64
	columns  []columnStats // parallel to the table's fields
	object   columnStats
	original columnStats
	restKeys columnStats
	restVals columnStats
	index    []int64
}

func newPartWriter(e *encoder, b *event.Batch, ingested int64) *partWriter {
	w := &partWriter{encoder: e, b: b, ingested: ingested, columns: make([]columnStats, len(b.Columns))}
	if b.Rows > rowGroupRows { // values repeat from group to group and are counted once
		for i := range b.Columns {
			w.columns[i].seen = make([]bool, len(b.Columns[i].Dict.Values))
		}
		w.object.seen = make([]bool, len(b.Objects))
		w.restKeys.seen = make([]bool, len(b.Rest.KeyDict.Values))
		w.restVals.seen = make([]bool, len(b.Rest.ValDict.Values))
	}
	w.index = make([]int64, b.Rows)
	for i, v := range b.Index {
		w.index[i] = int64(v)
	}
	return w
}

func (w *partWriter) rowGroup() error {
	b := w.b
	w.out.BeginRowGroup(w.rows())
	if err := w.fixed(); err != nil {
		return err
	}
	if b.Table.Original {
		if err := w.plainTexts(b.Original, false, &w.original); err != nil {
			return err
		}
	}
	for i := range b.Columns {
		if err := w.column(&b.Columns[i], &w.columns[i]); err != nil {
			return err
		}
	}
	if b.Table.Rest {
		return w.restColumn(&b.Rest, &w.restKeys, &w.restVals)
	}
	return nil
}

// fixed writes the columns every part has, in the order of fixedColumns.
func (w *partWriter) fixed() error {
	if err := w.requiredInts(w.b.Time, pq.Int64); err != nil {
		return err
	}
	if err := w.objects(); err != nil {
		return err
	}
	if err := w.requiredInts(w.b.Offset, pq.Int64); err != nil {
		return err
	}
	if err := w.requiredInts(w.index, pq.Int32); err != nil {
		return err
	}
	w.ints = w.ints[:0]
	for range w.rows() {
		w.ints = append(w.ints, w.ingested)
	}
	w.levels = w.levels[:0]
	return w.intChunk(pq.Int64, 0, true)
}

func (w *partWriter) objects() error {
	w.gatherCodes(w.b.Object)
	w.renumber(len(w.b.Objects))
	w.dict = w.dict[:0]
	w.object.present += int64(w.rows())
	var lo, hi string
	for n, code := range w.used {
		v, _ := clean(w.b.Objects[code])
		if n == 0 || v < lo {
			lo = v
		}
		if n == 0 || v > hi {
			hi = v
		}
		if w.object.seen == nil || !w.object.seen[code] {
			w.object.value(v)
			if w.object.seen != nil {
				w.object.seen[code] = true
			}
		}
		w.dict = appendText(w.dict, v)
	}
	w.object.text(lo)
	w.object.text(hi)
	w.out.BeginColumn(true)
	w.out.Dictionary(w.dict, len(w.used))
	w.levels = w.levels[:0]
	w.pages(1, false, func(from, to, first, last int) {
		w.body = w.body[:0]
		w.indices(w.codes[first:last], len(w.used))
		w.out.Page(w.body, to-from, pq.RLEDictionary)
	})
	return w.out.EndColumn(pq.Stats{Min: []byte(lo), Max: []byte(hi), Distinct: int64(len(w.used))}, nil)
}

func (w *partWriter) column(c *event.Column, s *columnStats) error {
	switch c.Kind {
	case schema.String, schema.IP:
		if !c.Plain {
			return w.textColumn(c, s)
		}
		if c.Kind == schema.String {
			return w.plainTexts(c.Texts, c.Bloom, s)
		}
		return w.textColumn(coded(c), s)
	case schema.Strings, schema.IPs:
		return w.textColumn(c, s)
	case schema.Float:
		return w.floatColumn(c.Floats, c.Set, s)
	case schema.Bool:
		return w.boolColumn(c.Ints, c.Set, s)
	default:
		return w.intColumn(c.Ints, c.Set, s, c.Kind == schema.Time)
	}
}

// coded gives a plain column a dictionary: the companion of an address needs one.
func coded(c *event.Column) *event.Column {
	out := event.Column{Field: c.Field}
	out.Plain = false
	for _, v := range c.Texts {
		code := int32(-1)
		if v != "" {
			code = out.Dict.CodeString(v)
		}
		out.Codes = append(out.Codes, code)
	}
	return &out
}

func (w *partWriter) stats() map[string]store.ColumnStats {
	out := make(map[string]store.ColumnStats, len(w.columns)+3)
	for i := range w.columns {
		if w.columns[i].present > 0 {
			out[w.b.Columns[i].Name] = w.columns[i].result(w.b.Columns[i].Kind)
		}
	}
	out[colObject] = w.object.result(schema.String)
	if w.original.present > 0 {
		out[colOriginal] = w.original.result(schema.String)
	}
	if w.restKeys.present > 0 {
		rest := w.restKeys.result(schema.String)
		rest.NonASCII = w.restKeys.nonASCII || w.restVals.nonASCII
		out[colRest] = rest
	}
	return out
}

// localPath turns a catalogue path into one below the root; it refuses to leave the root.
func (l *Lake) localPath(rel string) (string, error) {
	if rel == "" || !filepath.IsLocal(filepath.FromSlash(rel)) || strings.ContainsRune(rel, 0) {
		return "", fmt.Errorf("part path %q leaves the lake", rel)
	}
	return filepath.Join(l.root, filepath.FromSlash(rel)), nil
}

func isNotExist(err error) bool { return errors.Is(err, os.ErrNotExist) }
