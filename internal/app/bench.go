package app

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/demo"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

// BenchMachine says where figures were measured.
type BenchMachine struct {
	CPUs int    `json:"cpus"`
	OS   string `json:"os"`
	Go   string `json:"go"`
	At   string `json:"at"`
}

func machine() BenchMachine {
	return BenchMachine{runtime.GOMAXPROCS(0), runtime.GOOS + "/" + runtime.GOARCH, runtime.Version(), time.Now().UTC().Format(time.RFC3339)}
}

// IngestBench is what loading a corpus cost.
type IngestBench struct {
	Machine       BenchMachine `json:"machine"`
	What          string       `json:"what"`
	Originals     bool         `json:"originals"`
	Objects       int          `json:"objects"`
	Records       int64        `json:"records"`
	Events        int64        `json:"events"`
	Seconds       float64      `json:"seconds"`
	RecordsPerSec float64      `json:"records_per_second"`
	RawMBPerSec   float64      `json:"raw_mb_per_second"`
	CPUSeconds    float64      `json:"cpu_seconds"`
	PeakRSSMB     float64      `json:"peak_rss_mb"`
	RawBytes      int64        `json:"raw_bytes"`
	ObjectBytes   int64        `json:"object_bytes"`
	StoredBytes   int64        `json:"stored_bytes"`
	RawToStored   float64      `json:"raw_to_stored"`
}

// IngestOptions says what to load.
type IngestOptions struct {
	Dir       string // folder for corpus and data; emptied
	Records   int
	PerObject int
	Originals bool
	Kind      string // waf, alb, cloudtrail
}

// MakeCorpus writes a corpus of gzip objects below dir/bucket.
func MakeCorpus(dir, kind string, records, per int) (objects int, bytes, raw int64, err error) {
	return makeCorpus(dir, kind, records, per, corpusStart())
}

func makeCorpus(dir, kind string, records, per int, start time.Time) (objects int, bytes, raw int64, err error) {
	emit := func(o demo.Object) error {
		objects++
		bytes += int64(len(o.Data))
		raw += o.Raw
		name := filepath.Join(dir, "bucket", filepath.FromSlash(o.Key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		return os.WriteFile(name, o.Data, 0o644)
	}
	c := demo.NewCorpus(demoSeed, start)
	switch kind {
	case "waf":
		err = c.WAF(records, per, emit)
	case "alb":
		err = c.ALB(records, per, emit)
	case "cloudtrail":
		err = c.CloudTrail(records, per, emit)
	default:
		err = &httpapi.UserError{Err: fmt.Errorf("corpus %q: want waf, alb or cloudtrail", kind)}
	}
	if err != nil {
		err = fmt.Errorf("writing a corpus: %w", err)
	}
	return objects, bytes, raw, err
}

// benchConfig is a configuration for a bench folder, with enrichment from the demo's database.
func benchConfig(dir string, originals bool) (config.Config, error) {
	geo := filepath.Join(dir, "geo.mmdb")
	f, err := os.Create(geo)
	if err != nil {
		return config.Config{}, err
	}
	if err := demo.MMDB(f); err != nil {
		f.Close()
		return config.Config{}, err
	}
	if err := f.Close(); err != nil {
		return config.Config{}, err
	}
	c := config.Default()
	c.Data = filepath.Join(dir, "data")
	c.Intake.KeepOriginal = originals
	c.Enrich.Geo = []string{geo}
	c.Query.Zone = "UTC"
	return c, nil
}

// BenchIngest makes a corpus, loads it as `yagura load` does, and measures the load alone.
func BenchIngest(ctx context.Context, o IngestOptions, log *slog.Logger, progress io.Writer) (IngestBench, error) {
	b := IngestBench{Machine: machine(), What: fmt.Sprintf("%s, %d records an object", o.Kind, o.PerObject), Originals: o.Originals}
	if err := emptyFolder(o.Dir); err != nil {
		return b, err
	}
	fmt.Fprintf(progress, "writing %d %s records …\n", o.Records, o.Kind)
	var err error
	if b.Objects, b.ObjectBytes, b.RawBytes, err = MakeCorpus(o.Dir, o.Kind, o.Records, o.PerObject); err != nil {
		return b, err
	}
	cfg, err := benchConfig(o.Dir, o.Originals)
	if err != nil {
		return b, err
	}
	a, err := Open(ctx, cfg, "bench", log)
	if err != nil {
		return b, err
	}
	defer a.Close()
	fmt.Fprintf(progress, "loading %d objects …\n", b.Objects)
	m := startMeter()
	sum, err := a.Load(ctx, httpapi.LoadRequest{Target: filepath.Join(o.Dir, "bucket")}, func(httpapi.Progress) {})
	if err != nil {
		return b, err
	}
	b.Seconds, b.CPUSeconds, b.PeakRSSMB = m.stop()
	if sum.Failed+sum.Quarantined > 0 {
		return b, fmt.Errorf("the corpus did not load whole: %+v", sum)
	}
	b.Records, b.Events = sum.Records, sum.Events
	b.RecordsPerSec = float64(sum.Records) / b.Seconds
	b.RawMBPerSec = float64(b.RawBytes) / 1e6 / b.Seconds
	b.StoredBytes, err = treeBytes(filepath.Join(cfg.Data, "parts"))
	b.RawToStored = float64(b.RawBytes) / float64(max(b.StoredBytes, 1))
	return b, err
}

// emptyFolder makes a folder for a bench, which must be new or a former bench's.
func emptyFolder(dir string) error { return clearDemo(dir) }

func treeBytes(root string) (n int64, err error) {
	err = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		fi, err := d.Info()
		if err == nil {
			n += fi.Size()
		}
		return err
	})
	return n, err
}

// meter measures wall time, CPU time and the highest resident size since it was started.
type meter struct {
	at  time.Time
	cpu float64
}

func startMeter() meter {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // resets the peak where the kernel has it
	return meter{time.Now(), cpuSeconds()}
}

func (m meter) stop() (wall, cpu, rssMB float64) {
	return time.Since(m.at).Seconds(), cpuSeconds() - m.cpu, peakRSS()
}

func cpuSeconds() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func peakRSS() float64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb / 1024
		}
	}
	return 0
}

// benchRand gives benches their choices, the same every time.
func benchRand() *rand.Rand { return rand.New(rand.NewPCG(demoSeed, 1)) }
