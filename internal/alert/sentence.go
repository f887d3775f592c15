package alert

import "strings"

// severityJA are the severities in Japanese.
var severityJA = map[string]string{"critical": "重大", "high": "高", "medium": "中", "low": "低", "informational": "情報"}

// SeverityText is the name of a severity for people.
func SeverityText(s Severity, lang string) string {
	if lang == "ja" {
		return severityJA[s.String()]
	}
	return s.String()
}

// Sentence says what a finding is, in a language ("en" or "ja"). fields are as in store.Event.Fields;
// title is that of the rule in this language, "" = the stored one.
func Sentence(lang string, fields map[string]any, title string) string {
	text := func(name string) string {
		s, _ := fields[name].(string)
		return s
	}
	if title == "" {
		title = text(FieldName)
	}
	severity := text(FieldSeverity)
	by, from, on, at, with, sep := "by ", "from ", "on ", "in ", "with ", ", "
	if lang == "ja" {
		severity = severityJA[severity]
		by, from, on, at, with, sep = "ユーザー ", "送信元 ", "対象 ", "アカウント ", "操作 ", "、"
	}
	var parts []string
	add := func(word, value string) {
		if value != "" {
			parts = append(parts, word+value)
		}
	}
	add(by, text("user.name"))
	source := text("source.ip")
	if c := text("source.geo.country_iso_code"); c != "" && source != "" {
		source += " (" + c + ")"
	}
	add(from, source)
	add(on, first(text("url.domain")+text("url.path"), text("host.name"), text("destination.ip")))
	if text("url.path") == "" {
		add(with, text("event.action"))
	}
	add(at, first(text("cloud.account.name"), text("cloud.account.id")))
	s := title
	if severity != "" {
		s = "[" + severity + "] " + title
	}
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, sep)
	}
	return s
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
