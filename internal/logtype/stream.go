package logtype

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

// Where a stream stands.
const (
	atTop     = iota // between values or lines
	inList           // in a top-level list
	inRecords        // in the list of records of a document
	inTail           // behind that list, in the document
)

// stream is one stream of records: an object, or the payload of an envelope.
type stream struct {
	base    int64  // offset in the stream of index 0 of the buffer
	fixed   int64  // offset of all events of a payload, -1 in an object
	index   *int32 // counts the events of a payload
	depth   int    // envelopes around it
	wrap    envelope.Wrap
	wraps   []string // kinds of the envelopes, for explain
	context uint64
	block   *event.Buffer // what texts alias
	at      int64         // offset up to which the stream was read
	doc     map[string]string

	header *header // in force for the lines that follow, nil = none

	mode int
	open int // objects open around the list of records
	prev *typeState

	bad  *badRegion // region being given up
	skip *oversize  // record being skipped
}

// badRegion gathers rejected bytes until it is known where they end.
type badRegion struct {
	Reject
	from int64 // offset of its start in its own stream
	end  int64 // offset after it
	line bool  // it ended with a line break
	hash hash.Hash
}

// oversize skips a record that is too large.
type oversize struct {
	json    bool
	skipper parse.Skipper
}

// run reads records from b[i:]; b ends with padding. It returns the index of the first byte that
// needs more data, which is the end when eof.
func (r *Reader) run(st *stream, b []byte, i int, eof bool) (int, error) {
	end := len(b) - parse.Pad
	for i < end {
		var next int
		var err error
		switch {
		case st.skip != nil:
			next = r.oversize(st, b, i, end)
		case st.mode == atTop:
			next, err = r.top(st, b, i, end, eof)
		case st.mode == inTail:
			next, err = r.tail(st, b, i, end, eof)
		default:
			next, err = r.element(st, b, i, end, eof)
		}
		if err != nil {
			return i, err
		}
		if next == i {
			if eof {
				return i, fmt.Errorf("reading %s: no progress at byte %d", r.obj.Key, st.base+int64(i))
			}
			return i, nil
		}
		i = next
		st.at = st.base + int64(i)
		if r.pending >= r.o.BatchBytes {
			if err := r.cut(); err != nil {
				return i, err
			}
		}
	}
	return i, nil
}

// end closes a stream.
func (r *Reader) end(st *stream) error {
	if st.skip != nil {
		st.skip = nil
	}
	if st.mode != atTop {
		if err := r.reject(st, nil, ReasonTruncated, "the document ends inside a list of records", st.at, nil, 1); err != nil {
			return err
		}
	}
	return r.flushBad(st)
}

// top reads between records.
func (r *Reader) top(st *stream, b []byte, i, end int, eof bool) (int, error) {
	if st.base+int64(i) == 0 && st.fixed < 0 && bytes.HasPrefix(b[i:end], []byte("\xef\xbb\xbf")) {
		return i + 3, nil
	}
	line, j := i, i // start of the line, first byte that is not blank
	for j < end {
		c := b[j]
		if c == '\n' {
			line = j + 1
		} else if c != ' ' && c != '\t' && c != '\r' {
			break
		}
		j++
	}
	if j == end {
		if eof {
			return end, nil
		}
		return line, nil
	}
	if b[j] == '{' {
		return r.object(st, b, j, end, eof)
	}
	if b[j] == '[' {
		list, more := parse.ListStart(b, j)
		if more && !eof {
			return i, nil
		}
		if list {
			st.mode = inList
			return j + 1, nil
		}
	}
	return r.line(st, b, line, end, eof)
}

// element reads inside a list of records.
func (r *Reader) element(st *stream, b []byte, i, end int, eof bool) (int, error) {
	j := i
	for j < end && (b[j] == ' ' || b[j] == '\n' || b[j] == '\r' || b[j] == '\t' || b[j] == ',') {
		j++
	}
	switch {
	case j == end:
		return end, nil
	case b[j] == '{':
		return r.object(st, b, j, end, eof)
	case b[j] == ']':
		st.mode++ // inList → nothing open; inRecords → the tail
		if st.mode == inRecords {
			st.mode = atTop
		}
		return j + 1, nil
	}
	next, err := r.walker.Skip(b, j)
	if err != nil {
		return r.broken(st, b, j, end, eof, err)
	}
	return next, r.reject(st, nil, ReasonSyntax, "not an object", st.base+int64(j), b[j:next], 1)
}

