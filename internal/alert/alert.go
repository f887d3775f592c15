// Package alert says what findings and alerts are: their fields, states and identity. A finding is
// one match of a rule, stored as an event of its own log type; an alert is what a person must look
// at: all findings of a rule about the same thing, for ever. Everything here is pure; package state
// keeps alerts, package ingest makes findings.
package alert

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"time"
)

// Severity is how bad a finding is, from Informational to Critical. The numbers are stored.
type Severity int

// The severities.
const (
	Informational Severity = iota + 1
	Low
	Medium
	High
	Critical
)

var severityNames = []string{"", "informational", "low", "medium", "high", "critical"}

// Severities lists all of them, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Informational} }

// ParseSeverity reads the name of a severity.
func ParseSeverity(s string) (Severity, bool) {
	i := slices.Index(severityNames, s)
	return Severity(i), i > 0
}

func (s Severity) String() string {
	if s < Informational || s > Critical {
		return fmt.Sprintf("severity(%d)", int(s))
	}
	return severityNames[s]
}

// Status is where an alert stands. The numbers are stored.
type Status int

// The statuses.
const (
	New          Status = 0 // nobody has looked at it
	Acknowledged Status = 1 // somebody does
	Closed       Status = 2 // dealt with; a later finding opens it again
)

var statusNames = []string{"new", "acknowledged", "closed"}

// Statuses lists all of them.
func Statuses() []Status { return []Status{New, Acknowledged, Closed} }

// ParseStatus reads the name of a status.
func ParseStatus(s string) (Status, bool) {
	i := slices.Index(statusNames, s)
	return Status(i), i >= 0
}

func (s Status) String() string {
	if s < New || s > Closed {
		return fmt.Sprintf("status(%d)", int(s))
	}
	return statusNames[s]
}

// Field is a field with one value.
type Field struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

func (f Field) String() string { return f.Field + "=" + f.Value }

// Rule is what findings and alerts carry of the rule they come from.
type Rule struct {
	ID         string
	Version    string // hash of its text
	Title      string
	TitleJA    string
	Severity   Severity
	Author     string // shown with each finding: the license of public rules demands it
	License    string
	Ruleset    string // where it comes from: built-in or user
	References []string
	Tags       []string
}

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// idLength is that of a fingerprint in characters of five bits.
const idLength = 20

// Fingerprint is the identity of an alert: the same rule and group are the same alert, for ever. The
// version of the rule is no part of it: mending a rule does not begin its alerts anew.
func Fingerprint(rule string, group []Field) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s;", len(rule), rule)
	for _, f := range group {
		fmt.Fprintf(h, "%d:%s=%d:%s;", len(f.Field), f.Field, len(f.Value), f.Value)
	}
	return idEncoding.EncodeToString(h.Sum(nil))[:idLength]
}

// Raise is what one object adds to one alert.
type Raise struct {
	Alert    string // fingerprint
	Rule     *Rule
	Group    []Field
	LogTypes []string // of the events, sorted
	Object   string   // id
	Findings int64
	First    int64 // time of the earliest event, ns
	Last     int64
	Samples  []string // ids of the first findings, at most MaxSamples
	Fresh    bool     // some event was not old when it came in: people may be told
}

// Change is an alert whose status a commit has changed.
type Change struct {
	ID       string
	Rule     string
	Severity Severity
	Object   string // id of the first object that raised or reopened it; "" when it was withdrawn
	Action   string // LogRaised, LogCurrent, LogReopened or LogWithdrawn
	Notify   bool   // people are to be told
}

// MaxSamples is how many findings of an object are remembered with its alert.
const MaxSamples = 5

// Alert is an alert as stored.
type Alert struct {
	ID       string // fingerprint
	Rule     string
	Version  string // of the rule, at the latest finding
	Title    string
	TitleJA  string
	Severity Severity
	Author   string
	License  string
	Group    []Field
	LogTypes []string
	Status   Status
	Assignee string
	Findings int64
	First    time.Time // of its events
	Last     time.Time
	Created  time.Time // when it was raised
	Updated  time.Time // by findings or people
	Closed   time.Time // zero while open
	Reason   string    // why it is closed
	Backfill bool      // all its events were old when they came in: nobody is told
}

// LogEntry is a line of the history of an alert.
type LogEntry struct {
	Time   time.Time
	Who    string // System, or a person
	Action string
	Note   string
}

// System is who acts when nobody does.
const System = "yagura"

// What is written into the log of an alert, beside the names of actions.
const (
	LogRaised    = "raised"
	LogCurrent   = "current"   // its first finding that is not of old events
	LogReopened  = "reopened"  // by a finding
	LogWithdrawn = "withdrawn" // closed: the objects its findings came from were replaced by others that have none
)

// Action is what a person does to an alert.
type Action string

// The actions.
const (
	Acknowledge Action = "acknowledge"
	Close       Action = "close"
	Reopen      Action = "reopen"
	Assign      Action = "assign"
	Comment     Action = "comment"
)

// Actions lists all of them.
func Actions() []Action { return []Action{Acknowledge, Close, Reopen, Assign, Comment} }

// Reasons are those a person may close an alert with. "resolved" is the one when none is given.
func Reasons() []string {
	return []string{"resolved", "false_positive", "expected", "duplicate", "wont_fix"}
}

// Others is the group of the alert for findings of a rule that has begun too many alerts at once.
func Others() []Field { return []Field{{"*", "others"}} }
