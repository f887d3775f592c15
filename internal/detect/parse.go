package detect

// Parse reads the rules of a file. file is only for messages. Every rule that is well-formed is
// returned, also when others in the file are not; the problems are everything that is wrong.
func Parse(file string, src []byte) ([]*Rule, Problems) { return nil, nil }
