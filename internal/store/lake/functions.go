package lake

import (
	"database/sql"
	"database/sql/driver"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// matchFunction is the name of the one function the engine calls back: match(n, text) tests a
// text with the n-th matcher. It serves what SQL cannot say the way the condition language
// means it: folding beyond ASCII, addresses inside text, regular expressions only Go reads.
const matchFunction = "yagura_match"

// functions holds the matchers of running queries.
type functions struct {
	mu   sync.RWMutex
	next int64
	byID map[int64]func(string) bool
}

func newFunctions() *functions { return &functions{byID: map[int64]func(string) bool{}} }

func (f *functions) add(match func(string) bool) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	f.byID[f.next] = match
	return f.next
}

func (f *functions) remove(ids []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		delete(f.byID, id)
	}
}

func (f *functions) get(id int64) func(string) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.byID[id]
}

func (f *functions) register(c *sql.Conn) error {
	number, err := duckdb.NewTypeInfo(duckdb.TYPE_BIGINT)
	if err != nil {
		return err
	}
	text, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		return err
	}
	truth, err := duckdb.NewTypeInfo(duckdb.TYPE_BOOLEAN)
	if err != nil {
		return err
	}
	return duckdb.RegisterScalarUDF(c, matchFunction, &matchUDF{
		config:    duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{number, text}, ResultTypeInfo: truth},
		functions: f,
	})
}

// matchUDF is the function as the driver wants it.
type matchUDF struct {
	config    duckdb.ScalarFuncConfig
	functions *functions
}

func (m *matchUDF) Config() duckdb.ScalarFuncConfig { return m.config }

func (m *matchUDF) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		id, _ := values[0].(int64)
		text, ok := values[1].(string)
		match := m.functions.get(id)
		return ok && match != nil && match(text), nil
	}}
}
