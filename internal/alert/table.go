package alert

import (
	"github.com/yagura-siem/yagura/internal/schema"
)

// LogType is that of findings.
const LogType = "yagura.finding"

// Version of the table of findings.
const Version = 1

// Title of the log type for people.
func Title(lang string) string {
	if lang == "ja" {
		return "検知"
	}
	return "Findings"
}

// The fields of a finding that are its own.
const (
	FieldKind         = "event.kind"     // always signal
	FieldScore        = "event.severity" // 1 informational to 5 critical
	FieldRule         = "rule.id"
	FieldName         = "rule.name"
	FieldAuthor       = "rule.author"
	FieldLicense      = "rule.license"
	FieldRuleset      = "rule.ruleset"
	FieldVersion      = "rule.version"
	FieldReference    = "rule.reference"
	FieldTags         = "tags"
	FieldTactic       = "threat.tactic.name"
	FieldTechnique    = "threat.technique.id"
	FieldSubTechnique = "threat.technique.subtechnique.id"
	FieldSeverity     = "yagura.finding.severity"
	FieldEvent        = "yagura.finding.event_id"
	FieldLogType      = "yagura.finding.log_type"
	FieldAlert        = "yagura.finding.alert"
	FieldGroup        = "yagura.finding.group"
	FieldFields       = "yagura.finding.fields"
	FieldBackfill     = "yagura.finding.backfill"
)

// Signal is the event.kind of findings.
const Signal = "signal"

// own are the columns a finding has of its own.
func own() []schema.Field {
	return []schema.Field{
		{Name: FieldKind, Kind: schema.String},
		{Name: FieldScore, Kind: schema.Int},
		{Name: FieldRule, Kind: schema.String},
		{Name: FieldName, Kind: schema.String},
		{Name: FieldAuthor, Kind: schema.Strings},
		{Name: FieldLicense, Kind: schema.String},
		{Name: FieldRuleset, Kind: schema.String},
		{Name: FieldVersion, Kind: schema.String},
		{Name: FieldReference, Kind: schema.String},
		{Name: FieldTags, Kind: schema.Strings},
		{Name: FieldTactic, Kind: schema.Strings},
		{Name: FieldTechnique, Kind: schema.Strings},
		{Name: FieldSubTechnique, Kind: schema.Strings},
		{Name: FieldSeverity, Kind: schema.String},
		{Name: FieldEvent, Kind: schema.String, Plain: true, Bloom: true},
		{Name: FieldLogType, Kind: schema.String},
		{Name: FieldAlert, Kind: schema.String, Bloom: true},
		{Name: FieldGroup, Kind: schema.Strings},
		{Name: FieldFields, Kind: schema.Strings},
		{Name: FieldBackfill, Kind: schema.Bool},
	}
}

// Copied are the fields a finding takes over from its event, so that findings can be searched and
// counted by whom and what they are about.
func Copied() []schema.Field {
	return []schema.Field{
		{Name: "source.ip", Kind: schema.IP, Bloom: true},
		{Name: "source.geo.country_iso_code", Kind: schema.String},
		{Name: "source.geo.country_name", Kind: schema.String},
		{Name: "source.geo.city_name", Kind: schema.String},
		{Name: "source.as.number", Kind: schema.Int},
		{Name: "source.as.organization.name", Kind: schema.String},
		{Name: "yagura.source.network", Kind: schema.String},
		{Name: "client.ip", Kind: schema.IP, Bloom: true},
		{Name: "destination.ip", Kind: schema.IP, Bloom: true},
		{Name: "destination.port", Kind: schema.Int},
		{Name: "user.name", Kind: schema.String, Bloom: true},
		{Name: "user.id", Kind: schema.String},
		{Name: "user_agent.original", Kind: schema.String},
		{Name: "host.name", Kind: schema.String},
		{Name: "cloud.account.id", Kind: schema.String},
		{Name: "cloud.account.name", Kind: schema.String},
		{Name: "cloud.region", Kind: schema.String},
		{Name: "cloud.service.name", Kind: schema.String},
		{Name: "event.action", Kind: schema.String},
		{Name: "event.outcome", Kind: schema.String},
		{Name: "event.provider", Kind: schema.String},
		{Name: "http.request.method", Kind: schema.String},
		{Name: "http.response.status_code", Kind: schema.Int},
		{Name: "url.domain", Kind: schema.String},
		{Name: "url.path", Kind: schema.String},
		{Name: "yagura.lists", Kind: schema.Strings},
	}
}

// NewTable is the table of findings.
func NewTable() *schema.Table {
	t := schema.NewTable(LogType, Version, append(own(), Copied()...))
	t.Derived = true
	return t
}