// tail reads what follows the list of records in its document.
func (r *Reader) tail(st *stream, b []byte, i, end int, eof bool) (int, error) {
	next, err := r.walker.CloseObjects(b, i, st.open)
	if err == nil {
		st.mode = atTop
		return next, nil
	}
	if isShort(err) && !eof {
		return i, nil
	}
	next, err = r.broken(st, b, i, end, eof, err)
	if next > i {
		st.mode = atTop
	}
	return next, err
}

func isShort(err error) bool {
	var s *parse.SyntaxError
	return errors.As(err, &s) && s.Short
}

// object reads one JSON object.
func (r *Reader) object(st *stream, b []byte, i, end int, eof bool) (int, error) {
	ts := st.prev
	if ts != nil && ts.t.text == nil {
		next, err := ts.env.sc.Scan(b, i)
		if err == nil && (ts.t.content.json(ts.env.sc) || ts.t.ignored.json(ts.env.sc)) {
			return next, r.take(st, ts, b, i, next, "previous")
		}
		if err != nil && (st.mode != atTop || len(r.set.records) == 0) {
			if isShort(err) && !eof {
				return i, nil
			}
			return r.broken(st, b, i, end, eof, err)
		}
	}
	if st.mode == atTop && len(r.set.records) > 0 {
		at, open, _, err := r.walker.FindList(b, i, r.set.records)
		switch {
		case err != nil && isShort(err) && !eof:
			return i, nil
		case err != nil:
			return r.broken(st, b, i, end, eof, err)
		case at >= 0:
			st.mode, st.open = inRecords, open
			r.siblings(st, b[i:at], open)
			return at, nil
		}
	}
	next, err := r.probe.Scan(b, i)
	if err != nil {
		if isShort(err) && !eof {
			return i, nil
		}
		return r.broken(st, b, i, end, eof, err)
	}
	ts, how, err := r.recognise(st, b, i, next)
	if err != nil || how == "" {
		return next, err
	}
	if ts == nil {
		return next, r.reject(st, nil, ReasonUnrecognized, "", st.base+int64(i), b[i:next], 1)
	}
	if ts.t.text != nil {
		return next, r.reject(st, ts.t, ReasonFrame, "JSON where "+ts.t.Name+" has text lines", st.base+int64(i), b[i:next], 1)
	}
	if _, err := ts.env.sc.Scan(b, i); err != nil {
		return r.broken(st, b, i, end, eof, err)
	}
	st.prev = ts
	return next, r.take(st, ts, b, i, next, how)
}

// take accepts a scanned record unless it is longer than MaxRecord.
func (r *Reader) take(st *stream, ts *typeState, b []byte, i, next int, how string) error {
	if next-i > r.o.MaxRecord {
		return r.reject(st, ts.t, ReasonTooLarge, fmt.Sprintf("longer than %d bytes", r.o.MaxRecord), st.base+int64(i), b[i:next], 1)
	}
	return r.accept(st, ts, b[i:next], i, how)
}

// recognise finds the type of a probed JSON object. how is "" when the object was an envelope
// and is dealt with.
func (r *Reader) recognise(st *stream, b []byte, i, next int) (ts *typeState, how string, err error) {
	if r.forced == nil {
		if n := r.set.byContent(r.probe, r.obj.Key); n >= 0 {
			return r.state(n), "content", nil
		}
	} else if n := r.forced.n; r.forced.t.text == nil && (r.set.probes[n].json(r.probe) || r.set.ignores[n].json(r.probe)) {
		return r.forced, "forced", nil
	}
	if done, err := r.unwrap(st, b[i:next], i); done || err != nil {
		return nil, "", err
	}
	if r.forced != nil {
		return r.forced, "forced", nil
	}
	if n := r.set.byKey(r.obj.Key, r.set.json); n >= 0 {
		return r.state(n), "key", nil
	}
	return nil, "none", nil
}

// siblings keeps what types want to know beside the list of records.
func (r *Reader) siblings(st *stream, head []byte, open int) {
	if len(r.set.docNames) == 0 {
		return
	}
	buf := append(append([]byte{}, head...), ']')
	for range open {
		buf = append(buf, '}')
	}
	buf = append(buf, make([]byte, parse.Pad)...)
	st.doc = map[string]string{}
	r.contexts++
	st.context = r.contexts
	if _, err := r.doc.Scan(buf, 0); err != nil {
		return
	}
	for i, name := range r.set.docNames {
		v := r.doc.Value(r.set.docSlots[i])
		s := v.Text
		if v.Kind == parse.Escaped {
			s = r.doc.Arena.Unescape(s)
		}
		if v.Scalar() {
			st.doc[name] = s
		}
	}
}

