package logtype

import (
	"regexp"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Dictionary knows the kind of every field.
type Dictionary interface {
	Lookup(name string) (schema.Kind, bool)
}

// Type is a compiled log type. It is immutable and safe for concurrent use.
type Type struct {
	Name  string
	Table *schema.Table
	Def   *Definition

	schema   *parse.Schema
	known    []knownName
	captures []*regexp.Regexp
	keys     []keyTest
	content  content
	ignored  content
	ignore   condition
	filter   condition
	masks    []maskRule
	secrets  map[string]bool // names of keys a definition adds
	shown    []string        // keys that are no secret somewhere
	time     timeRule
	writers  []writer
	states   int
	nested   []*nestedHelper
	regexes  int
	text     *textFrame
	records  []string // path of the list of records in a JSON document
	quality  int      // column of event.time_quality, -1
	created  int      // column of event.created, -1
	say      []sentence
	aliases  map[string]string
	native   []string
}

// compiler holds what is needed only while a type is compiled.
type compiler struct {
	d       *Definition
	t       *Type
	p       *problems
	dict    Dictionary
	own     map[string]schema.Kind
	helpers map[string]*helper
	names   map[string]int // fields of a text frame
	source  *parse.Schema  // where paths are resolved: the record's, or a decoded text's
	native  map[string]bool
	// Rules of pivots by path and name.
	pivotRules  map[string]int
	pivotSecret map[string]pivotSecret // by path
	open        []string               // helpers being compiled, against cycles
}

// Compile checks a definition against the dictionary and makes it runnable. The error is
// Problems.
func Compile(d *Definition, dict Dictionary) (*Type, error) {
	c := &compiler{
		d: d, dict: dict, p: &problems{file: d.File, lines: d.lines},
		t:   &Type{Name: d.Name, Def: d, schema: parse.NewSchema(), quality: -1, created: -1, aliases: map[string]string{}},
		own: map[string]schema.Kind{}, helpers: map[string]*helper{}, native: map[string]bool{},
	}
	c.source = c.t.schema
	c.t.schema.Nulls = d.Nulls
	c.t.schema.Rest = d.Rest != nil
	c.frame()
	c.recognition()
	c.ownFields()
	for i := range d.Let {
		c.declare(&d.Let[i])
	}
	c.time()
	c.fields()
	if d.Ignore.If != nil {
		c.t.ignore = c.condition(d.Ignore.If)
	}
	if d.Filter != nil {
		c.t.filter = c.condition(d.Filter)
	}
	c.masks()
	c.rest()
	c.checkFields()
	c.sigma()
	c.sentences()
	for _, h := range c.helpers {
		if !h.used {
			c.p.add(h.pos, "helper %s is not used", h.name)
		}
	}
	if err := c.p.err(); err != nil {
		return nil, err
	}
	for n := range c.native {
		c.t.native = append(c.t.native, n)
	}
	slices.Sort(c.t.native)
	secrets := c.t.secrets
	c.t.schema.Secret = func(key string) bool { return secretKey(key, secrets) }
	return c.t, nil
}

// Aliases maps native paths to the fields that are plain copies of them, so that native names
// stay searchable.
func (t *Type) Aliases() map[string]string { return t.aliases }

// NativePaths lists the native paths the definition reads, sorted.
func (t *Type) NativePaths() []string { return t.native }

// RollupKeys lists the fields counted ahead: group keys, and fields of top lists.
func (t *Type) RollupKeys() (keys, top []string) {
	for _, k := range t.Def.Rollup.Keys {
		keys = append(keys, k.Text)
	}
	for _, k := range t.Def.Rollup.Top {
		top = append(top, k.Text)
	}
	return keys, top
}

// frame compiles how records stand.
func (c *compiler) frame() {
	f := c.d.Frame
	if f.JSON != nil {
		if f.JSON.Records != "" {
			p, err := parse.ParsePath(f.JSON.Records)
			if err != nil || p.Lists() > 0 {
				c.p.add(f.Pos, "records: want a path of keys")
				return
			}
			for _, s := range p {
				c.t.records = append(c.t.records, s.Key)
			}
		}
		return
	}
	if f.Text == nil {
		return
	}
	c.names = map[string]int{}
	t := &textFrame{split: f.Text.Split, min: f.Text.Min, comment: f.Text.Comment, header: f.Text.Header}
	if f.Text.Quote != "" {
		t.quote = f.Text.Quote[0]
	}
	var names []Located
	if f.Text.Regex != "" {
		re, err := regexp.Compile(f.Text.Regex)
		if err != nil {
			return // reported when read
		}
		t.re = re
		for i, n := range re.SubexpNames() {
			if n != "" {
				names = append(names, Located{n, f.Pos})
				t.groups = append(t.groups, i)
			}
		}
	} else {
		names = f.Text.Names
	}
	for i, n := range names {
		if _, twice := c.names[n.Text]; twice {
			c.p.add(n.Pos, "the name %s stands here twice", n.Text)
		}
		c.names[n.Text] = i
		t.names = append(t.names, n.Text)
		t.slots = append(t.slots, -1)
		t.mode = append(t.mode, 0)
	}
	if len(f.Text.Quoted) > 0 {
		t.quoted = make([]bool, len(t.names))
	}
	for _, n := range f.Text.Quoted {
		if i, ok := c.names[n.Text]; !ok {
			c.unknownName(n.Text, n.Pos)
		} else {
			t.quoted[i] = true
		}
	}
	if t.min == 0 && t.re == nil {
		t.min = len(t.names)
	}
	t.byName = c.names
	c.t.text = t
}

func (c *compiler) ownFields() {
	vendor, _, _ := strings.Cut(c.d.Name, ".")
	for _, f := range c.d.Fields {
		if !strings.HasPrefix(f.Name, vendor+".") && !strings.HasPrefix(f.Name, "yagura.") {
			c.p.add(f.Pos, "own field %s must lie below %s. or yagura.", f.Name, vendor)
		}
		if !nameForm.MatchString(f.Name) {
			c.p.add(f.Pos, "field %s: want lower-case words joined by dots", f.Name)
		}
		if k, ok := c.dict.Lookup(f.Name); ok && k != f.Kind {
			c.p.add(f.Pos, "field %s is %s elsewhere and %s here: a name has one kind everywhere", f.Name, k, f.Kind)
		}
		c.own[f.Name] = f.Kind
	}
}

func (c *compiler) kind(name string, pos Pos) (schema.Kind, bool) {
	if k, ok := c.own[name]; ok {
		return k, true
	}
	if k, ok := c.dict.Lookup(name); ok {
		return k, true
	}
	hint := ""
	if s, ok := c.dict.(interface{ Suggest(string) string }); ok {
		if best := s.Suggest(name); best != "" {
			hint = "did you mean " + best + "?"
		}
	}
	if hint == "" {
		var own []string
		for n := range c.own {
			own = append(own, n)
		}
		slices.Sort(own)
		hint = suggest(name, own)
	}
	c.p.hint(pos, hint, "unknown field %s", name)
	return 0, false
}

// fields compiles set and promote into columns, and builds the table.
func (c *compiler) fields() {
	var cols []schema.Field
	at := map[string]int{}
	add := func(name string, kind schema.Kind) int {
		at[name] = len(cols)
		cols = append(cols, schema.Field{Name: name, Kind: kind})
		return len(cols) - 1
	}
	for i := range c.d.Set {
		n := &c.d.Set[i]
		kind, ok := c.kind(n.Name, n.Pos)
		if _, twice := at[n.Name]; twice || reserved[n.Name] {
			c.p.add(n.Pos, "%s cannot be set", n.Name)
			continue
		}
		src := c.value(n.Value)
		if !ok || src == nil {
			continue
		}
		w := c.writer(n, src, kind)
		w.col = add(n.Name, kind)
		c.t.writers = append(c.t.writers, w)
	}
	for _, pr := range c.d.Store.Promote {
		kind, ok := c.kind(pr.Field.Text, pr.Field.Pos)
		src := c.ref(pr.Path.Text, pr.Path.Pos)
		if !ok || src == nil {
			continue
		}
		if _, twice := at[pr.Field.Text]; twice {
			c.p.add(pr.Field.Pos, "%s is set already", pr.Field.Text)
			continue
		}
		w := c.writer(&Named{Name: pr.Field.Text, Pos: pr.Field.Pos, Value: &Value{Pos: pr.Path.Pos, Source: "from", Path: pr.Path.Text}}, src, kind)
		w.col = add(pr.Field.Text, kind)
		c.t.writers = append(c.t.writers, w)
	}
	for i := range c.d.Mask {
		m := &c.d.Mask[i]
		if m.Hash == "" {
			continue
		}
		if kind, ok := c.kind(m.Hash, m.Pos); ok && kind != schema.String {
			c.p.add(m.Pos, "hash: %s must be a string", m.Hash)
		}
		if _, ok := at[m.Hash]; !ok {
			add(m.Hash, schema.String)
		}
	}
	for _, f := range c.d.Fields {
		if _, ok := at[f.Name]; !ok {
			c.p.add(f.Pos, "field %s is never set", f.Name)
		}
	}
	if _, ok := at["event.time_quality"]; !ok {
		add("event.time_quality", schema.String)
	}
	if _, ok := at["event.created"]; !ok {
		add("event.created", schema.Time)
	}
	c.t.quality, c.t.created = at["event.time_quality"], at["event.created"]
	for _, b := range c.d.Store.Bloom {
		if i, ok := at[b.Text]; ok {
			cols[i].Bloom = true
		} else {
			c.p.add(b.Pos, "bloom: %s is no field of this log type", b.Text)
		}
	}
	for _, b := range c.d.Store.Plain {
		if i, ok := at[b.Text]; !ok {
			c.p.add(b.Pos, "plain: %s is no field of this log type", b.Text)
		} else if cols[i].Kind != schema.String {
			c.p.add(b.Pos, "plain: %s is not a string", b.Text)
		} else {
			cols[i].Plain = true
		}
	}
	cols = append(cols, schema.EnrichmentFields(cols)...)
	c.t.Table = schema.NewTable(c.d.Name, c.d.Version, cols)
	c.t.Table.Original = !c.d.Store.Drop
	c.t.Table.Rest = c.d.Rest != nil
	c.twins(cols)
	// Required fields are tried first: a record without them leaves nothing behind.
	slices.SortStableFunc(c.t.writers, func(a, b writer) int {
		switch {
		case a.required == b.required:
			return 0
		case a.required:
			return -1
		}
		return 1
	})
}

// twins finds addresses that stand beside a text of the same source.
func (c *compiler) twins(cols []schema.Field) {
	for i := range c.t.writers {
		w := &c.t.writers[i]
		if w.kind != schema.IP || w.required {
			continue
		}
		for j := range c.t.writers[:i] {
			a := &c.t.writers[j]
			if a.kind == schema.String && !cols[a.col].Plain && !a.raw && a.src == w.src {
				w.twin = a.col
				break
			}
		}
	}
}

// reserved are fields that every event has anyway.
var reserved = map[string]bool{"@timestamp": true, "event.ingested": true, "event.module": true, "event.id": true,
	"ecs.version": true, "event.original": true, "event.time_quality": true}

func (c *compiler) time() {
	v := c.d.Time
	if v == nil {
		return
	}
	parts := []*Value{v}
	if v.Source == "first" {
		parts = v.Parts
	}
	for _, p := range parts {
		read := newTimeReader(p.As)
		if read == nil {
			c.p.add(p.Pos, "time: as is missing: how is the time written?")
			continue
		}
		q := *p
		q.As = ""
		if src := c.value(&q); src != nil {
			c.t.time.choices = append(c.t.time.choices, timeChoice{src, read})
		}
	}
}

func (c *compiler) rest() {
	if c.d.Rest == nil {
		return
	}
	for _, x := range c.d.Rest.Except {
		p, err := parse.ParsePath(x.Text)
		if err != nil {
			c.p.add(x.Pos, "except: %v", err)
			continue
		}
		if c.t.text != nil {
			i, ok := c.names[x.Text]
			if !ok {
				c.unknownName(x.Text, x.Pos)
				continue
			}
			c.t.text.mode[i] |= textQuiet
			continue
		}
		c.t.schema.Except(p)
	}
}

// checkFields looks at the names that rollups and sentences use.
func (c *compiler) checkFields() {
	for _, list := range [][]Located{c.d.Rollup.Keys, c.d.Rollup.Top} {
		for _, f := range list {
			c.tableField(f.Text, f.Pos, "rollup")
		}
	}
}

func (c *compiler) tableField(name string, pos Pos, what string) {
	if c.t.Table.Index(name) >= 0 || name == "@timestamp" || name == "event.module" {
		return
	}
	var names []string
	for _, f := range c.t.Table.Fields {
		names = append(names, f.Name)
	}
	c.p.hint(pos, suggest(name, names), "%s: %s is no field of this log type", what, name)
}

func (c *compiler) unknownName(name string, pos Pos) {
	var names []string
	for n := range c.names {
		names = append(names, n)
	}
	slices.Sort(names)
	c.p.hint(pos, suggest(name, names), "the frame has no field %s", name)
}
