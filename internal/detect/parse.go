package detect

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Parse reads the rules of a file. file is only for messages. Every rule that is well-formed is
// returned, also when others in the file are not; the problems are everything that is wrong, in
// order of place.
func Parse(file string, src []byte) ([]*Rule, Problems) {
	p := newProblems(file, src)
	var rules []*Rule
	for _, doc := range readYAML(src, p) {
		p.rule = ""
		if r := readRule(&doc, p); r != nil {
			rules = append(rules, r)
		}
	}
	return rules, p.sorted()
}

// ruleKeys are the keys of the specification. Others are the author's own, unless they look like
// one of these.
var ruleKeys = []string{
	"title", "id", "name", "related", "taxonomy", "status", "description", "license", "references", "author", "date", "modified", "tags",
	"scope", "logsource", "detection", "fields", "falsepositives", "level", "yagura", "correlation", "filter", "action", "simulation", "regression_tests_path",
}

var statuses = []string{"stable", "test", "experimental", "deprecated", "unsupported"}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// defaultLicense is that of the public rules, which seldom name it.
const defaultLicense = "DRL 1.1"

// readRule reads one document; nil when it is no rule that can run.
func readRule(n *value, p *problems) *Rule {
	before := p.errors
	if !p.want(n, yamlMap, "a rule") {
		return nil
	}
	r := &Rule{File: p.file, Pos: n.pos, Level: "medium", License: defaultLicense}
	if t := n.get("title"); t != nil {
		r.Title.EN, r.Pos = p.text(t, "title"), t.pos
		p.rule = r.Title.EN
	}
	for _, kind := range []string{"correlation", "filter"} {
		if v := n.get(kind); v != nil {
			p.refuse(v.pos, kind, "%s rules are not supported yet: only rules about single events are", kind)
			return nil
		}
	}
	if a := n.get("action"); a != nil {
		p.refuse(a.pos, "action", "rule collections (action: %s) are not supported: write one rule a document", a.text)
		return nil
	}
	for _, must := range []string{"title", "logsource", "detection"} {
		if n.get(must) == nil {
			p.add(n.pos, "%s is missing", must)
		}
	}
	for i := range n.pairs {
		readRuleKey(&n.pairs[i], r, p)
	}
	if r.Title.EN == "" && n.get("title") != nil {
		p.add(r.Pos, "title is empty")
	}
	if len(r.Title.EN) > 256 {
		p.add(r.Pos, "title: at most 256 bytes")
	}
	if r.ID == "" {
		base := path.Base(p.file)
		r.ID = strings.TrimSuffix(base, path.Ext(base))
	}
	if d := n.get("detection"); d != nil {
		r.Conditions, r.root = readDetection(d, p)
	}
	if p.errors > before {
		return nil
	}
	sum := sha256.New()
	for _, part := range []string{"logsource", "detection"} {
		n.get(part).write(sum)
	}
	for _, t := range r.LogTypes {
		sum.Write([]byte(t + "\n"))
	}
	r.Hash = hex.EncodeToString(sum.Sum(nil)[:16])
	return r
}

func readRuleKey(x *pair, r *Rule, p *problems) {
	v := &x.value
	switch x.key {
	case "id":
		r.ID = p.text(v, "id")
		if !uuidForm.MatchString(r.ID) {
			if len(r.ID) > 100 || strings.ContainsAny(r.ID, "/\\ \t\n") || r.ID == "" {
				p.hint(v.pos, "a UUID, for example from uuidgen", "id %s cannot be used", quote(r.ID))
			} else {
				p.warn(v.pos, "a UUID, for example from uuidgen", "id %s is no UUID", quote(r.ID))
			}
		}
	case "status":
		if r.Status = p.text(v, "status"); !slices.Contains(statuses, r.Status) {
			p.warn(v.pos, strings.Join(statuses, ", "), "unknown status %s", quote(r.Status))
		}
	case "level":
		if r.Level = p.text(v, "level"); !slices.Contains(Levels, r.Level) {
			p.hint(v.pos, strings.Join(Levels, ", "), "unknown level %s", quote(r.Level))
		}
	case "description":
		r.Description.EN = strings.TrimSpace(p.text(v, x.key))
	case "author":
		r.Author = strings.Join(p.texts(v, x.key), ", ")
	case "license":
		r.License = p.text(v, x.key)
	case "date":
		r.Date = p.text(v, x.key)
	case "modified":
		r.Modified = p.text(v, x.key)
	case "references":
		r.References = p.texts(v, x.key)
	case "tags":
		r.Tags = p.texts(v, x.key)
	case "falsepositives":
		r.FalsePositives = p.texts(v, x.key)
	case "fields":
		r.Fields = p.texts(v, x.key)
	case "logsource":
		r.Source = p.logSource(v, "definition")
	case "yagura":
		readOwn(v, r, p)
	default:
		if !slices.Contains(ruleKeys, x.key) {
			if h := suggest(x.key, ruleKeys); h != "" {
				p.warn(x.pos, h, "unknown key %s", quote(x.key))
			}
		}
	}
}

