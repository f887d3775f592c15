package logtype

import (
	"regexp"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

// knownName is an @ name a type uses.
type knownName struct {
	name    string // key, bucket, source, wrap.account, …; key. and a capture
	capture string
	doc     []string // path beside the list of records
}

var knownNames = []string{"key", "bucket", "source", "wrap.account", "wrap.region", "wrap.time", "wrap.id", "wrap.log_group", "wrap.log_stream"}

func (c *compiler) knownRef(path string, pos Pos) source {
	k := knownName{name: path[1:]}
	switch {
	case strings.HasPrefix(k.name, "key."):
		k.name, k.capture = "key.", k.name[4:]
		if !c.hasCapture(k.capture) {
			c.p.add(pos, "key_captures has no group %s", k.capture)
			return nil
		}
	case strings.HasPrefix(k.name, "doc.") && len(c.t.records) > 0:
		p, err := parse.ParsePath(k.name[4:])
		if err != nil || p.Lists() > 0 {
			c.p.add(pos, "%s: want a path of keys after @doc.", path)
			return nil
		}
		for _, s := range p {
			k.doc = append(k.doc, s.Key)
		}
		k.name = "doc." + p.String()
	case !slices.Contains(knownNames, k.name):
		c.p.hint(pos, suggest(k.name, knownNames), "unknown name %s", path)
		return nil
	}
	for i, x := range c.t.known {
		if x.name == k.name && x.capture == k.capture {
			return knownSource{i}
		}
	}
	c.t.known = append(c.t.known, k)
	return knownSource{len(c.t.known) - 1}
}

func (c *compiler) hasCapture(name string) bool {
	if c.t.captures == nil {
		for _, x := range c.d.KeyCaptures {
			re, err := regexp.Compile(x.Text)
			if err != nil {
				c.p.add(x.Pos, "key_captures: %v", err)
				continue
			}
			c.t.captures = append(c.t.captures, re)
		}
	}
	for _, re := range c.t.captures {
		if re.SubexpIndex(name) >= 0 {
			return true
		}
	}
	return false
}

// fillKnown gives the @ names of a type their values for an object and the envelope around the
// records to come.
func (t *Type) fillKnown(known []parse.Value, obj *Object, wrap *envelope.Wrap, doc map[string]string) {
	for i, k := range t.known {
		s := ""
		switch k.name {
		case "key":
			s = obj.Key
		case "bucket":
			s = obj.Bucket
		case "source":
			s = obj.Source
		case "wrap.account":
			s = wrap.Account
		case "wrap.region":
			s = wrap.Region
		case "wrap.time":
			s = wrap.Time
		case "wrap.id":
			s = wrap.ID
		case "wrap.log_group":
			s = wrap.LogGroup
		case "wrap.log_stream":
			s = wrap.LogStream
		case "key.":
			for _, re := range t.captures {
				if g := re.SubexpIndex(k.capture); g >= 0 {
					if m := re.FindStringSubmatch(obj.Key); m != nil && m[g] != "" {
						s = m[g]
						break
					}
				}
			}
		default:
			s = doc[k.name]
		}
		known[i] = textValue(s)
	}
}
