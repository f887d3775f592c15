package schema

// Field is one declared column of a log type.
type Field struct {
	Name string // dotted ECS or vendor name
	Kind Kind
	// Plain stores the text without a dictionary: for values that hardly repeat (request ids).
	Plain bool
	// Bloom asks for a bloom filter on the stored column: for values people search one by one.
	Bloom bool
	// Derived marks a column that enrichment fills; a normalizer never writes it.
	Derived bool
}

// Table is the fixed column list of one version of a log type. Parts written with it always
// have all its columns, in this order.
type Table struct {
	LogType  string
	Version  int
	Fields   []Field
	Original bool // the original record is kept in event.original
	Rest     bool // undeclared leaves are kept in the map column
	// Derived: its rows are made from events of other tables (findings). A search that names no
	// log type leaves them out.
	Derived bool

	index map[string]int
}

// NewTable builds a table; names must be unique.
func NewTable(logType string, version int, fields []Field) *Table {
	t := &Table{LogType: logType, Version: version, Fields: fields, index: make(map[string]int, len(fields))}
	for i, f := range fields {
		t.index[f.Name] = i
	}
	return t
}

// Index returns the column number of a field, or -1.
func (t *Table) Index(name string) int {
	if i, ok := t.index[name]; ok {
		return i
	}
	return -1
}
