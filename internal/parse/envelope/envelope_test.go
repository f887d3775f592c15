package envelope

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

func gz(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zst(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

type file struct {
	name string
	body []byte
}

func zipOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		fw, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fw.Write(f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bz is "hello\n" compressed by bzip2.
func bz(t testing.TB) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString("QlpoOTFBWSZTWcHAgOIAAAFBAAAQAkSgADDNAMNGKZcXckU4UJDBwIDi")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func lines(n int) []byte {
	var b bytes.Buffer
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		fmt.Fprintf(&b, `{"n":%d,"x":"%x","uri":"/path/%d"}`+"\n", i, r.Uint64(), r.IntN(1000))
	}
	return b.Bytes()
}

// onlyReader hides everything but Read.
type onlyReader struct{ io.Reader }

func TestDecompress(t *testing.T) {
	t.Parallel()
	text := lines(5000)
	hello := []byte("hello\n")
	cat := func(bs ...[]byte) []byte { return bytes.Join(bs, nil) }
	skippable := []byte("\x50\x2a\x4d\x18\x03\x00\x00\x00abc")
	for _, tc := range []struct {
		name string
		in   []byte
		want []byte
		info Info
	}{
		{"empty", nil, nil, Info{}},
		{"plain", text, text, Info{}},
		{"one byte", []byte("x"), []byte("x"), Info{}},
		{"text like a signature", []byte("BZh9 is a name\n"), []byte("BZh9 is a name\n"), Info{}},
		{"gzip", gz(t, text), text, Info{Formats: []string{"gzip"}, Members: 1}},
		{"gzip of nothing", gz(t, nil), nil, Info{Formats: []string{"gzip"}, Members: 1}},
		{"gzip members", cat(gz(t, text), gz(t, nil), gz(t, hello)), cat(text, hello), Info{Formats: []string{"gzip"}, Members: 3}},
		{"gzip with padding", cat(gz(t, text), make([]byte, 700)), text, Info{Formats: []string{"gzip"}, Members: 1}},
		{"gzip with garbage", cat(gz(t, text), []byte("garbage")), text, Info{Formats: []string{"gzip"}, Members: 1, Trailing: 7}},
		{"gzip in gzip members", gz(t, cat(gz(t, text), gz(t, hello))), cat(text, hello), Info{Formats: []string{"gzip", "gzip"}, Members: 3}},
		{"zstd", zst(t, text), text, Info{Formats: []string{"zstd"}}},
		{"zstd frames", cat(skippable, zst(t, text), skippable, zst(t, hello)), cat(text, hello), Info{Formats: []string{"zstd"}}},
		{"zstd with garbage", cat(zst(t, text), []byte("garbage")), text, Info{Formats: []string{"zstd"}, Trailing: 7}},
		{"bzip2", bz(t), hello, Info{Formats: []string{"bzip2"}}},
		{"bzip2 streams", cat(bz(t), bz(t)), cat(hello, hello), Info{Formats: []string{"bzip2"}}},
		{"bzip2 with garbage", cat(bz(t), []byte("garbage")), hello, Info{Formats: []string{"bzip2"}, Trailing: 7}},
		{"three levels", gz(t, zst(t, bz(t))), hello, Info{Formats: []string{"gzip", "zstd", "bzip2"}, Members: 1}},
		{"zip", zipOf(t, file{"a.log", text}, file{"dir/", nil}, file{"dir/sub/b.log", hello}), cat(text, hello),
			Info{Formats: []string{"zip"}, Members: 2, Skipped: 1}},
		{"zip keeps lines apart", zipOf(t, file{"a", []byte("one")}, file{"e", nil}, file{"b", []byte("two\n")}, file{"c", []byte("three")}), []byte("one\ntwo\nthree"),
			Info{Formats: []string{"zip"}, Members: 4}},
		{"zip of nothing", zipOf(t), nil, Info{Formats: []string{"zip"}}},
		{"zip of gzip", zipOf(t, file{"__MACOSX/._a", hello}, file{"a.gz", gz(t, text)}, file{"b.gz", gz(t, hello)}), cat(text, hello),
			Info{Formats: []string{"zip", "gzip"}, Members: 4, Skipped: 1}},
		{"gzip of zip of zstd", gz(t, zipOf(t, file{"a.zst", zst(t, text)})), text, Info{Formats: []string{"gzip", "zip", "zstd"}, Members: 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := tc.info
			want.Compressed, want.Decoded = int64(len(tc.in)), int64(len(tc.want))
			var d Decompressor
			for name, r := range map[string]io.Reader{
				"at random":      bytes.NewReader(tc.in),
				"in order":       onlyReader{bytes.NewReader(tc.in)},
				"byte by byte":   iotest.OneByteReader(bytes.NewReader(tc.in)),
				"data with end":  iotest.DataErrReader(bytes.NewReader(tc.in)),
				"reused decoder": onlyReader{bytes.NewReader(tc.in)},
			} {
				x, err := d.Open(r)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				got, err := io.ReadAll(x)
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if !bytes.Equal(got, tc.want) {
					t.Errorf("%s: %d bytes differ from %d", name, len(got), len(tc.want))
				}
				if diff := cmp.Diff(want, x.Info()); diff != "" {
					t.Errorf("%s: info (-want +got):\n%s", name, diff)
				}
				if err := x.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// misplaced is an archive whose list says that the first file is somewhere else.
func misplaced(archive []byte) []byte {
	b := bytes.Clone(archive)
	entry := bytes.Index(b, []byte("PK\x01\x02"))
	copy(b[entry+42:], "\xf0\xff\xff\x7f")
	return b
}

func TestDecompressDamaged(t *testing.T) {
	t.Parallel()
	text := lines(20000)
	hello := []byte("hello\n")
	cut := func(b []byte) []byte { return b[:len(b)/2] }
	flip := func(b []byte) []byte {
		b = bytes.Clone(b)
		for i := range 64 {
			b[len(b)/2+i] ^= 0xa5
		}
		return b
	}
	zipped := zipOf(t, file{"a.log", text}, file{"b.log", []byte("bb\n")}, file{"c.log", hello})
	badCRC := gz(t, text)
	badCRC[len(badCRC)-6] ^= 1
	for _, tc := range []struct {
		name  string
		in    []byte
		cause error
		least int  // bytes that must be delivered
		all   bool // delivered bytes are a beginning of text
	}{
		{"gzip cut", cut(gz(t, text)), ErrTruncated, len(text) / 3, true},
		{"gzip cut in its header", gz(t, text)[:3], ErrTruncated, 0, true},
		{"gzip cut in its sum", gz(t, text)[:len(gz(t, text))-4], ErrTruncated, len(text), true},
		{"gzip wrong sum", badCRC, ErrCorrupt, len(text), true},
		{"gzip damaged", flip(gz(t, text)), ErrCorrupt, len(text) / 3, false},
		{"second member cut", append(gz(t, text), cut(gz(t, text))...), ErrTruncated, len(text), false},
		{"inner gzip cut", gz(t, cut(gz(t, text))), ErrTruncated, len(text) / 3, true},
		{"zstd cut", cut(zst(t, text)), ErrTruncated, len(text) / 4, true},
		{"bzip2 cut", cut(bz(t)), ErrTruncated, 0, true},
		{"zip cut in its list", zipped[:len(zipped)-30], ErrTruncated, len(text) + 9, false},
		{"zip cut in a file", cut(zipped), ErrTruncated, len(text) / 3, true},
		{"zip damaged", flip(zipped), ErrCorrupt, len(text)/3 + 9, false},
		{"zip with a bad member", zipOf(t, file{"a.gz", cut(gz(t, text))}, file{"b", hello}), ErrTruncated, len(text)/3 + 6, false},
		{"zip list only", []byte("PK\x05\x06 nothing"), ErrTruncated, 0, false},
		{"zip list points nowhere", misplaced(zipped), ErrCorrupt, 9, false},
		{"too deep", gz(t, gz(t, gz(t, gz(t, hello)))), ErrUnsupported, 0, false},
		{"xz", []byte("\xfd7zXZ\x00 and so on"), ErrUnsupported, 0, false},
		{"xz in gzip", gz(t, []byte("\xfd7zXZ\x00 and so on")), ErrUnsupported, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for name, r := range map[string]io.Reader{"at random": bytes.NewReader(tc.in), "in order": onlyReader{bytes.NewReader(tc.in)}} {
				x, err := Decompress(r, Limits{})
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(x)
				var se *StreamError
				if !errors.Is(err, tc.cause) || !errors.As(err, &se) || se.Hint == "" {
					t.Errorf("%s: error %v, want one of %v with a hint", name, err, tc.cause)
				}
				if len(got) < tc.least {
					t.Errorf("%s: %d bytes delivered, want at least %d: %v", name, len(got), tc.least, err)
				}
				if tc.all && !bytes.HasPrefix(text, got) {
					t.Errorf("%s: delivered bytes are not a beginning of the text", name)
				}
				if _, again := x.Read(make([]byte, 1)); again == nil || again == io.EOF {
					t.Errorf("%s: read after the error gives %v", name, again)
				}
				x.Close()
			}
		})
	}
}

func TestDecompressLimits(t *testing.T) {
	t.Parallel()
	zeros := make([]byte, 4<<20)
	for name, tc := range map[string]struct {
		in     []byte
		limits Limits
		want   int // exact number of delivered bytes; -1 = any
	}{
		"decoded":             {gz(t, zeros), Limits{MaxDecoded: 1000}, 1000},
		"ratio":               {gz(t, zeros), Limits{MaxRatio: 100, RatioFrom: 1 << 20}, -1},
		"inner bomb":          {gz(t, gz(t, zeros)), Limits{MaxRatio: 100, RatioFrom: 1 << 20}, -1},
		"zip members":         {zipOf(t, file{"a", zeros}, file{"b", zeros}), Limits{MaxDecoded: 5 << 20}, 5 << 20},
		"zip without a place": {zipOf(t, file{"a", lines(1000)}), Limits{ZipMemory: 100}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, err := Decompress(onlyReader{bytes.NewReader(tc.in)}, tc.limits)
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			n, err := io.Copy(io.Discard, x)
			if !errors.Is(err, ErrLimit) {
				t.Errorf("error %v, want %v", err, ErrLimit)
			}
			if tc.want >= 0 && n != int64(tc.want) {
				t.Errorf("%d bytes delivered, want %d", n, tc.want)
			}
		})
	}
}

type memorySpool struct {
	bytes.Buffer
	closed bool
}

func (s *memorySpool) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(s.Bytes()).ReadAt(p, off)
}
func (s *memorySpool) Close() error { s.closed = true; return nil }

func TestZipSpool(t *testing.T) {
	t.Parallel()
	text := lines(1000)
	sp := new(memorySpool)
	x, err := Decompress(onlyReader{bytes.NewReader(zipOf(t, file{"a", text}))}, Limits{ZipMemory: 100, Spool: func() (Spool, error) { return sp, nil }})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(x)
	if err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes and %v, want %d bytes", len(got), err, len(text))
	}
	x.Close()
	if !sp.closed {
		t.Error("the spool was not closed")
	}
}

// A broken connection must not look like a damaged object: the one is tried again, the other not.
func TestSourceFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	text := lines(20000)
	for name, in := range map[string][]byte{"plain": text, "gzip": gz(t, text), "zstd": zst(t, text), "nested": gz(t, gz(t, text)), "zip": zipOf(t, file{"a", text})} {
		for _, fault := range []error{broken, io.ErrUnexpectedEOF} {
			x, err := Decompress(io.MultiReader(bytes.NewReader(in[:len(in)/2]), iotest.ErrReader(fault)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.Copy(io.Discard, x)
			if !errors.Is(err, fault) || isStreamError(err) {
				t.Errorf("%s: error %v, want the source's own", name, err)
			}
			x.Close()
		}
	}
	if _, err := Decompress(iotest.ErrReader(broken), Limits{}); !errors.Is(err, broken) {
		t.Errorf("open: error %v, want %v", err, broken)
	}
}

func FuzzDecompress(f *testing.F) {
	text := []byte(strings.Repeat("some line\n", 50))
	for _, seed := range [][]byte{
		nil, text, gz(f, text), append(gz(f, text), 'x'), zst(f, text), bz(f), gz(f, zst(f, text)),
		zipOf(f, file{"a", text}, file{"b/c.gz", gz(f, text)}), zipOf(f, file{"a", text})[:100],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		limits := Limits{MaxDecoded: 1 << 20, ZipMemory: 1 << 20}
		read := func(r io.Reader) ([]byte, error) {
			x, err := Decompress(r, limits)
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			return io.ReadAll(x)
		}
		a, errA := read(bytes.NewReader(in))
		b, errB := read(onlyReader{bytes.NewReader(in)})
		if !bytes.Equal(a, b) || (errA == nil) != (errB == nil) {
			t.Errorf("%d bytes and %v at random, %d bytes and %v in order", len(a), errA, len(b), errB)
		}
		if int64(len(a)) > limits.MaxDecoded+1 {
			t.Errorf("%d bytes, limit %d", len(a), limits.MaxDecoded)
		}
	})
}

func BenchmarkDecompress(b *testing.B) {
	text := lines(100_000)
	for name, in := range map[string][]byte{"gzip": gz(b, text), "zstd": zst(b, text), "nested": gz(b, gz(b, text))} {
		b.Run(name, func(b *testing.B) {
			var d Decompressor
			buf := make([]byte, 1<<20)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				x, err := d.Open(onlyReader{bytes.NewReader(in)})
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = x.Read(buf)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
				x.Close()
			}
		})
	}
}