// logSource reads the parts of a log source; others may stand beside them.
func (p *problems) logSource(n *value, others ...string) LogSource {
	var l LogSource
	if !p.want(n, yamlMap, "logsource") {
		return l
	}
	for i := range n.pairs {
		v := &n.pairs[i].value
		switch key := n.pairs[i].key; key {
		case "product":
			l.Product = p.text(v, key)
		case "category":
			l.Category = p.text(v, key)
		case "service":
			l.Service = p.text(v, key)
		default:
			if !slices.Contains(others, key) {
				if h := suggest(key, []string{"product", "category", "service", "definition"}); h != "" {
					p.hint(n.pairs[i].pos, h, "unknown key %s in logsource", quote(key))
				}
			}
		}
	}
	return l
}

// readOwn reads the block yagura:, what Sigma has no words for.
func readOwn(n *value, r *Rule, p *problems) {
	if !p.only(n, "yagura", "group_by", "tests", "title_ja", "description_ja", "runbook", "log_types", "enabled") {
		return
	}
	for i := range n.pairs {
		v := &n.pairs[i].value
		switch key := n.pairs[i].key; key {
		case "group_by":
			r.GroupBy = p.texts(v, key)
			if len(r.GroupBy) > 8 {
				p.add(v.pos, "group_by: at most 8 fields")
			}
		case "log_types":
			r.LogTypes = p.texts(v, key)
		case "enabled":
			r.Disabled = p.want(v, yamlBool, key) && v.text == "false"
		case "title_ja":
			r.Title.JA = p.text(v, key)
		case "description_ja":
			r.Description.JA = strings.TrimSpace(p.text(v, key))
		case "runbook":
			if v.kind != yamlMap {
				r.Runbook.EN = strings.TrimSpace(p.text(v, key))
				continue
			}
			p.only(v, key, "en", "ja")
			if t := v.get("en"); t != nil {
				r.Runbook.EN = strings.TrimSpace(p.text(t, key))
			}
			if t := v.get("ja"); t != nil {
				r.Runbook.JA = strings.TrimSpace(p.text(t, key))
			}
		case "tests":
			if p.want(v, yamlList, key) {
				for j := range v.items {
					r.Tests = append(r.Tests, p.test(&v.items[j]))
				}
			}
		}
	}
}

func (p *problems) test(n *value) Test {
	t := Test{Pos: n.pos, Match: true}
	if !p.only(n, "a test", "name", "event", "record", "log_type", "match", "fields") {
		return t
	}
	if n.get("match") == nil {
		p.add(n.pos, "a test says match: true or match: false")
	}
	for i := range n.pairs {
		v := &n.pairs[i].value
		switch key := n.pairs[i].key; key {
		case "name":
			t.Name = p.text(v, key)
		case "log_type":
			t.LogType = p.text(v, key)
		case "record":
			t.Record = p.text(v, key)
		case "match":
			p.want(v, yamlBool, key)
			t.Match = v.text == "true"
		case "event":
			if p.want(v, yamlMap, key) {
				t.Event, _ = v.plain().(map[string]any)
			}
		case "fields":
			if p.want(v, yamlMap, key) {
				t.Fields = map[string]string{}
				for j := range v.pairs {
					t.Fields[v.pairs[j].key] = p.text(&v.pairs[j].value, key)
				}
			}
		}
	}
	if (t.Event == nil) == (t.Record == "") {
		p.add(n.pos, "a test has an event or a record")
	}
	if t.Name == "" {
		p.add(n.pos, "a test needs a name")
	}
	return t
}
