package schema_test

import (
	"bytes"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/schema"
)

var foldCases = map[string]string{
	"":            "",
	"plain":       "plain",
	"MiXeD-1":     "mixed-1",
	"ÄÖÜ":         "äöü",
	"ＡＢＣ１２３":      "abc123", // full width
	"ｶﾞｷﾞ":        "ガギ",     // half-width kana compose
	"e\u0301":     "é",
	"\u212A":      "k", // Kelvin sign
	"İ":           "i",
	"Σς":          "σς",
	"\xff\xfeBAD": "\ufffd\ufffdbad",
	"①Ⅳ㍿":         "1iv株式会社",
	"\u1E9E":      "ß",
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range foldCases {
		got := schema.Fold(in)
		if again := schema.Fold(got); again != got {
			t.Errorf("Fold(%q) = %q, folded again %q", in, got, again)
		}
		if got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for in := range foldCases {
		f.Add(in)
	}
	f.Add(strings.Repeat("\u0344", 40) + "\u1FB7")
	f.Add("ῼ\u0345Α\u0345")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<12 {
			return
		}
		once := schema.Fold(s)
		if twice := schema.Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, again = %q", s, once, twice)
		}
		if !utf8.ValidString(once) && !schema.ASCII(s) {
			t.Fatalf("Fold(%q) = %q is no UTF-8", s, once)
		}
		if schema.ASCII(s) && once != strings.ToLower(s) {
			t.Fatalf("Fold(%q) = %q differs from ASCII lower-casing", s, once)
		}
	})
}

func TestParseIP(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:DB8:0:0::1": "2001:db8::1", "::": "::",
		"": "", "192.0.2.256": "", "192.0.2": "", "192.0.2.01": "", "fe80::1%eth0": "", "192.0.2.1:80": "", "[2001:db8::1]": "",
		"0000:0000:0000:0000:0000:ffff:192.168.100.228": "192.168.100.228", " 192.0.2.1": "", "-": "",
	} {
		got, ok := schema.ParseIP(in)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("ParseIP(%q) = %v, %v; want %q", in, got, ok, want)
		}
	}
}

func FuzzParseIP(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "::ffff:1.2.3.4", "2001:db8::1", "fe80::1%1", "1.2.3", ":::", "1.2.3.4/8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := schema.ParseIP(s)
		if !ok {
			return
		}
		again, ok := schema.ParseIP(a.String())
		if !ok || again != a || a.Is4In6() || a.Zone() != "" {
			t.Fatalf("ParseIP(%q) = %v is not canonical", s, a)
		}
		if netip.AddrFrom16(schema.IP16(a)).Unmap() != a {
			t.Fatalf("IP16 of %v loses it", a)
		}
	})
}

func TestPrefixRange(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"192.0.2.77/24":       {"192.0.2.0", "192.0.2.255"},
		"0.0.0.0/0":           {"0.0.0.0", "255.255.255.255"},
		"192.0.2.1/32":        {"192.0.2.1", "192.0.2.1"},
		"10.0.0.0/9":          {"10.0.0.0", "10.127.255.255"},
		"::ffff:10.0.0.0/104": {"10.0.0.0", "10.255.255.255"},
		"2001:db8::/33":       {"2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"},
		"::/0":                {"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	} {
		lo, hi := schema.PrefixRange(netip.MustParsePrefix(in))
		got := [2]string{netip.AddrFrom16(lo).Unmap().String(), netip.AddrFrom16(hi).Unmap().String()}
		if got != want {
			t.Errorf("PrefixRange(%s) = %v, want %v", in, got, want)
		}
	}
}

func FuzzPrefixRange(f *testing.F) {
	f.Add([]byte{192, 0, 2, 1}, uint8(24), []byte{192, 0, 2, 9})
	f.Add(bytes.Repeat([]byte{0xfe}, 16), uint8(61), bytes.Repeat([]byte{0xfe}, 16))
	f.Fuzz(func(t *testing.T, base []byte, bits uint8, probe []byte) {
		a, ok1 := netip.AddrFromSlice(base)
		b, ok2 := netip.AddrFromSlice(probe)
		if !ok1 || !ok2 || a.Is4() != b.Is4() {
			return
		}
		p := netip.PrefixFrom(a, int(bits)%(a.BitLen()+1))
		lo, hi := schema.PrefixRange(p)
		v := schema.IP16(b)
		inside := bytes.Compare(lo[:], v[:]) <= 0 && bytes.Compare(v[:], hi[:]) <= 0
		if inside != p.Contains(b) {
			t.Fatalf("%v in %v: range says %v", b, p, inside)
		}
		size := new(big.Int).Sub(new(big.Int).SetBytes(hi[:]), new(big.Int).SetBytes(lo[:]))
		if want := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(a.BitLen()-p.Bits())), big.NewInt(1)); size.Cmp(want) != 0 {
			t.Fatalf("%v spans %v, want %v", p, size, want)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for name, s := range map[string]string{
		"lower":    "mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36",
		"ascii":    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
		"japanese": "東京都千代田区のサーバーＡＢＣから接続がありました",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				_ = schema.Fold(s)
			}
		})
	}
}

func BenchmarkECS(b *testing.B) {
	for b.Loop() {
		schema.ECS()
	}
}
