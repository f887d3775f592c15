package logtype

// sigma reads which detection rules are for the log type.
func (p *problems) sigma(n *yamlNode) Sigma {
	var s Sigma
	p.only(n, "sigma", "sources", "fields")
	if v := n.get("sources"); v == nil {
		p.add(n.pos, "sigma: sources is missing")
	} else if p.want(v, yamlList, "sources") {
		for i := range v.items {
			s.Sources = append(s.Sources, p.sigmaSource(&v.items[i]))
		}
	}
	if v := n.get("fields"); v != nil && p.want(v, yamlMap, "fields") {
		for i := range v.pairs {
			x := &v.pairs[i]
			s.Fields = append(s.Fields, SigmaField{Name: Located{x.key, x.pos}, Columns: p.located(&x.value, x.key)})
		}
	}
	return s
}

func (p *problems) sigmaSource(n *yamlNode) SigmaSource {
	s := SigmaSource{Pos: n.pos}
	p.only(n, "a log source", "product", "category", "service")
	for i := range n.pairs {
		v := &n.pairs[i].value
		switch n.pairs[i].key {
		case "product":
			s.Product = p.text(v, "product")
		case "category":
			s.Category = p.text(v, "category")
		case "service":
			s.Service = p.text(v, "service")
		}
	}
	if s.Product == "" && s.Category == "" && s.Service == "" {
		p.add(n.pos, "a log source names a product, a category or a service")
	}
	return s
}

// sigma checks that the columns exist.
func (c *compiler) sigma() {
	if c.t.Table == nil {
		return
	}
	for _, f := range c.d.Sigma.Fields {
		for _, col := range f.Columns {
			if c.t.Table.Index(col.Text) < 0 {
				names := make([]string, len(c.t.Table.Fields))
				for i, x := range c.t.Table.Fields {
					names[i] = x.Name
				}
				c.p.hint(col.Pos, suggest(col.Text, names), "sigma: %s is no field of this log type", col.Text)
			}
		}
	}
}
