package enrich

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/yamltext"
)

// account is what is known of a cloud account.
type account struct {
	name  string
	owner string
}

// parseAccounts reads an account file: YAML if the path ends in .yaml or .yml, else CSV.
func parseAccounts(path string, data []byte) (map[string]account, error) {
	var out map[string]account
	var err error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		out, err = parseAccountsYAML(data)
	default:
		out, err = parseAccountsCSV(data)
	}
	if err != nil {
		return nil, fmt.Errorf("reading accounts %s: %w", path, err)
	}
	return out, nil
}

// parseAccountsCSV reads lines of id, name, owner (owner may be left out). A first line
// whose first cell is id, account or account_id names the columns and is skipped; # starts
// a comment line.
func parseAccountsCSV(data []byte) (map[string]account, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.Comment, r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord = '#', -1, true, true
	set := accountSet{}
	for first := true; ; first = false {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return set.done()
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if first {
			switch schema.Fold(strings.TrimSpace(rec[0])) {
			case "id", "account", "account_id", "account id":
				continue
			}
		}
		if len(rec) < 2 || len(rec) > 3 {
			set.fail(line, "want account id, name and owner, got %d values", len(rec))
			continue
		}
		owner := ""
		if len(rec) == 3 {
			owner = rec[2]
		}
		set.add(line, strings.Clone(rec[0]), strings.Clone(rec[1]), strings.Clone(owner))
	}
}

// parseAccountsYAML reads a list of {id, name, owner}.
func parseAccountsYAML(data []byte) (map[string]account, error) {
	f, err := yamltext.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%w (a long list is better kept as CSV)", err)
	}
	set := accountSet{}
	for _, doc := range f.Docs {
		switch body := doc.Body.(type) {
		case nil, *ast.NullNode, *ast.CommentGroupNode:
		case *ast.SequenceNode:
			for _, v := range body.Values {
				set.addNode(v)
			}
		default:
			set.fail(line(body), "want a list of {id, name, owner}")
		}
	}
	return set.done()
}

func line(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 0
	}
	return n.GetToken().Position.Line
}

// accountSet gathers accounts and everything wrong with them.
type accountSet struct {
	m     map[string]account
	lines map[string]int
	errs  []error
}

func (s *accountSet) fail(line int, format string, args ...any) {
	if len(s.errs) < 20 {
		s.errs = append(s.errs, fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...)))
	}
}

func (s *accountSet) add(line int, id, name, owner string) {
	for _, v := range []string{id, name, owner} {
		if v := strings.TrimSpace(v); v != "" && clean(v, 256) == "" {
			s.fail(line, "%.40q: not printable text of at most 256 bytes", v)
			return
		}
	}
	id = strings.TrimSpace(id)
	switch at, again := s.lines[id]; {
	case id == "":
		s.fail(line, "the account id is empty")
		return
	case again:
		s.fail(line, "account %s stands in line %d already", id, at)
		return
	}
	if s.m == nil {
		s.m, s.lines = map[string]account{}, map[string]int{}
	}
	s.m[id], s.lines[id] = account{strings.TrimSpace(name), strings.TrimSpace(owner)}, line
}

// addNode adds one YAML entry. Ids are taken as written, so that leading zeros survive.
func (s *accountSet) addNode(n ast.Node) {
	var pairs []*ast.MappingValueNode
	switch v := n.(type) {
	case *ast.MappingNode:
		pairs = v.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{v}
	default:
		s.fail(line(n), "want {id, name, owner}")
		return
	}
	got := map[string]string{}
	for _, p := range pairs {
		key := scalar(p.Key)
		switch key {
		case "id", "name", "owner":
		default:
			s.fail(line(p), "unknown key %.40q: want id, name, owner", key)
			return
		}
		if _, again := got[key]; again {
			s.fail(line(p), "%s is given twice", key)
			return
		}
		sc, ok := p.Value.(ast.ScalarNode)
		if !ok {
			s.fail(line(p), "%s: want a text", key)
			return
		}
		got[key] = scalar(sc)
	}
	s.add(line(n), got["id"], got["name"], got["owner"])
}

// scalar is the text of a YAML scalar as written (quotes removed).
func scalar(n ast.Node) string {
	switch v := n.(type) {
	case *ast.NullNode:
		return ""
	case *ast.StringNode:
		return v.Value
	case *ast.LiteralNode:
		return v.Value.Value
	}
	if n == nil || n.GetToken() == nil {
		return ""
	}
	return n.GetToken().Value
}

func (s *accountSet) done() (map[string]account, error) { return s.m, errors.Join(s.errs...) }
