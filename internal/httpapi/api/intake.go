package api

import (
	"context"
	"net/http"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// IntakeBackend knows the sources and what came of their objects.
type IntakeBackend interface {
	Intake(ctx context.Context) (Intake, error)
	IntakeObjects(ctx context.Context, r IntakeObjectsRequest) (IntakeObjects, error)
	RetryObject(ctx context.Context, id string) error
	Storage(ctx context.Context) (Storage, error)
}

// QuarantineBackend knows the records that could not be read.
type QuarantineBackend interface {
	QuarantineGroups(ctx context.Context) ([]QuarantineGroup, error)
	QuarantineRecords(ctx context.Context, r QuarantineRequest) (QuarantineRecords, error)
	QuarantineRecord(ctx context.Context, id int64) (QuarantineDetail, error)
	// ReplayRecords starts a job.
	ReplayRecords(ctx context.Context, r ReplayRequest) (Job, error)
	Job(ctx context.Context, id string) (Job, error)
	CancelJob(ctx context.Context, id string) error
}

// Intake is the state of everything that comes in.
type Intake struct {
	Sources     []IntakeSource `json:"sources"`
	Rates       IntakeRates    `json:"rates"`
	Quarantined int64          `json:"quarantined" doc:"open records"`
	Notices     []string       `json:"notices" doc:"what enrichment has to do without"`
	Paused      string         `json:"paused,omitempty" doc:"why intake waits"`
}

// IntakeSource is a source in numbers.
type IntakeSource struct {
	Name          string       `json:"name"`
	Kind          string       `json:"kind" enum:"folder,bucket,once"`
	Where         string       `json:"where,omitempty"`
	State         string       `json:"state" enum:"ok,lag,failing,silent,paused"`
	Objects       ObjectCounts `json:"objects"`
	Events        int64        `json:"events"`
	Quarantined   int64        `json:"quarantined"`
	EventsPerMin  float64      `json:"events_per_min" doc:"over the last hour"`
	Bytes         int64        `json:"bytes" doc:"of its objects, as stored there"`
	LagSeconds    float64      `json:"lag_seconds" doc:"age of the oldest object that waits"`
	LastObject    *time.Time   `json:"last_object,omitempty" doc:"newest modification time of a finished object"`
	LastCommit    *time.Time   `json:"last_commit,omitempty"`
	LastEvent     *time.Time   `json:"last_event,omitempty" doc:"when events last arrived, exact to a minute, within eight days"`
	Error         string       `json:"error,omitempty"`
	Silent        bool         `json:"silent" doc:"nothing came for longer than ever in the last week"`
	ExpectedEvery float64      `json:"expected_every,omitempty" doc:"seconds: the longest pause of the last week; absent while there is too little to say"`
}

// ObjectCounts counts objects by what became of them.
type ObjectCounts struct {
	Pending      int64 `json:"pending"`
	Leased       int64 `json:"leased"`
	Done         int64 `json:"done"`
	Failed       int64 `json:"failed"`
	Unrecognized int64 `json:"unrecognized"`
}

// IntakeRates is what arrived over the last day, by the time it was committed.
type IntakeRates struct {
	Buckets []time.Time `json:"buckets"`
	WidthMS int64       `json:"width_ms"`
	Events  []int64     `json:"events"`
	Bytes   []int64     `json:"bytes" doc:"of the objects, as stored at the source"`
	Objects []int64     `json:"objects"`
}

// IntakeObjectsRequest selects objects.
type IntakeObjectsRequest struct {
	Source string `query:"source" maxLength:"200"`
	State  string `query:"state" enum:"pending,waiting,leased,done,failed,skipped,ignored,unrecognized,gone,replaced"`
	Key    string `query:"key" maxLength:"1024" doc:"part of the key"`
	Cursor string `query:"cursor" maxLength:"64"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// IntakeObjects is a page of objects, found last first.
type IntakeObjects struct {
	Items []IntakeObject `json:"items"`
	Next  string         `json:"next,omitempty"`
	Limit int            `json:"limit"`
}

// IntakeObject is an object and what became of it.
type IntakeObject struct {
	ID          string     `json:"id"`
	Source      string     `json:"source"`
	Bucket      string     `json:"bucket,omitempty"`
	Key         string     `json:"key"`
	Size        int64      `json:"size"`
	State       string     `json:"state"`
	Records     int64      `json:"records"`
	Events      int64      `json:"events"`
	Filtered    int64      `json:"filtered"`
	Ignored     int64      `json:"ignored"`
	Quarantined int64      `json:"quarantined"`
	Reason      string     `json:"reason,omitempty"`
	Detail      string     `json:"detail,omitempty"`
	LogTypes    []string   `json:"log_types"`
	Tries       int        `json:"tries,omitempty"`
	Modified    *time.Time `json:"modified,omitempty"`
	Discovered  time.Time  `json:"discovered"`
	Done        *time.Time `json:"done,omitempty"`
	RetryAt     *time.Time `json:"retry_at,omitempty"`
	Retryable   bool       `json:"retryable" doc:"POST …/retry makes sense"`
}

// Storage is what the parts hold.
type Storage struct {
	Days  []StorageDay `json:"days" doc:"newest first"`
	Types []StorageDay `json:"types" doc:"over all days, largest first; day is absent"`
	Disk  StorageDisk  `json:"disk"`
	Ratio float64      `json:"ratio" doc:"raw bytes for a stored one; 0 = nothing stored"`
}

// StorageDay is a log type on a day.
type StorageDay struct {
	Day      string `json:"day,omitempty" example:"2026-11-20" doc:"UTC"`
	Type     string `json:"type"`
	Parts    int64  `json:"parts"`
	Rows     int64  `json:"rows"`
	Bytes    int64  `json:"bytes"`
	RawBytes int64  `json:"raw_bytes"`
}

// StorageDisk is the disk of the data folder.
type StorageDisk struct {
	Free  int64 `json:"free"`
	Total int64 `json:"total"`
}

func registerIntake(a *API, b IntakeBackend, q QuarantineBackend) {
	there := b != nil
	add(a, there, route{Method: http.MethodGet, Path: "/intake", ID: "get-intake", Area: "intake", Needs: auth.Look, Summary: "Sources, rates, lag, failures"},
		func(ctx context.Context, _ *struct{}) (*body[Intake], error) {
			v, err := b.Intake(ctx)
			return &body[Intake]{v}, err
		})
	add(a, there, route{Method: http.MethodGet, Path: "/intake/objects", ID: "list-objects", Area: "intake", Needs: auth.Look, Summary: "Objects and what became of them"},
		func(ctx context.Context, r *IntakeObjectsRequest) (*body[IntakeObjects], error) {
			v, err := b.IntakeObjects(ctx, *r)
			return &body[IntakeObjects]{v}, err
		})
	add(a, there, route{Method: http.MethodPost, Path: "/intake/objects/{id}/retry", ID: "retry-object", Area: "intake", Needs: auth.Replay, Status: http.StatusNoContent,
		Summary: "Read an object again that ended without being loaded"},
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*nothing, error) {
			err := b.RetryObject(ctx, r.ID)
			if err == nil {
				a.audit(ctx, auth.Entry{Action: auth.ActionRetry, Target: r.ID})
			}
			return nil, err
		})
	add(a, there, route{Method: http.MethodGet, Path: "/intake/storage", ID: "get-storage", Area: "intake", Needs: auth.Look, Summary: "What is stored, by day and log type"},
		func(ctx context.Context, _ *struct{}) (*body[Storage], error) {
			v, err := b.Storage(ctx)
			return &body[Storage]{v}, err
		})
	registerQuarantine(a, q)
}
