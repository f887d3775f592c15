package enrich

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
)

//go:embed bots.txt
var botData string

// botTable finds which line of the bot table matches a user agent. All patterns are tried in
// one walk over the text: heads, keyed by a hash of a pattern's first three bytes, says which
// patterns may begin at a position.
type botTable struct {
	bots     []bot
	patterns []botPattern
	heads    [1 << headBits][]uint16 // numbers of patterns
}

type bot struct{ name, class string }

type botPattern struct {
	text  string // lower case, at least 3 bytes
	bot   int    // line; the lowest match wins
	start bool   // only at the beginning
	loose bool   // anything may stand around it
}

const headBits = 11

// botClasses are the values of yagura.bot.class.
var botClasses = map[string]bool{
	"attack_tool": true, "scanner": true, "search_engine": true, "ai_crawler": true, "seo": true, "monitoring": true,
	"social_preview": true, "archiver": true, "feed": true, "automation": true, "cloud_tool": true, "http_library": true,
	"other_bot": true,
}

// parseBots reads a bot table; the errors name their lines.
func parseBots(data string) (*botTable, error) {
	t := &botTable{}
	var errs []error
	n := 0
	for raw := range strings.Lines(data) {
		n++
		s := strings.TrimSpace(raw)
		if s == "" || s[0] == '#' {
			continue
		}
		if err := t.add(s); err != nil && len(errs) < 20 {
			errs = append(errs, fmt.Errorf("bot table line %d: %w", n, err))
		}
	}
	return t, errors.Join(errs...)
}

func (t *botTable) add(s string) error {
	left, right, ok := strings.Cut(s, " = ")
	class, name, named := strings.Cut(left, " ")
	name = strings.TrimSpace(name)
	switch {
	case !ok || !named || name == "":
		return fmt.Errorf("want: class name = pattern | pattern")
	case !botClasses[class]:
		return fmt.Errorf("unknown class %q", class)
	}
	t.bots = append(t.bots, bot{name, class})
	for p := range strings.SplitSeq(right, " | ") {
		b := botPattern{bot: len(t.bots) - 1}
		p = strings.TrimSpace(p)
		if q, ok := strings.CutPrefix(p, "^"); ok {
			p, b.start = q, true
		} else if q, ok := strings.CutPrefix(p, "*"); ok {
			p, b.loose = q, true
		}
		if len(p) < 3 || len(p) > 64 || len(t.patterns) == 1<<16-1 {
			return fmt.Errorf("pattern %q: want 3 to 64 bytes", p)
		}
		b.text = lower(p)
		h := head(b.text[0], b.text[1], b.text[2])
		t.heads[h] = append(t.heads[h], uint16(len(t.patterns)))
		t.patterns = append(t.patterns, b)
	}
	return nil
}

func head(a, b, c byte) uint32 {
	return (uint32(a) | uint32(b)<<8 | uint32(c)<<16) * 0x9E3779B1 >> (32 - headBits)
}

// find returns the number of the bot in a lower-cased text and where its name ends, or -1.
func (t *botTable) find(s string) (which, end int) {
	which = -1
	for i := 0; i+3 <= len(s); i++ {
		for _, n := range t.heads[head(s[i], s[i+1], s[i+2])] {
			p := &t.patterns[n]
			if which >= 0 && p.bot >= which || !strings.HasPrefix(s[i:], p.text) {
				continue
			}
			if p.start && i > 0 || !p.loose && !word(s, i, i+len(p.text)) {
				continue
			}
			which, end = p.bot, i+len(p.text)
		}
	}
	return which, end
}

// word reports whether s[i:j] does not stand inside a longer word.
func word(s string, i, j int) bool {
	if i > 0 && alnum(s[i-1]) && alnum(s[i]) {
		return false
	}
	return j == len(s) || s[j] < 'a' || s[j] > 'z' || s[j-1] < 'a' || s[j-1] > 'z'
}

func alnum(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// lower is ASCII lower case: it keeps every position.
func lower(s string) string {
	b := make([]byte, len(s))
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b[i] = c
	}
	return string(b)
}
