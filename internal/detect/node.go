package detect

type node struct{}
