package parse

// Show keeps the value at a path from being masked for the name of its key. Names above and
// below it count as ever.
func (s *Schema) Show(p Path) { s.walk(p).shown = true }
