package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/demo"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

// demoSeed fixes the story: the same seed and end time give the same logs.
const demoSeed = 20260401

// Demo is a prepared demonstration in a folder: bucket/ with objects, geo.mmdb, accounts.csv,
// yagura.yaml and data/.
type Demo struct {
	Dir    string
	Config string // path of yagura.yaml
	Facts  demo.Facts
	Took   time.Duration // to write the objects
}

// WriteDemo writes eight days of logs that end at end, and a configuration for them, into an
// empty or former demonstration folder, which it replaces.
func WriteDemo(dir string, end time.Time, scale float64) (Demo, error) {
	d := Demo{Dir: dir, Config: filepath.Join(dir, "yagura.yaml")}
	if err := clearDemo(dir); err != nil {
		return d, err
	}
	started := time.Now()
	bucket := filepath.Join(dir, "bucket")
	facts, err := demo.Story{Seed: demoSeed, End: end, Scale: scale}.Write(func(o demo.Object) error {
		name := filepath.Join(bucket, filepath.FromSlash(o.Key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		return os.WriteFile(name, o.Data, 0o644)
	})
	if err != nil {
		return d, fmt.Errorf("writing the demo's objects: %w", err)
	}
	d.Facts, d.Took = facts, time.Since(started)
	mmdb, err := os.Create(filepath.Join(dir, "geo.mmdb"))
	if err != nil {
		return d, fmt.Errorf("writing the demo's address database: %w", err)
	}
	if err := demo.MMDB(mmdb); err != nil {
		mmdb.Close()
		return d, fmt.Errorf("writing the demo's address database: %w", err)
	}
	if err := mmdb.Close(); err != nil {
		return d, fmt.Errorf("writing the demo's address database: %w", err)
	}
	known, err := json.MarshalIndent(facts, "", "  ")
	if err != nil {
		return d, err
	}
	for name, text := range map[string]string{"accounts.csv": demo.Accounts, "yagura.yaml": demoConfig, "facts.json": string(known) + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return d, fmt.Errorf("writing the demo: %w", err)
		}
	}
	return d, nil
}

const demoConfig = `# A demonstration: everything in it is made up.
data: data
sources:
  - {name: bucket, dir: bucket}
enrich:
  geo: [geo.mmdb]
  accounts: accounts.csv
query:
  zone: Asia/Tokyo
`

// demoMark is a file that says that a folder is a demonstration and may be replaced.
const demoMark = ".yagura-demo"

func clearDemo(dir string) error {
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(dir, demoMark)); err != nil {
			return &httpapi.UserError{Err: fmt.Errorf("%s is not empty and no demonstration: name another folder", dir)}
		}
		for _, name := range []string{"bucket", "data"} {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("clearing the former demonstration: %w", err)
			}
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the folder of the demonstration: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, demoMark), nil, 0o644)
}

// Question is a command of the demonstration.
type Question struct {
	Title, Query, Since string
}

// Questions are what the demonstration asks of its data.
func (d Demo) Questions() []Question {
	f := d.Facts
	return []Question{
		{"What did the WAF do today?", `event.module:aws.waf | stats count() as requests by event.action | sort requests desc`, "24h"},
		{"Who was blocked most?", `event.action:BLOCK | stats count() as blocked, max(source.geo.country_iso_code) as country by source.ip | sort blocked desc | limit 5`, "24h"},
		{"What did the scanner ask for?", fmt.Sprintf(`source.ip:%s | top 5 url.path`, first(f.Scan.IPs)), "24h"},
		{"Googlebot from which networks?", `yagura.bot.name:Googlebot | top 5 source.as.organization.name`, "24h"},
		{"Console sign-ins without MFA from abroad?", `event.action:ConsoleLogin and event.outcome:success and not source.geo.country_iso_code:JP | fields @timestamp, user.name, source.ip, source.geo.country_name`, "24h"},
		{"Who switched off CloudTrail?", `event.action:StopLogging | fields @timestamp, user.name, source.ip, cloud.account.name`, "24h"},
		{"Who guesses S3 keys?", `event.action:GetObject and event.outcome:failure | stats count() as denied by user.name, source.ip | sort denied desc | limit 3`, "24h"},
		{"What does GuardDuty say?", `event.module:aws.guardduty and event.severity >= 7 | stats count() as findings by rule.name | sort findings desc | limit 5`, "8d"},
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return "203.0.113.1"
	}
	return list[0]
}

// DemoOptions say what a demonstration ends in.
type DemoOptions struct {
	Dir       string
	Questions bool // print questions and their answers
	Progress  func(httpapi.Progress)
	// Started is when the process began, for the time told; zero = not told.
	Started time.Time
}

// RunDemo writes the demonstration and loads it. It returns the configuration to serve.
func RunDemo(ctx context.Context, o DemoOptions, log *slog.Logger, out io.Writer) (config.Config, error) {
	fmt.Fprintln(out, "writing eight days of logs …")
	d, err := WriteDemo(o.Dir, time.Now().Truncate(time.Second), 1)
	if err != nil {
		return config.Config{}, err
	}
	fmt.Fprintf(out, "%d objects, %.0f MB (%.0f MB decoded) in %s, %.1f s\n", d.Facts.Objects, float64(d.Facts.Bytes)/1e6, float64(d.Facts.RawBytes)/1e6, filepath.Join(o.Dir, "bucket"), d.Took.Seconds())
	cfg, err := config.Load(d.Config, nil)
	if err != nil {
		return cfg, err
	}
	a, err := Open(ctx, cfg, "demo", log)
	if err != nil {
		return cfg, err
	}
	defer a.Close()
	sum, err := a.Load(ctx, httpapi.LoadRequest{Target: filepath.Join(o.Dir, "bucket")}, o.Progress)
	if err != nil {
		return cfg, err
	}
	fmt.Fprintf(out, "loaded %d events of %d records in %.1f s (%.0f records/s)\n", sum.Events, sum.Records, sum.Elapsed.Seconds(), float64(sum.Records)/sum.Elapsed.Seconds())
	if sum.Failed > 0 || sum.Quarantined > 0 {
		return cfg, fmt.Errorf("the demo did not load whole: %d objects failed, %d records in quarantine; see yagura quarantine ls -c %s", sum.Failed, sum.Quarantined, d.Config)
	}
	if o.Questions {
		for _, q := range d.Questions() {
			fmt.Fprintf(out, "\n# %s\n./yagura query -c %s --since %s '%s'\n", q.Title, d.Config, q.Since, q.Query)
			if err := a.Query(ctx, httpapi.QueryRequest{Text: q.Query, Since: q.Since, Output: "table", Stats: true}, out, func(string) {}); err != nil {
				return cfg, err
			}
		}
	}
	fmt.Fprintf(out, "\nAsk it on the command line, too:  ./yagura query -c %s 'source.geo.country_iso_code:JP | top 10 url.path'\n", d.Config)
	if !o.Started.IsZero() {
		fmt.Fprintf(out, "ready %.1f s after the start\n", time.Since(o.Started).Seconds())
	}
	return cfg, nil
}
