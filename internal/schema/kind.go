// Package schema holds the field dictionary and the small functions that give
// field values one meaning everywhere: kinds, folding and IP addresses. It does no I/O.
package schema

import "fmt"

// Kind is the type of a field. A dotted field name has one kind in the whole program.
type Kind uint8

// The kinds of field. A list kind exists only for strings and IP addresses: any other list is
// written as strings.
const (
	String  Kind = iota + 1 // UTF-8 text; the empty string is absent
	Int                     // 64-bit signed integer
	Float                   // 64-bit float
	Bool                    // true or false
	Time                    // nanoseconds since 1970-01-01 UTC
	IP                      // canonical text; v4-mapped addresses are unfolded, no zone
	Strings                 // list of strings
	IPs                     // list of IP addresses
	Map                     // string to string; only the column of undeclared leaves
)

var kindNames = [...]string{"", "string", "int", "float", "bool", "time", "ip", "strings", "ips", "map"}

func (k Kind) String() string {
	if int(k) < len(kindNames) && k != 0 {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// ParseKind reads the name a definition uses for a kind.
func ParseKind(s string) (Kind, bool) {
	for i, n := range kindNames {
		if i > 0 && n == s {
			return Kind(i), true
		}
	}
	return 0, false
}

// List reports whether the kind holds several values.
func (k Kind) List() bool { return k == Strings || k == IPs }

// Text reports whether values of the kind are strings in memory (IP addresses included).
func (k Kind) Text() bool { return k == String || k == IP || k == Strings || k == IPs }

// Element is the kind of one value of a list kind; other kinds are their own element.
func (k Kind) Element() Kind {
	switch k {
	case Strings:
		return String
	case IPs:
		return IP
	}
	return k
}
