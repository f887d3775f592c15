package auth

import "testing"

// BenchmarkVerify is the work of one sign-in.
func BenchmarkVerify(b *testing.B) {
	h := NewHasher(DefaultParams())
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := h.Verify(b.Context(), "", "correct horse battery"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMay is asked once a request.
func BenchmarkMay(b *testing.B) {
	p := Principal{Kind: Bearer, Role: Admin, Scopes: []Scope{ScopeRead, ScopeAlerts}}
	for b.Loop() {
		if p.May(ReadAudit) {
			b.Fatal("it may")
		}
	}
}