// line reads one text line that starts at i.
func (r *Reader) line(st *stream, b []byte, i, end int, eof bool) (int, error) {
	n := bytes.IndexByte(b[i:end], '\n')
	next := i + n + 1
	if n < 0 {
		if !eof {
			return i, nil
		}
		next = end
	}
	line := b[i:next]
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	if len(line) > r.o.MaxRecord {
		return next, r.reject(st, nil, ReasonTooLarge, "", st.base+int64(i), line, 1)
	}
	if h := r.headerLine(st, line); h != nil {
		st.header, st.prev = h, h.ts
		r.counts.Records++
		r.counts.Filtered++
		return next, nil
	}
	ts, how := st.prev, "previous"
	if st.header != nil && !st.header.ts.t.text.isComment(line) {
		ts, how = st.header.ts, "header"
	} else if ts == nil || ts.t.text == nil || !ts.t.content.line(line) {
		ts = nil
		if r.forced != nil {
			if r.forced.t.text != nil {
				ts, how = r.forced, "forced"
			}
		} else if k := r.set.byLine(line, r.obj.Key); k >= 0 {
			ts, how = r.state(k), "content"
		}
	}
	if how != "header" && (ts == nil || !ts.t.content.line(line)) {
		// A comment counts as one of the type before, or of any type that knows such comments.
		if r.isComment(st, line) {
			r.counts.Records++
			r.counts.Filtered++
			return next, nil
		}
	}
	if t := r.ignoringType(ts, line); t != nil {
		r.counts.Records++
		r.counts.Ignored++
		r.explainIgnoredLine(st, t, st.base+int64(i), line)
		return next, nil
	}
	if ts == nil {
		if done, err := r.unwrap(st, line, i); done || err != nil {
			return next, err
		}
		if k := r.set.byKey(r.obj.Key, r.set.text); k >= 0 && r.forced == nil {
			ts, how = r.state(k), "key"
		}
	}
	if ts == nil {
		if r.forced != nil {
			return next, r.reject(st, r.forced.t, ReasonFrame, "text where "+r.forced.t.Name+" has JSON", st.base+int64(i), b[i:next], 1)
		}
		return next, r.reject(st, nil, ReasonUnrecognized, "", st.base+int64(i), b[i:next], 1)
	}
	if !utf8.Valid(line) {
		r.counts.Conversions++
		toUTF8(line)
	}
	st.prev = ts
	maskParams(line, paramSet{}, false)
	if how != "header" && ts.t.text.header != nil && !ts.t.content.line(line) {
		return next, r.reject(st, ts.t, ReasonFrame, "no header line says what its fields are, and it has not the default ones", st.base+int64(i), b[i:next], 1)
	}
	if reason := ts.t.text.read(ts.line, ts.env.sc, line, ts.t.Table.Rest, st.headerOf(how)); reason != "" {
		return next, r.reject(st, ts.t, ReasonSyntax, reason, st.base+int64(i), b[i:next], 1)
	}
	return next, r.accept(st, ts, line, i, how)
}

// ignoringType is the type that says a line is no event, nil = none: that of the line, or any when
// no content told it.
func (r *Reader) ignoringType(ts *typeState, line []byte) *Type {
	if ts == nil {
		ts = r.forced
	}
	if ts != nil {
		if ts.t.ignored.line(line) {
			return ts.t
		}
		return nil
	}
	for _, n := range r.set.text {
		if t := r.set.types[n]; t.ignored.line(line) {
			return t
		}
	}
	return nil
}

func (r *Reader) isComment(st *stream, line []byte) bool {
	if st.prev != nil && st.prev.t.text != nil {
		return st.prev.t.text.isComment(line)
	}
	for _, n := range r.set.text {
		if r.set.types[n].text.isComment(line) {
			return true
		}
	}
	return false
}

// toUTF8 replaces bytes that are no UTF-8 in place, so that a hostile byte does not cost the line.
func toUTF8(b []byte) {
	for i := 0; i < len(b); {
		c, n := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && n <= 1 {
			b[i] = '?'
			n = 1
		}
		i += n
	}
}

