package content_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/schema"
)

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestFoldersOverlay(t *testing.T) {
	t.Parallel()
	builtin := content.Source{Path: "content", Origin: content.BuiltIn, FS: fstest.MapFS{
		"logtypes/README.md":            file("x"),
		"logtypes/aws.waf/logtype.yaml": file("name: aws.waf"),
		"logtypes/aws.alb/logtype.yaml": file("name: aws.alb"),
		"logtypes/.git/config":          file(""),
	}}
	user := content.Source{Path: "/etc/yagura", Origin: content.User, FS: fstest.MapFS{
		"logtypes/my.app/logtype.yaml":  file("name: my.app"),
		"logtypes/aws.waf/logtype.yaml": file("name: aws.waf # mine"),
	}}
	none := content.Source{Path: "empty", Origin: content.User, FS: fstest.MapFS{}}
	got, err := content.Folders(builtin, user, none)
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ Name, Path, Origin, Replaces, Source string }
	var rows []row
	for _, f := range got {
		src, err := f.Definition()
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row{f.Name, f.Path, f.Origin, f.Replaces, string(src)})
	}
	want := []row{
		{"aws.alb", "content/logtypes/aws.alb", "built-in", "", "name: aws.alb"},
		{"aws.waf", "/etc/yagura/logtypes/aws.waf", "user", "content/logtypes/aws.waf", "name: aws.waf # mine"},
		{"my.app", "/etc/yagura/logtypes/my.app", "user", "", "name: my.app"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	f := content.Folder{Name: "x.y", FS: fstest.MapFS{
		"testdata/README.md":           file(""),
		"testdata/sample.json.gz":      file(""),
		"testdata/sample.want.json":    file(""),
		"testdata/sample-ipv6.log":     file(""),
		"testdata/bad-time.log":        file(""),
		"testdata/bad-time.want.json":  file(""),
		"testdata/notes.txt":           file(""),
		"testdata/sample-dir/other.lo": file(""),
	}}
	got, err := f.Fixtures()
	if err != nil {
		t.Fatal(err)
	}
	want := []content.Fixture{
		{Name: "testdata/bad-time.log", Want: "testdata/bad-time.want.json", Bad: true},
		{Name: "testdata/sample-ipv6.log", Want: "testdata/sample-ipv6.want.json"},
		{Name: "testdata/sample.json.gz", Want: "testdata/sample.want.json"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	f.FS.(fstest.MapFS)["testdata/sample.log"] = file("")
	if _, err := f.Fixtures(); err == nil || err.Error() != "samples of x.y: sample.json.gz and sample.log would share testdata/sample.want.json: rename one" {
		t.Errorf("err = %v", err)
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	f := content.Folder{Name: "x.y", Path: "x.y", FS: fsys}
	v1 := schema.NewTable("x.y", 1, []schema.Field{{Name: "source.ip", Kind: schema.IP}, {Name: "message", Kind: schema.String}})
	text, err := f.Release(v1)
	if err != nil {
		t.Fatal(err)
	}
	want := "# version, field, kind of every released version; lines are added, never changed\n1\tmessage\tstring\n1\tsource.ip\tip\n"
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Fatal(diff)
	}
	fsys["released.tsv"] = &fstest.MapFile{Data: text}
	changed := schema.NewTable("x.y", 1, []schema.Field{{Name: "source.ip", Kind: schema.String}, {Name: "message", Kind: schema.String}})
	if _, err := f.Release(changed); err == nil || err.Error() !=
		"releasing x.y: the columns of version 1 were released and have changed (+source.ip string, -source.ip ip): raise its version" {
		t.Errorf("err = %v", err)
	}
	changed.Version = 2
	text, err = f.Release(changed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want+"2\tmessage\tstring\n2\tsource.ip\tstring\n", string(text)); diff != "" {
		t.Error(diff)
	}
	fsys["released.tsv"] = file("one\tmessage\tstring\n")
	if _, err := f.Release(v1); err == nil || err.Error() != "x.y/released.tsv:1: want version, field and kind, separated by tabs" {
		t.Errorf("err = %v", err)
	}
}
