package logtype

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
)

// parsedHelper takes a text apart into named outputs, once per record.
type parsedHelper struct {
	id    int
	of    source
	names []string // outputs asked for
	take  func(s string, names []string, out []string)
	known []string // nil = any name (kv)
}

// output is the number of an output, -1 when there is none of that name.
func (h *parsedHelper) output(name string) int {
	if i := slices.Index(h.names, name); i >= 0 {
		return i
	}
	if h.known != nil && !slices.Contains(h.known, name) {
		return -1
	}
	h.names = append(h.names, name)
	return len(h.names) - 1
}

func (h *parsedHelper) outputs(e *env) []string {
	st := &e.states[h.id]
	if st.record == e.record {
		return st.out
	}
	st.record = e.record
	if st.out == nil {
		st.out = make([]string, len(h.names))
	}
	v := h.of.value(e)
	if !v.Scalar() {
		clear(st.out)
		st.value = parse.Value{}
		return st.out
	}
	s := e.text(v)
	if st.block == e.block && s == st.value.Text && s != "" {
		return st.out // the same text as the last time
	}
	clear(st.out)
	st.value.Text, st.block = s, e.block
	if s != "" {
		h.take(s, h.names, st.out)
	}
	return st.out
}

var parseOutputs = map[string][]string{
	"arn":          {"partition", "service", "region", "account", "resource", "resource_type", "resource_id"},
	"url":          {"scheme", "host", "port", "path", "query", "fragment"},
	"host_port":    {"host", "port"},
	"ip_port":      {"ip", "port"},
	"request_line": {"method", "url", "version"},
}

func newParsed(kind, pattern string) (*parsedHelper, error) {
	h := &parsedHelper{known: parseOutputs[kind]}
	switch kind {
	case "arn":
		h.take = takeARN
	case "url":
		h.take = takeURL
	case "host_port":
		h.take = takeHostPort
	case "ip_port":
		h.take = takeIPPort
	case "request_line":
		h.take = takeRequestLine
	case "kv":
		h.take = takePairs
	case "regex":
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, err
		}
		for _, n := range re.SubexpNames() {
			if n != "" {
				h.known = append(h.known, n)
			}
		}
		h.take = func(s string, names, out []string) {
			m := re.FindStringSubmatch(s)
			for i, n := range names {
				if k := re.SubexpIndex(n); m != nil && k >= 0 {
					out[i] = m[k]
				}
			}
		}
	case "dissect":
		d, err := compileDissect(pattern)
		if err != nil {
			return nil, err
		}
		for _, k := range d.keys {
			if k != "" {
				h.known = append(h.known, k)
			}
		}
		h.take = d.take
	default:
		return nil, fmt.Errorf("unknown parse %q", kind)
	}
	if h.known == nil && kind != "kv" {
		h.known = []string{}
	}
	return h, nil
}

// setOutput stores a part if somebody asked for it.
func setOutput(names, out []string, name, value string) {
	for i, n := range names {
		if n == name {
			out[i] = value
		}
	}
}

func takeARN(s string, names, out []string) {
	if !strings.HasPrefix(s, "arn:") {
		return
	}
	rest := s[4:]
	var parts [4]string
	for i := range parts {
		k := strings.IndexByte(rest, ':')
		if k < 0 {
			return
		}
		parts[i], rest = rest[:k], rest[k+1:]
	}
	kind, id := "", rest
	if k := strings.IndexAny(rest, "/:"); k >= 0 {
		kind, id = rest[:k], rest[k+1:]
	}
	for i, n := range names {
		switch n {
		case "partition":
			out[i] = parts[0]
		case "service":
			out[i] = parts[1]
		case "region":
			out[i] = parts[2]
		case "account":
			out[i] = parts[3]
		case "resource":
			out[i] = rest
		case "resource_type":
			out[i] = kind
		case "resource_id":
			out[i] = id
		}
	}
}

// splitHostPort takes host:port apart; a bare IPv6 address is all host.
func splitHostPort(s string) (host, port string) {
	if strings.HasPrefix(s, "[") {
		if k := strings.IndexByte(s, ']'); k > 0 {
			host = s[1:k]
			if strings.HasPrefix(s[k+1:], ":") {
				port = s[k+2:]
			}
			return host, digits(port)
		}
	}
	k := strings.LastIndexByte(s, ':')
	if k < 0 {
		return s, ""
	}
	if strings.IndexByte(s[:k], ':') >= 0 && !strings.Contains(s[:k], ".") {
		// More than one colon: an IPv6 address. Eight groups before the last colon, and what
		// follows must be its port.
		if strings.Count(s[:k], ":") == 7 {
			return s[:k], digits(s[k+1:])
		}
		return s, ""
	}
	return s[:k], digits(s[k+1:])
}

func digits(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return ""
		}
	}
	return s
}

func takeHostPort(s string, names, out []string) {
	host, port := splitHostPort(s)
	setOutput(names, out, "host", host)
	setOutput(names, out, "port", port)
}