// unwrap takes a record out of its envelope and reads what was in it.
func (r *Reader) unwrap(st *stream, rec []byte, i int) (done bool, err error) {
	if r.o.Unwrap == nil {
		return false, nil
	}
	msgs, kind, ok, uerr := r.o.Unwrap(rec)
	if !ok {
		return false, nil
	}
	if err := r.flushBad(st); err != nil {
		return true, err
	}
	offset, index := st.place(i)
	if st.depth >= envelope.MaxDepth {
		return true, r.reject(st, nil, ReasonEnvelope, "too many envelopes around each other", st.base+int64(i), rec, 1)
	}
	if len(msgs) == 0 && uerr == nil {
		r.counts.Records++
		r.counts.Ignored++
		r.explainIgnored(st, offset, kind, rec)
	}
	for _, m := range msgs {
		in := &stream{fixed: offset, index: index, depth: st.depth + 1, wrap: m.Wrap.Within(st.wrap), prev: r.nested[st.depth+1]}
		in.wraps = append(st.wraps[:len(st.wraps):len(st.wraps)], kind)
		r.contexts++
		in.context = r.contexts
		b := r.payload(in, m.Payload)
		if _, err := r.run(in, b, 0, true); err != nil {
			return true, err
		}
		if err := r.end(in); err != nil {
			return true, err
		}
		r.nested[st.depth+1] = in.prev
	}
	if uerr != nil {
		return true, r.reject(st, nil, ReasonEnvelope, uerr.Error(), st.base+int64(i), rec, 1)
	}
	return true, nil
}

// place is the offset of events of a record at an index of the buffer, and their counter.
func (st *stream) place(i int) (offset int64, index *int32) {
	if st.fixed >= 0 {
		return st.fixed, st.index
	}
	return st.base + int64(i), new(int32)
}

const sideBlock = 1 << 20

// payload copies a payload to memory the reader owns, with padding.
func (r *Reader) payload(st *stream, p []byte) []byte {
	need := len(p) + parse.Pad
	if r.side == nil || len(r.side.Bytes)-r.used < need {
		r.side, r.used = event.NewBuffer(make([]byte, max(sideBlock, need)), nil), 0
	}
	b := r.side.Bytes[r.used : r.used+need : r.used+need]
	r.used += need
	copy(b, p)
	clear(b[len(p):])
	st.block = r.side
	return b
}

// broken gives up the value that starts at i, and finds where reading can go on.
func (r *Reader) broken(st *stream, b []byte, i, end int, eof bool, cause error) (int, error) {
	var s *parse.SyntaxError
	fault, reason, detail := i, ReasonSyntax, cause.Error()
	if errors.As(cause, &s) {
		fault, detail = max(min(s.Pos, end), i), fmt.Sprintf("%s at byte %d of the record", s.Reason, s.Pos-i)
		if s.Short {
			reason = ReasonTruncated
		}
	}
	next := r.resync(st, b, i, fault, end)
	if next < 0 {
		if !eof && end-i <= r.o.MaxRecord {
			return i, nil // the next start may be in data to come
		}
		next = end
		if !eof {
			// Give up what is here; the rest of the region follows.
			next = max(end-2, i+1)
		}
	}
	return next, r.reject(st, nil, reason, detail, st.base+int64(i), b[i:next], 1)
}

// maxTrials bounds the places tried after a bad element of a list.
const maxTrials = 256

// resync finds where reading can go on after a bad value from i with its fault at fault, -1 = not
// in this data.
func (r *Reader) resync(st *stream, b []byte, i, fault, end int) int {
	next := -1
	if st.mode == atTop || st.mode == inTail {
		next = parse.NextStart(b, i, fault)
	}
	// If only a word in it is bad, its brackets still tell where it ends.
	if b[i] == '{' || b[i] == '[' {
		limit := end
		if next >= 0 {
			limit = next
		}
		var k parse.Skipper
		if n, done := k.Skip(b[i:limit]); done && i+n > fault {
			if at := i + n; at >= end || st.mode == atTop || b[at] == ',' || b[at] == ']' || b[at] <= ' ' {
				return at
			}
		}
	}
	if st.mode != inList && st.mode != inRecords {
		return next
	}
	trials := 0
	for k := fault; k < end && trials < maxTrials; {
		n := bytes.IndexByte(b[k:end], '}')
		if n < 0 {
			break
		}
		k += n + 1
		j := k
		for j < end && (b[j] == ' ' || b[j] == '\n' || b[j] == '\r' || b[j] == '\t' || b[j] == ',') {
			j++
		}
		if j >= end || b[j] != '{' || j == k {
			continue
		}
		trials++
		if _, err := r.probe.Scan(b, j); err == nil && r.set.byContent(r.probe, r.obj.Key) >= 0 {
			return j
		}
	}
	return -1
}

