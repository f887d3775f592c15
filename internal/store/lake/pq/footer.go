package pq

// footer writes the file metadata into w.head.
func (w *Writer) footer(sortedBy int, meta []string) {
	t := &w.head
	t.start()
	t.i32(1, 2)
	writeSchema(t, 2, w.cols)
	rows := int64(0)
	for _, g := range w.groups {
		rows += g.rows
	}
	t.i64(3, rows)
	t.list(4, tStruct, len(w.groups))
	for i, g := range w.groups {
		w.rowGroup(t, i, g, sortedBy)
	}
	if len(meta) > 0 {
		t.list(5, tStruct, len(meta)/2)
		for i := 0; i < len(meta); i += 2 {
			t.begin(0)
			t.text(1, meta[i])
			t.text(2, meta[i+1])
			t.end()
		}
	}
	t.text(6, "yagura")
	t.list(7, tStruct, len(w.cols))
	for range w.cols { // values of every column order by their type
		t.begin(0)
		t.empty(1)
		t.end()
	}
	t.end()
}

func (w *Writer) rowGroup(t *thrift, ordinal int, g rowGroup, sortedBy int) {
	raw, packed := int64(0), int64(0)
	t.begin(0)
	t.list(1, tStruct, len(g.chunks))
	for i := range g.chunks {
		raw += g.chunks[i].raw
		packed += g.chunks[i].packed
		t.begin(0)
		t.i64(2, 0)
		t.begin(3)
		w.chunk(t, w.cols[i], &g.chunks[i])
		t.end()
		t.end()
	}
	t.i64(2, raw)
	t.i64(3, g.rows)
	if sortedBy >= 0 {
		t.list(4, tStruct, 1)
		t.begin(0)
		t.i32(1, int32(sortedBy))
		t.boolean(2, false)
		t.boolean(3, false)
		t.end()
	}
	t.i64(5, g.offset)
	t.i64(6, packed)
	t.i16(7, int16(ordinal))
	t.end()
}

func (w *Writer) chunk(t *thrift, c Column, m *chunkMeta) {
	t.i32(1, int32(c.Type))
	encodings := []Encoding{RLE, m.encoding}
	if m.dict {
		encodings = append(encodings, Plain)
	}
	t.list(2, tI32, len(encodings))
	for _, e := range encodings {
		t.varint(int64(e))
	}
	path := c.path()
	t.list(3, tBinary, len(path))
	for _, p := range path {
		t.rawText(p)
	}
	t.i32(4, m.codec)
	t.i64(5, m.values)
	t.i64(6, m.raw)
	t.i64(7, m.packed)
	t.i64(9, m.dataOffset)
	if m.dict {
		t.i64(11, m.start)
	}
	t.begin(12)
	t.i64(3, m.stats.Nulls)
	if m.stats.Distinct > 0 {
		t.i64(4, m.stats.Distinct)
	}
	if m.stats.Min != nil && m.stats.Max != nil {
		t.bytes(5, m.stats.Max)
		t.bytes(6, m.stats.Min)
		t.boolean(7, true)
		t.boolean(8, true)
	}
	t.end()
	t.list(13, tStruct, 1+b2i(m.dict))
	if m.dict {
		encodingStats(t, pageDict, Plain, 1)
	}
	encodingStats(t, pageData, m.encoding, m.pages)
	if m.bloomLength > 0 {
		t.i64(14, m.bloomOffset)
		t.i32(15, m.bloomLength)
	}
}

func encodingStats(t *thrift, page int32, e Encoding, n int) {
	t.begin(0)
	t.i32(1, page)
	t.i32(2, int32(e))
	t.i32(3, int32(n))
	t.end()
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
