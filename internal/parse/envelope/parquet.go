package envelope

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Bounds on a Parquet file, whose footer may claim anything.
const (
	parquetMemory  = 512 << 20 // bytes its decoder may hold at a time
	parquetColumns = 4096
	parquetRows    = 4096 // rows decoded at a time
)

// parquetLayer turns the rows of a Parquet file into text: a flat file into lines of values separated by
// tabs under a line of the column names, a nested one into a JSON object a row. In lines an absent
// value is -, and tabs and line breaks inside values become spaces.
type parquetLayer struct {
	rows    pqarrow.RecordReader
	reader  *pqfile.Reader
	flat    bool
	names   []string
	buf     bytes.Buffer
	started bool
}

// openParquet reads the file in place if the object allows it, else from a copy.
func (x *Reader) openParquet(in io.Reader, level int) chain {
	at, size, closer, err := x.randomAccess(in, columnar, level)
	c := chain{}
	if closer != nil {
		c.release = append(c.release, func() { _ = closer.Close() })
	}
	if err != nil {
		if !isStreamError(err) && x.src.err == nil {
			err = fmt.Errorf("keeping a Parquet file for random access: %w", err)
		}
		c.Reader = failing{err}
		return c
	}
	p := &parquetLayer{}
	if err := p.open(io.NewSectionReader(at, 0, size)); err != nil {
		c.Reader = failing{x.fault(columnar, 0, err)}
		return c
	}
	c.Reader = &meter{x: x, in: p, format: columnar}
	c.release = append(c.release, p.close)
	return c
}

// guarded calls a decoder that may panic on a damaged file.
func guarded(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the file is damaged: %v", r)
		}
	}()
	return do()
}

func (p *parquetLayer) open(r *io.SectionReader) error {
	return guarded(func() error {
		alloc := &boundedAllocator{Allocator: memory.NewGoAllocator(), limit: parquetMemory}
		props := parquet.NewReaderProperties(alloc)
		props.BufferedStreamEnabled = true
		pf, err := pqfile.NewParquetReader(r, pqfile.WithReadProps(props))
		if err != nil {
			return err
		}
		p.reader = pf
		if n := pf.MetaData().Schema.NumColumns(); n > parquetColumns {
			return fmt.Errorf("%d columns are more than %d", n, parquetColumns)
		}
		fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{BatchSize: parquetRows}, alloc)
		if err != nil {
			return err
		}
		s, err := fr.Schema()
		if err != nil {
			return err
		}
		p.flat = true
		for _, f := range s.Fields() {
			_, nested := f.Type.(arrow.NestedType)
			p.flat = p.flat && !nested
			p.names = append(p.names, f.Name)
		}
		p.rows, err = fr.GetRecordReader(context.Background(), nil, nil)
		return err
	})
}

func (p *parquetLayer) close() {
	_ = guarded(func() error {
		if p.rows != nil {
			p.rows.Release()
		}
		return p.reader.Close()
	})
}

// Read implements io.Reader.
func (p *parquetLayer) Read(b []byte) (int, error) {
	for p.buf.Len() == 0 {
		if !p.started && p.flat {
			p.line(len(p.names), func(i int) (string, bool) { return p.names[i], p.names[i] != "" })
		}
		p.started = true
		if err := guarded(p.next); err != nil {
			return 0, err
		}
	}
	return p.buf.Read(b)
}

// next writes the next rows into the buffer; io.EOF after the last.
func (p *parquetLayer) next() error {
	if !p.rows.Next() {
		if err := p.rows.Err(); err != nil && err != io.EOF {
			return err
		}
		if p.buf.Len() > 0 {
			return nil
		}
		return io.EOF
	}
	rec := p.rows.RecordBatch()
	if !p.flat {
		return array.RecordToJSON(rec, &p.buf)
	}
	for r := range int(rec.NumRows()) {
		p.line(int(rec.NumCols()), func(i int) (string, bool) {
			if c := rec.Column(i); c.IsValid(r) {
				return cellText(c, r), true
			}
			return "", false
		})
	}
	return nil
}

// cellText is one value. Binary columns are text in most files that say nothing of it.
func cellText(c arrow.Array, r int) string {
	switch c := c.(type) {
	case *array.Binary:
		return string(c.Value(r))
	case *array.LargeBinary:
		return string(c.Value(r))
	}
	return c.ValueStr(r)
}

func (p *parquetLayer) line(n int, value func(int) (string, bool)) {
	for i := range n {
		if i > 0 {
			p.buf.WriteByte('\t')
		}
		s, ok := value(i)
		if !ok {
			p.buf.WriteByte('-')
			continue
		}
		for j := range len(s) {
			if b := s[j]; b == '\t' || b == '\n' || b == '\r' {
				p.buf.WriteByte(' ')
			} else {
				p.buf.WriteByte(b)
			}
		}
	}
	p.buf.WriteByte('\n')
}

// boundedAllocator refuses more memory than a damaged or hostile file may cost, by a panic that
// guarded turns into an error.
type boundedAllocator struct {
	memory.Allocator
	limit, used int
}

func (a *boundedAllocator) take(n int) {
	if a.used += n; a.used > a.limit {
		panic(fmt.Sprintf("it needs more than %d MiB of memory at once", a.limit>>20))
	}
}

// Allocate implements memory.Allocator.
func (a *boundedAllocator) Allocate(n int) []byte {
	a.take(n)
	return a.Allocator.Allocate(n)
}

// Reallocate implements memory.Allocator.
func (a *boundedAllocator) Reallocate(n int, b []byte) []byte {
	a.take(n - len(b))
	return a.Allocator.Reallocate(n, b)
}

// Free implements memory.Allocator.
func (a *boundedAllocator) Free(b []byte) {
	a.used -= len(b)
	a.Allocator.Free(b)
}
