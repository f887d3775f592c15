package content

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
)

// Result is the outcome of one fixture.
type Result struct {
	LogType string
	Fixture Fixture
	Events  int
	Rejects int
	Problem string // "" = it passed
	Diff    string // want against got, when they differ
	Updated bool   // the expected file was rewritten
}

// Passed reports whether the fixture gave what was expected.
func (r Result) Passed() bool { return r.Problem == "" }

// Test runs the fixtures of one log type through the whole set of types, so that recognition
// is tested too. With update the expected files of folders on disk are rewritten (dir is the
// path of the log type's folder); the results then say what changed.
func (c *Content) Test(ctx context.Context, f Folder, update bool) ([]Result, error) {
	if update && f.Origin != User {
		return nil, fmt.Errorf("rewriting the expected results of %s: it is built in; name its folder", f.Name)
	}
	fixtures, err := f.Fixtures()
	if err != nil {
		return nil, err
	}
	now, err := f.clock()
	if err != nil {
		return nil, err
	}
	var out []Result
	for _, x := range fixtures {
		r := Result{LogType: f.Name, Fixture: x}
		raw, err := readFile(f.FS, x.Name)
		if err != nil {
			return nil, fmt.Errorf("reading sample %s: %w", f.File(x.Name), err)
		}
		got, err := read(ctx, c.Set, x.Name, raw, readOptions{now: now})
		if err != nil {
			return nil, err
		}
		r.Events, r.Rejects = len(got.events), len(got.rejects)
		r.Problem = fixtureProblem(f, x, got)
		text := got.want(x.Bad)
		old, err := readFile(f.FS, x.Want)
		switch {
		case err == nil && bytes.Equal(old, text):
		case update:
			if err := os.WriteFile(filepath.Join(f.Path, x.Want), text, 0o644); err != nil {
				return nil, fmt.Errorf("rewriting the expected result: %w", err)
			}
			r.Updated = true
		case err != nil && r.Problem == "":
			r.Problem = "no expected result " + f.File(x.Want) + ": run the test with --update and review what it writes"
		case err == nil:
			if r.Problem == "" {
				r.Problem = "the result differs from " + f.File(x.Want)
			}
			r.Diff = diffLines(string(old), string(text))
		}
		out = append(out, r)
	}
	return out, nil
}

// fixtureProblem says what no expected file may hide.
func fixtureProblem(f Folder, x Fixture, got reading) string {
	switch {
	case got.err != nil && !x.Bad:
		return got.err.Error()
	case x.Bad && len(got.rejects) == 0 && got.err == nil:
		return "every record of a bad sample was accepted"
	case !x.Bad && len(got.rejects) > 0:
		r := got.rejects[0]
		return fmt.Sprintf("%d records of a good sample were refused, the first at byte %d: %s", len(got.rejects), r.Offset, rejectText(r))
	case !x.Bad && len(got.events) == 0 && got.counts.Ignored+got.counts.Filtered == 0:
		return "no event came out of it"
	}
	if own := func(e readEvent) bool { return e.batch.Table.LogType == f.Name }; !x.Bad && len(got.events) > 0 && !slices.ContainsFunc(got.events, own) {
		e := got.events[0]
		return fmt.Sprintf("no record was taken for %s; the one at byte %d was for %s", f.Name, e.offset, e.batch.Table.LogType)
	}
	return ""
}

// mixed reports whether events of several log types came out of an object.
func (r reading) mixed() bool {
	return slices.ContainsFunc(r.events, func(e readEvent) bool { return e.batch.Table.LogType != r.events[0].batch.Table.LogType })
}

// want writes what an expected file holds: the events, or the rejects of a bad sample. Event
// ids are left out, the log type unless there are several, and event.original unless it differs from the bytes of the sample (masked, or
// taken out of an envelope).
func (r reading) want(bad bool) []byte {
	list, mixed := []any{}, r.mixed()
	if bad {
		for _, x := range r.rejects {
			list = append(list, rejectDocument(x))
		}
		if r.err != nil {
			list = append(list, map[string]any{"reason": r.err.Error()})
		}
	} else {
		for _, e := range r.events {
			doc := e.document()
			delete(doc, event.IDField)
			if !mixed {
				delete(doc, event.ModuleField)
			}
			if s, ok := doc[event.OriginalField].(string); ok && bytes.Contains(r.decoded, []byte(s)) {
				delete(doc, event.OriginalField)
			}
			list = append(list, map[string]any(doc))
		}
	}
	return append(event.AppendJSONValue(nil, list, "  "), '\n')
}

func rejectDocument(x logtype.Reject) map[string]any {
	m := map[string]any{"offset": x.Offset, "reason": x.Reason}
	if x.Records != 1 {
		m["records"] = x.Records
	}
	if x.Type != "" {
		m["log_type"] = x.Type
	}
	if x.Detail != "" {
		m["detail"] = x.Detail
	}
	if len(x.Raw) > 0 {
		m["excerpt"] = excerpt(x.Raw)
	}
	return m
}

func rejectText(r logtype.Reject) string {
	if r.Detail == "" {
		return r.Reason
	}
	return r.Reason + ": " + r.Detail
}

// An excerpt shows at most so many bytes of a refused record.
const maxExcerpt = 400

// excerpt is the beginning of a refused record as readable text.
func excerpt(raw []byte) string {
	cut := ""
	if len(raw) > maxExcerpt {
		raw, cut = raw[:maxExcerpt], " …"
	}
	return strings.ToValidUTF8(string(raw), "\ufffd") + cut
}
