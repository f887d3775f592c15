package content_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/dashboard"
	"github.com/yagura-siem/yagura/internal/enrich"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store/naive"
)

func shippedBoards(t *testing.T) (*content.Content, []*content.Dashboard) {
	t.Helper()
	c := shipped(t)
	list, err := c.Dashboards(content.Source{FS: os.DirFS(repository + "/content"), Path: "content", Origin: content.BuiltIn})
	if err != nil {
		t.Fatal(err)
	}
	return c, list
}

// TestShippedDashboards: every panel parses, its fields are declared, nothing is a warning, and
// every text is there in both languages.
func TestShippedDashboards(t *testing.T) {
	t.Parallel()
	_, list := shippedBoards(t)
	var ids []string
	for _, d := range list {
		ids = append(ids, d.ID)
		for _, p := range d.Problems {
			t.Error(p)
		}
		if d.Source != nil {
			bilingual(t, d.ID, reflect.ValueOf(d.Source.Definition))
		}
	}
	for _, id := range []string{"aws-cloudtrail", "aws-elb", "aws-guardduty", "aws-waf", "intake", "threat-hunting"} {
		if !slices.Contains(ids, id) {
			t.Errorf("%s is not shipped", id)
		}
	}
}

// Texts that are names: the same in both languages.
var names = []string{"AWS WAF", "AWS CloudTrail", "Amazon GuardDuty", "Elastic Load Balancing", "Web ACL", "ALB 403", "ALB 5xx", "EC2", "IAM", "Kubernetes", "S3"}