// startOversize begins to skip a record that is longer than MaxRecord.
func (r *Reader) startOversize(st *stream, b []byte, i int) int {
	j := i
	for j < len(b) && (b[j] == ' ' || b[j] == '\n' || b[j] == '\r' || b[j] == '\t' || b[j] == ',') {
		j++
	}
	st.skip = &oversize{json: j < len(b) && b[j] == '{'}
	return j
}

// oversize skips more of such a record.
func (r *Reader) oversize(st *stream, b []byte, i, end int) int {
	n, done := 0, false
	if st.skip.json {
		n, done = st.skip.skipper.Skip(b[i:end])
	} else if n = bytes.IndexByte(b[i:end], '\n'); n >= 0 {
		n, done = n+1, true
	} else {
		n = end - i
	}
	if err := r.reject(st, nil, ReasonTooLarge, fmt.Sprintf("longer than %d bytes", r.o.MaxRecord), st.base+int64(i), b[i:i+n], 1); err != nil {
		st.skip = nil
		return i + n
	}
	if done {
		st.skip = nil
		st.bad.line = true // nothing may be added to it
	}
	return i + n
}

// reject quarantines bytes. Bytes that directly follow a bad region belong to it.
func (r *Reader) reject(st *stream, t *Type, reason, detail string, offset int64, raw []byte, records int64) error {
	if bad := st.bad; bad != nil {
		joins := !bad.line && reason != ReasonUnrecognized && bad.Reason != ReasonUnrecognized && bad.end == offset && len(raw) > 0 ||
			reason == ReasonUnrecognized && bad.Reason == reason && offset-bad.end <= 4<<10
		if joins {
			if reason == ReasonUnrecognized {
				bad.Records += records
				r.counts.Records += records
				r.counts.Quarantined += records
				if st.fixed >= 0 {
					*st.index += int32(records)
				}
			}
			// Blanks stand for what was between the records, so that each keeps its offset.
			bad.add(bytes.Repeat([]byte("\n"), int(max(0, offset-bad.end))), offset)
			bad.Length = offset + int64(len(raw)) - bad.from
			bad.add(raw, offset+int64(len(raw)))
			return nil
		}
		if err := r.flushBad(st); err != nil {
			return err
		}
	}
	r.counts.Records += records
	r.counts.Quarantined += records
	bad := &badRegion{Reject: Reject{Offset: offset, Length: int64(len(raw)), Records: records, Reason: reason, Detail: detail}, from: offset, hash: sha256.New()}
	if t != nil {
		bad.Type = t.Name
	}
	if st.fixed >= 0 {
		bad.Offset, bad.Wrapped, bad.Index = st.fixed, true, *st.index
		*st.index++
	}
	bad.add(raw, offset+int64(len(raw)))
	st.bad = bad
	if reason == ReasonRequired || st.fixed >= 0 && reason != ReasonUnrecognized {
		return r.flushBad(st)
	}
	return nil
}

func (b *badRegion) add(raw []byte, end int64) {
	b.hash.Write(raw)
	if room := maxRaw - len(b.Raw); room > 0 {
		b.Raw = append(b.Raw, raw[:min(room, len(raw))]...)
	}
	b.end = end
	b.line = len(raw) > 0 && raw[len(raw)-1] == '\n'
}

// flushBad reports the bad region, if there is one.
func (r *Reader) flushBad(st *stream) error {
	bad := st.bad
	if bad == nil {
		return nil
	}
	st.bad = nil
	var extra map[string]bool
	if t := r.set.byName[bad.Type]; t != nil {
		extra = t.secrets
	}
	maskLoose(bad.Raw, extra)
	bad.SHA256 = hex.EncodeToString(bad.hash.Sum(nil))
	if r.o.Explain != nil {
		r.o.Explain(&Explanation{Offset: bad.Offset, Length: bad.Length, Type: bad.Type, Wraps: st.wraps, Outcome: "quarantined", Detail: bad.Reason + ": " + bad.Detail, Record: string(bad.Raw)})
	}
	return r.sink.Reject(bad.Reject)
}