// splitIPPort cuts an address from the port behind its last colon, as load balancers write them: IPv6
// stands there without brackets. What has no port, or is no such pair, is all address.
func splitIPPort(s string) (ip, port string) {
	k := strings.LastIndexByte(s, ':')
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s[:max(k, 0)], "]") {
		if port := s[k+1:]; isPort(port) {
			return s[1 : k-1], port
		}
		return s, ""
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		return s[1 : len(s)-1], ""
	}
	if k < 1 || !isPort(s[k+1:]) {
		return s, ""
	}
	ip = s[:k]
	if n := strings.Count(ip, ":"); n > 0 {
		// An address of its own: its last group is no port, as what is left shows.
		if ip[k-1] == ':' && !strings.HasSuffix(ip, "::") || n == 6 && !strings.Contains(ip, "::") && !strings.Contains(ip, ".") {
			return s, ""
		}
	}
	return ip, s[k+1:]
}

func isPort(s string) bool { return s != "" && len(s) <= 5 && digits(s) == s }

func takeIPPort(s string, names, out []string) {
	ip, port := splitIPPort(s)
	setOutput(names, out, "ip", ip)
	setOutput(names, out, "port", port)
}

func takeURL(s string, names, out []string) {
	scheme, host, port, query, fragment := "", "", "", "", ""
	if k := strings.IndexByte(s, '#'); k >= 0 {
		s, fragment = s[:k], s[k+1:]
	}
	if k := strings.IndexByte(s, '?'); k >= 0 {
		s, query = s[:k], s[k+1:]
	}
	if k := strings.Index(s, "://"); k > 0 && k < 32 {
		scheme = s[:k]
		s = s[k+3:]
		authority := s
		if k := strings.IndexByte(s, '/'); k >= 0 {
			authority, s = s[:k], s[k:]
		} else {
			s = ""
		}
		if k := strings.LastIndexByte(authority, '@'); k >= 0 {
			authority = authority[k+1:]
		}
		host, port = splitHostPort(authority)
	}
	for i, n := range names {
		switch n {
		case "scheme":
			out[i] = scheme
		case "host":
			out[i] = host
		case "port":
			out[i] = port
		case "path":
			out[i] = s
		case "query":
			out[i] = query
		case "fragment":
			out[i] = fragment
		}
	}
}

// takeRequestLine takes a method, a target that may hold spaces, and a version apart.
func takeRequestLine(s string, names, out []string) {
	method, rest, ok := strings.Cut(s, " ")
	if !ok {
		setOutput(names, out, "url", s)
		return
	}
	version := ""
	if k := strings.LastIndexByte(rest, ' '); k >= 0 {
		if tail := rest[k+1:]; strings.HasPrefix(tail, "HTTP/") || tail == "-" || tail == "" {
			version, rest = tail, rest[:k]
		}
	}
	setOutput(names, out, "method", method)
	setOutput(names, out, "url", rest)
	setOutput(names, out, "version", version)
}

// takePairs reads key=value pairs separated by white space, commas, semicolons or &; values may be quoted.
func takePairs(s string, names, out []string) {
	for i := 0; i < len(s); {
		for i < len(s) && strings.IndexByte(" \t,;&", s[i]) >= 0 {
			i++
		}
		start := i
		for i < len(s) && s[i] != '=' && strings.IndexByte(" \t,;&", s[i]) < 0 {
			i++
		}
		if i >= len(s) || s[i] != '=' {
			continue
		}
		key := s[start:i]
		i++
		var value string
		if i < len(s) && (s[i] == '"' || s[i] == '\'') {
			if k := strings.IndexByte(s[i+1:], s[i]); k >= 0 {
				value = s[i+1 : i+1+k]
				i += k + 2
				setFirst(names, out, key, value)
				continue
			}
		}
		start = i
		for i < len(s) && strings.IndexByte(" \t,;&", s[i]) < 0 {
			i++
		}
		value = s[start:i]
		setFirst(names, out, key, value)
	}
}

func setFirst(names, out []string, name, value string) {
	for i, n := range names {
		if n == name && out[i] == "" {
			out[i] = value
		}
	}
}

// dissect is a pattern of literal texts between keys: keys[i] stands before lits[i+1].
type dissect struct {
	lits []string
	keys []string
}

func compileDissect(p string) (*dissect, error) {
	d := &dissect{}
	for {
		i := strings.Index(p, "%{")
		if i < 0 {
			d.lits = append(d.lits, p)
			break
		}
		j := strings.IndexByte(p[i:], '}')
		if j < 0 {
			return nil, fmt.Errorf("%%{ without }")
		}
		if i == 0 && len(d.keys) > 0 {
			return nil, fmt.Errorf("two keys without a text between them")
		}
		d.lits = append(d.lits, p[:i])
		d.keys = append(d.keys, p[i+2:i+j])
		p = p[i+j+1:]
	}
	if len(d.keys) == 0 {
		return nil, fmt.Errorf("no %%{key}")
	}
	return d, nil
}

func (d *dissect) take(s string, names, out []string) {
	if !strings.HasPrefix(s, d.lits[0]) {
		return
	}
	s = s[len(d.lits[0]):]
	for i, key := range d.keys {
		lit := d.lits[i+1]
		end := len(s)
		if lit != "" {
			if end = strings.Index(s, lit); end < 0 {
				clear(out)
				return
			}
		}
		setOutput(names, out, key, s[:end])
		s = s[min(len(s), end+len(lit)):]
	}
}