func bilingual(t *testing.T, where string, v reflect.Value) {
	if text, ok := v.Interface().(dashboard.Text); ok {
		switch ascii := !strings.ContainsFunc(text.JA, func(r rune) bool { return r > 0x7f }); {
		case (text.EN == "") != (text.JA == ""):
			t.Errorf("%s: %+v: one language is missing", where, text)
		case ascii && text.EN != "" && !slices.Contains(names, text.EN):
			t.Errorf("%s: %q is not Japanese", where, text.JA)
		case strings.ContainsFunc(text.EN, func(r rune) bool { return r > 0x2fff }):
			t.Errorf("%s: %q is not English", where, text.EN)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			bilingual(t, where+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			bilingual(t, fmt.Sprintf("%s[%d]", where, i), v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			bilingual(t, where+"."+k.String(), v.MapIndex(k))
		}
	}
}

// counterparts names, for each panel of the boards people come from, the panel here that
// answers it.
var counterparts = map[string]map[string]string{
	"aws-waf": {
		"AWS Account": "accounts", "Region": "regions", "Executed WAF Rules": "rules-donut", "Number of All Requests": "requests", "Allowed vs Blocked Requests": "actions-time",
		"Number of Blocked Requests": "blocked", "Filters": "filters", "Countries By Number of Request": "map-requests", "HTTP Methods": "methods", "HTTP Versions": "versions",
		"Unique IP Count": "unique-ips", "Requests Count": "requests-time", "Top 10 URI": "uris", "Top 10 IP Addresses": "ips", "Top 10 Countries": "countries", "Top 10 WebACL": "webacls",
		"Top 10 User-Agents": "user-agents", "Top 10 Hosts": "hosts", "Top 10 Rules": "rules", "AWSWAF": "events",
	},
	"aws-elb": {
		"Controls": "filters", "AWS Account": "accounts", "Region": "regions", "HTTP Response Code": "status", "HTTP Response Code Trend": "status-time", "Transfer Size": "transfer",
		"HTTP Protocol": "protocols", "HTTP Request Method": "methods", "SSL Protocol": "tls", "SSL Cipher": "ciphers", "URL Domain": "domains", "URL Path": "paths", "User Agent": "user-agents",
		"Source IP Country": "countries", "Source Countries Geo Map": "map", "Source IP": "sources", "Destination IP": "destinations", "Processing Time": "processing", "ELB": "events",
	},
	"aws-cloudtrail": {
		"AWS Account": "accounts", "Region": "regions", "Source Countries": "countries", "Source IP": "ips", "Source Countries(Geo)": "map", "Source AS": "networks", "Login Failed": "login-failed",
		"Root Login(CIS3.3)": "root-login", "Unauthorized API Calls(CIS3.1)": "unauthorized", "UserIdentity.arn": "arns", "Security Group Changed(CIS3.10)": "sg-changed",
		"NACL Changed(CIS3.11)": "nacl-changed", "Network Gateway Changed(CIS3.12)": "gateway-changed", "Route Table Changed(CIS3.13)": "route-changed", "VPC Changed(CIS3.14)": "vpc-changed",
		"S3 Bucket Changed(CIS3.8)": "bucket-changed", "KMS Key Changed": "kms-changed", "Event Name(Pie)": "action-donut", "Event Name(Area)": "action-time", "Event Type(Pie)": "type-donut",
		"Event Type(Area)": "type-time", "Error Code(Pie)": "error-donut", "Error Code(Area)": "error-time", "Event Source(Pie)": "service-donut", "Event Source(Area)": "service-time",
		"TLS version": "tls", "User Agent Browser": "user-agents", "Matched IoC": "lists", "CloudTrail": "events",
		"CIS3.2": "no-mfa", "CIS3.4": "iam-policy", "CIS3.5": "trail-changed", "CIS3.9": "config-changed", // these they lack
	},
	"aws-guardduty": {
		"AWS Account": "accounts", "Region": "regions", "Findings": "kinds", "Severity Count by Findings": "severity-findings", "Severity Count by Logs": "severity-logs",
		"Severity Count by Logs (Bar)": "severity-time", "Network Direction": "directions", "Affected Instance": "instances", "ThreatPurpose": "purposes", "ThreatFamilyName": "families",
		"Resource Type Affected": "resources", "Source Countries Geo Map": "map", "Type Table": "findings", "user.name": "user-names", "user.id": "user-ids", "source": "sources",
		"destination": "destinations", "EKS Cluster Name": "clusters", "Malware name": "malware", "S3 Bucket Name": "buckets", "GuardDuty": "events",
	},
	"threat-hunting": {
		"AWS Account": "accounts", "AWS Region": "regions", "LogType": "types", "Type Table": "rules", "Source IP": "source-ips", "Source Countries": "source-countries",
		"Source AS Organization": "source-networks", "Destination IP table": "destination-ips", "Destination Countries": "destination-countries", "Destination AS Organization": "destination-networks",
		"Action Table": "actions", "Sent Size via VPC": "sent", "Received Size via VPC": "received", "Bucket Access Count": "bucket-access", "Upload": "upload", "Download": "download", "ECS Fields": "events",
	},
}

func TestEveryPanelHasItsCounterpart(t *testing.T) {
	t.Parallel()
	_, list := shippedBoards(t)
	want := map[string]int{"aws-waf": 20, "aws-elb": 19, "aws-cloudtrail": 29 + 4, "aws-guardduty": 21, "threat-hunting": 17}
	for _, d := range list {
		if len(counterparts[d.ID]) != want[d.ID] {
			t.Errorf("%s: %d counterparts, want %d", d.ID, len(counterparts[d.ID]), want[d.ID])
		}
		for theirs, ours := range counterparts[d.ID] {
			if !slices.ContainsFunc(d.Source.Definition.Panels, func(p dashboard.Panel) bool { return p.ID == ours }) {
				t.Errorf("%s: %q has no counterpart: there is no panel %s", d.ID, theirs, ours)
			}
		}
	}
}

// sampleStore holds the events of all samples.
func sampleStore(t *testing.T, c *content.Content) *naive.Searcher {
	t.Helper()
	tables, _, err := enrich.New(enrich.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var records []naive.Record
	for _, f := range c.Folders {
		batches, err := c.Samples(context.Background(), f, tables.NewWorker())
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range batches {
			for _, r := range naive.FromBatch(b) {
				r.ID = fmt.Sprintf("%s-%s-%d", r.ID, f.Name, i)
				records = append(records, r)
			}
		}
	}
	return naive.New(records)
}

// TestShippedDashboardsOverSamples runs every panel over the samples and asks each question again
// with the command the panel shows: the numbers must be the same.
func TestShippedDashboardsOverSamples(t *testing.T) {
	t.Parallel()
	c, list := shippedBoards(t)
	s := sampleStore(t, c)
	o := c.QueryOptions()
	r := dashboard.NewRunner(dashboard.Config{Searcher: s, Options: func() query.Options { return o }})
	for _, d := range list {
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			p := dashboard.Params{From: "2025-11-01", To: "2025-11-20", Now: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), Choices: true}
			res, err := r.Run(t.Context(), d.Board, p, nil)
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			for id, panel := range res.Panels {
				if d.ID == "intake" && id == "stored-time" {
					continue // samples were never stored
				}
				if panel.Error != nil {
					t.Errorf("%s: %s", id, panel.Error.Message)
					continue
				}
				if panel.Data != nil {
					rows += len(panel.Data.Rows)
				}
				for _, diff := range dashboard.Verify(t.Context(), s, o, d.Board, id, panel) {
					t.Errorf("%s: %s", id, diff)
				}
			}
			if rows == 0 {
				t.Error("no panel has rows")
			}
			for name, v := range res.Variables {
				if v.Error != "" {
					t.Errorf("variable %s: %s", name, v.Error)
				}
			}
		})
	}
}

func TestUserDashboardsOverlay(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	good := []byte("title: Mine\npanels:\n  - {id: a, title: A, view: number, query: '| stats count()'}\n")
	user := fstest.MapFS{
		"dashboards/aws-waf.yaml": {Data: good},
		"dashboards/broken.yaml":  {Data: []byte("title: B\npanels:\n  - {id: a, title: A, view: number, query: 'x = 1 | stats count()'}\n")},
		"dashboards/.hidden.yaml": {Data: good},
		"dashboards/notes.txt":    {Data: good},
		"dashboards/sub/x.yaml":   {Data: good},
	}
	list, err := c.Dashboards(
		content.Source{FS: os.DirFS(repository + "/content"), Path: "content", Origin: content.BuiltIn},
		content.Source{FS: user, Path: "mine", Origin: content.User})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, d := range list {
		if d.Board == nil {
			got[d.ID] = d.Problems[0].String()
		} else if d.Origin == content.User {
			got[d.ID] = d.Board.Definition.Title.EN + " instead of " + d.Replaces
		}
	}
	want := map[string]string{
		"aws-waf": "Mine instead of content/dashboards/aws-waf.yaml",
		"broken":  `mine/dashboards/broken.yaml:3:47: "=" is no operator (write x:1, or put the text in quotes to search for it)`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(filepath.Join(repository, "content", "dashboards", "intake.yaml")); err != nil || len(list) < 7 {
		t.Errorf("%d dashboards beside the broken one", len(list))
	}
}
