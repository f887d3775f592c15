// Package content loads the declarative content (now: log types) that is embedded in the binary
// and the user's folder over it, and does with it what an author needs: lint, test, explain and
// the generated pages. It is the only reader of definition files; what they mean is compiled by
// internal/logtype.
package content
