package enrich

import "strings"

// agent is what a user agent says of itself. Empty texts are unknown.
type agent struct {
	name      string // browser, program or bot
	version   string
	os        string
	osVersion string
	device    string
	bot       string
	botClass  string
}

// maxAgent is how much of a user agent is read; real ones are below 500 bytes.
const maxAgent = 1024

// parseAgent reads a user agent. It never fails: what it does not know stays empty.
func (t *Tables) parseAgent(s string) agent {
	if len(s) > maxAgent {
		s = s[:maxAgent]
	}
	var a agent
	var k tokens
	k.read(s)
	a.os, a.osVersion, a.device = system(&k)
	if i, end := t.bots.find(lower(s)); i >= 0 {
		b := t.bots.bots[i]
		a.bot, a.botClass = b.name, b.class
		a.name, a.version = b.name, versionAt(s, end)
	} else {
		a.name, a.version = browser(&k)
	}
	a.name = clean(a.name, 64)
	a.version = clean(a.version, 32)
	a.os = clean(a.os, 32)
	a.osVersion = clean(a.osVersion, 32)
	a.device = clean(a.device, 64)
	return a
}

// versionAt reads the version that follows a name: /1.2 or :1.2 or a blank and 1.2.
func versionAt(s string, i int) string {
	for i < len(s) && (alnum(s[i]) || s[i] == '-' || s[i] == '_') && s[i-1] != '/' {
		i++ // the rest of the word the pattern began
	}
	if i < len(s) && s[i-1] != '/' && (s[i] == '/' || s[i] == ':' || s[i] == ' ') {
		i++
	}
	if i < len(s) && (s[i] == 'v' || s[i] == 'V') {
		i++
	}
	j := i
	for j < len(s) && (alnum(s[j]) || s[j] == '.' || s[j] == '_' || s[j] == '-') {
		j++
	}
	if j == i || s[i] < '0' || s[i] > '9' {
		return ""
	}
	return strings.TrimRight(s[i:j], ".-_")
}

// Bounds of what is looked at in one user agent.
const (
	maxProducts = 32
	maxItems    = 48
)

// product is name/version at the top level of a user agent.
type product struct{ name, version string }

// tokens are the parts of a user agent: products outside comments, and the items between
// semicolons of all comments.
type tokens struct {
	products  [maxProducts]product
	items     [maxItems]string
	comments  [maxItems]int // by item: the comment it stands in
	nProducts int
	nItems    int
	nComments int
}

// read takes a user agent apart. Comments may nest; inner brackets stay in their item.
func (k *tokens) read(s string) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == ';' || c == ',' || c == ')' || c == ']':
			i++
		case c == '(' || c == '[':
			i = k.comment(s, i+1, c)
		default:
			j := i
			for j < len(s) && s[j] != ' ' && s[j] != '(' && s[j] != ';' && s[j] != '\t' {
				j++
			}
			name, version, _ := strings.Cut(s[i:j], "/")
			if name != "" && k.nProducts < maxProducts {
				k.products[k.nProducts] = product{name, version}
				k.nProducts++
			}
			i = j
		}
	}
}

// comment reads the items of a comment that begins at i and returns where it ends.
func (k *tokens) comment(s string, i int, open byte) int {
	k.nComments++
	depth, from := 1, i
	item := func(to int) {
		if v := strings.TrimSpace(s[from:to]); v != "" && k.nItems < maxItems {
			k.items[k.nItems], k.comments[k.nItems] = v, k.nComments
			k.nItems++
		}
	}
	end := byte(')')
	if open == '[' {
		end = ']'
	}
	for ; i < len(s); i++ {
		switch s[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				item(i)
				return i + 1
			}
		case ';':
			if depth == 1 {
				item(i)
				from = i + 1
			}
		}
	}
	item(len(s))
	return len(s)
}

func (k *tokens) version(name string) (string, bool) {
	for _, p := range k.products[:k.nProducts] {
		if p.name == name {
			return p.version, true
		}
	}
	return "", false
}
