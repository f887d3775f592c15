package source

// Group collects objects and hands them on in groups that Source.Scan allows.
type Group struct {
	Yield func([]Object) error
	buf   []Object
}

// Add appends an object, handing a full group on.
func (g *Group) Add(o Object) error {
	g.buf = append(g.buf, o)
	if len(g.buf) < MaxGroup {
		return nil
	}
	return g.Flush()
}

// Flush hands on what is left.
func (g *Group) Flush() error {
	if len(g.buf) == 0 {
		return nil
	}
	buf := g.buf
	g.buf = nil
	return g.Yield(buf)
}
