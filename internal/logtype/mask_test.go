package logtype

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/schema"
)

func TestMaskParams(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`GET /a?token=abc HTTP/1.1`:                         `GET /a?token=*** HTTP/1.1`,
		`/a?x=1&access_token=abc&y=2`:                       `/a?x=1&access_token=***&y=2`,
		`/a?Access-Token=abc#frag`:                          `/a?Access-Token=***#frag`,
		`/cb?code=abc&state=1`:                              `/cb?code=***&state=1`,
		`status code=404`:                                   `status code=404`,
		`/a?monkey=banana&keyboard=1`:                       `/a?monkey=banana&keyboard=1`,
		`/a?key=banana`:                                     `/a?key=******`,
		`/a?t%6Fken=abc`:                                    `/a?t%6Fken=***`,
		`/a?%74%6f%6b%65%6e=abc`:                            `/a?%74%6f%6b%65%6e=***`,
		`/a?u=https%3A%2F%2Fb%3Ftoken%3Dabc%26z%3D1`:        `/a?u=https%3A%2F%2Fb%3Ftoken%3D***%26z%3D1`,
		`/a?u=https%253A%252F%252Fb%253Ftoken%253Dabc`:      `/a?u=https%253A%252F%252Fb%253Ftoken%253D***`,
		`{"u":"/a?token=abc","v":1}`:                        `{"u":"/a?token=***","v":1}`,
		`{"u":"\/a?x=1\u0026token=abc\u0026y=2"}`:           `{"u":"\/a?x=1\u0026token=***\u0026y=2"}`,
		`{"u":"/a?\u0074oken=abc"}`:                         `{"u":"/a?\u0074oken=***"}`,
		`{"u":"/a?token\u003dabc"}`:                         `{"u":"/a?token\u003d***"}`,
		`{"args":"sig=a\/b\"c"}`:                            `{"args":"sig=****\"c"}`,
		`{"u":"x password=","v":"z"}`:                       `{"u":"x password=","v":"z"}`,
		`user=bob password="hunter2 x" a=1`:                 `user=bob password="*********" a=1`,
		`"GET /?password=" "agent"`:                         `"GET /?password=" "agent"`,
		`password='a b' x`:                                  `password='***' x`,
		`X-Amz-Signature=0a1b&X-Amz-Credential=AKIA%2F2026`: `X-Amz-Signature=****&X-Amz-Credential=***********`,
		`/a?user[password]=x1&q[]=2`:                        `/a?user[password]=**&q[]=2`,
		`{"m":"{\"a\":\"?token=abc\"}"}`:                    `{"m":"{\"a\":\"?token=***\"}"}`,
		`/a?pin=1234&sas=abc&hmac=ff&state=1`:               `/a?pin=****&sas=***&hmac=**&state=1`,
		`/a?spin=1&bypin=2 pin=3`:                           `/a?spin=1&bypin=2 pin=3`,
		`/a?jwt=`:                                           `/a?jwt=`,
		`=`:                                                 `=`,
		`/?session=日本;x`:                                    `/?session=******;x`,
	} {
		b := []byte(in)
		maskParams(b, paramSet{}, false)
		if diff := cmp.Diff(want, string(b)); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
	}
	b := []byte("token=abc&x=tokens")
	maskParams(b, paramSet{nameSet("x")}, true)
	if string(b) != "token=abc&x=******" {
		t.Errorf("own names: %s", b)
	}
	b = []byte("code=abc")
	maskParams(b, paramSet{}, true)
	if string(b) != "code=***" {
		t.Errorf("a whole query string: %s", b)
	}
}

func TestMaskUserinfo(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"GET https://bob:hunter2@shop.example.com:443/a?x=1 HTTP/1.1" "x"`: `"GET https://bob:*******@shop.example.com:443/a?x=1 HTTP/1.1" "x"`,
		`redis://:pw@host`:                                                        `redis://:**@host`,
		`ftp://a:p@ss:w@rd@h/`:                                                    `ftp://a:*********@h/`,
		`ftp://a@corp.example:pw@h/`:                                              `ftp://a@corp.example:**@h/`,
		`pg://a:p/s?s#@h/x@2x.png`:                                                `pg://a:******@h/x@2x.png`,
		`https://a:b%2F%40%22c@h`:                                                 `https://a:***********@h`,
		`https://h:443/x@2x.png`:                                                  `https://h:443/x@2x.png`,
		`https://h:443?mail=a@b`:                                                  `https://h:443?mail=a@b`,
		`https://[2001:db8::1]:443/x@y`:                                           `https://[2001:db8::1]:443/x@y`,
		`https://a:b@[2001:db8::1]:443/x@y`:                                       `https://a:*@[2001:db8::1]:443/x@y`,
		`ssh://git@h/x:y@z`:                                                       `ssh://git@h/x:y@z`,
		`http://h/a:b@c https://u:p@h`:                                            `http://h/a:b@c https://u:*@h`,
		`see http://h:80 or mail a@b`:                                             `see http://h:80 or mail a@b`,
		`http://a:http://b:pw@h/`:                                                 `http://a:***********@h/`,
		`?u=https%3A%2F%2Fbob%3Apw%40h%2Fx&m=a@b`:                                 `?u=https%3A%2F%2Fbob%3A**%40h%2Fx&m=a@b`,
		`?u=https%3a%2f%2fbob:pw@h%2Fx%40y`:                                       `?u=https%3a%2f%2fbob:**@h%2Fx%40y`,
		`?u=https%253A%252F%252Fbob%253Apw%2540h`:                                 `?u=https%253A%252F%252Fbob%253A**%2540h`,
		`?u=https://bob:p%40w&z=a%40b`:                                            `?u=https://bob:p%40w&z=a%40b`,
		`{"u":"https:\/\/bob:p\/w@h\/x@y","v":"@"}`:                               `{"u":"https:\/\/bob:****@h\/x@y","v":"@"}`,
		`{"u":"https:\u002f\u002Fbob\u003ap\u0026w\u0040h"}`:                      `{"u":"https:\u002f\u002Fbob\u003a********\u0040h"}`,
		`{"m":"{\"u\":\"https://bob:pw@h\",\"v\":\"http://x:y\",\"w\":\"a@b\"}"}`: `{"m":"{\"u\":\"https://bob:**@h\",\"v\":\"http://x:y\",\"w\":\"a@b\"}"}`,
		`{"m":"{\"u\":\"https:\\/\\/bob:pw@h\"}"}`:                                `{"m":"{\"u\":\"https:\\/\\/bob:**@h\"}"}`,
		`{"u":"https://bob:p\"w@h"}`:                                              `{"u":"https://bob:****@h"}`,
		`{"u":"https://bob:p\\"}, {"v":"a@h"}`:                                    `{"u":"https://bob:p\\"}, {"v":"a@h"}`,
		`{"u":"https://bob:日本@h"}`:                                                `{"u":"https://bob:******@h"}`,
		`https://bob:pw`:                                                          `https://bob:pw`,
		`://`:                                                                     `://`,
		`@`:                                                                       `@`,
	} {
		b := []byte(in)
		maskParams(b, paramSet{}, false)
		if diff := cmp.Diff(want, string(b)); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
		if b = []byte(in); true {
			maskLoose(b, nil)
		}
		if string(b) != want {
			t.Errorf("loose: %s became %s", in, b)
		}
	}
}

// TestMaskUserinfoIsLinear reads texts made to be walked again and again.
func TestMaskUserinfoIsLinear(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"://", "://a:b/", "://[", "://@", "://a:@", ":%2F%2F", `:\/\/a:x`, "%252F", ":%2f%2fa:%252f%252f", "\\", "%25", "@40"} {
		b := []byte(strings.Repeat(piece, 4<<20/len(piece)) + "@")
		maskUserinfo(b)
	}
}

// TestMaskLoose is about what quarantine shows.
func TestMaskLoose(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"password":"hun\"ter2","a":1`:   `{"password":"*********","a":1`,
		`{"sessionToken" : "x`:            `{"sessionToken" : "*`,
		`{"secretAccessKey":12,"k":"v"}}`: `{"secretAccessKey":11,"k":"v"}}`,
		`{"a":tru,"headers":[{"name":"Authorization","value":"abc"},{"name":"x","value":"y"}]}`: `{"a":tru,"headers":[{"name":"Authorization","value":"***"},{"name":"x","value":"y"}]}`,
		`{"value":"abc","name":"cookie"}`:                          `{"value":"***","name":"cookie"}`,
		`{"private_key":["a","b",{"c":"d"}],"e":"f"}`:              `{"private_key":["*","*",{"c":"*"}],"e":"f"}`,
		`{"m":"{\"password\":\"x1\",\"b\":\"y\"}"`:                 `{"m":"{\"password\":\"**\",\"b\":\"y\"}"`,
		`{"m":"{\\\"password\\\":\\\"x1\\\",\\\"b\\\":\\\"y\\\"}"`: `{"m":"{\\\"password\\\":\\\"**\\\",\\\"b\\\":\\\"y\\\"}"`,
		`Authorization: Bearer abc.def`:                            `Authorization: **************`,
		`x bearer abc y`:                                           `x bearer *** y`,
		`{"p\u0061ssword":"x"}`:                                    `{"p\u0061ssword":"*"}`,
	} {
		b := []byte(in)
		maskLoose(b, nil)
		if diff := cmp.Diff(want, string(b)); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
	}
}

// TestSecretsNowhere reads records with a secret in every place that is known to hold one, sound
// and broken: it must not come out anywhere.
func TestSecretsNowhere(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType, textType)
	const secret = "s3cr3tvalue"
	records := []string{
		`"headers":[{"name":"Authorization","value":"` + secret + `"}]`,
		`"args":"a=1&token=` + secret + `"`,
		`"args":"a=1\u0026\u0074oken=` + secret + `"`,
		`"uri":"/x?p%61ssword=` + secret + `"`,
		`"deep":{"list":[{"secretAccessKey":"` + secret + `"}]}`,
		`"deep":{"sessionToken":["` + secret + `"]}`,
		`"password":"` + secret + `"`,
		`"passw\u006frd":"` + secret + `"`,
		`"Client-Secret":"` + secret + `"`,
		`"msg":"{\"password\":\"` + secret + `\"}"`,
		`"msg":"{\"a\":{\"api_key\": \"` + secret + `\"}}"`,
		`"act":"B","password":"` + secret + `"`,
		`"headers":[{"name":"Referer","value":"https://bob:` + secret + `@x/"}]`,
		`"uri":"/x?next=https%3A%2F%2Fbob%3A` + secret + `%40x%2F"`,
		`"headers":[{"name":"Referer","value":"https://x/?redirect=https%3A%2F%2Fy%3Fid_token%3D` + secret + `"}]`,
	}
	var in strings.Builder
	in.WriteString(`line 2026-11-20T00:00:01Z 1.1.1.1 200 "GET /?token=` + secret + ` HTTP/1.1" "x"` + "\n")
	in.WriteString(`line 2026-11-20T00:00:01Z 1.1.1.1 nan "GET /?token=` + secret + ` HTTP/1.1" "x"` + "\n")
	in.WriteString(`line 2026-11-20T00:00:01Z 1.1.1.1 200 "GET https://bob:` + secret + `@x/ HTTP/1.1" "x"` + "\n")
	in.WriteString(`unknown line https://bob:` + secret + `@x/ x` + "\n")
	in.WriteString(`unknown line /?token=` + secret + ` x` + "\n")
	for _, r := range records {
		in.WriteString(`{"ts":1790000000001,"clientIp":"1.1.1.1","act":"A",` + r + "}\n")         // sound
		in.WriteString(`{"ts":1790000000001,"clientIp":"1.1.1.1","act":"A","x":tru,` + r + "}\n") // no JSON
		in.WriteString(`{"what":1,` + r + "}\n")                                                  // of no type
		in.WriteString(`{"ts":1,` + r + "\n")                                                     // cut off
	}
	r := read(t, set, Options{}, "", strings.NewReader(in.String()), 0)
	if len(r.Events) != len(records)+2 {
		t.Errorf("%d events", len(r.Events))
	}
	for _, e := range r.Events {
		if strings.Contains(e, secret) {
			t.Errorf("event: %s", e)
		}
	}
	for _, x := range r.Rejects {
		for _, l := range bytes.Split(x.Raw, []byte("\n")) {
			if bytes.Contains(l, []byte(secret)) {
				t.Errorf("quarantine: %s", l)
			}
		}
	}
}

func TestSecretNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie", "Cookie2", "Set-Cookie", "X-Api-Key", "Api-Key", "apikey", "X-Vault-Token",
		"PRIVATE-TOKEN", "X-Gitlab-Token", "X-Amz-Access-Token", "X-Amz-Security-Token", "X-Shopify-Access-Token", "X-User-Token", "X-Session-Id",
		"X-Goog-Api-Key", "X-Functions-Key", "Ocp-Apim-Subscription-Key", "X-Amz-Cf-Token", "Authentication", "X-Hub-Signature", "X-Hub-Signature-256",
		"X-Auth-Token", "X-CSRF-Token", "X-XSRF-TOKEN", "x-amzn-waf-x-origin-verify", "X-MS-TOKEN-AAD-ACCESS-TOKEN", "x_api_key", "Authorization ",
		"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key", strings.Repeat("x", 200) + "-token"} {
		if !secretHeader(name) || !secretName(name) {
			t.Errorf("%s is no secret", name)
		}
	}
	for _, name := range []string{"", "Host", "User-Agent", "Accept", "X-Forwarded-For", "X-Amzn-Trace-Id", "Idempotency-Key", "Sec-WebSocket-Key", "Signature-Input",
		"WWW-Authenticate", "X-Amz-Content-Sha256", "x-amzn-waf-", "x-amzn-waf-label", "Token-Type", "X-Amz-Cf-Id", "Etag", "HEADER", "QUERY_STRING"} {
		if secretHeader(name) || secretName(name) {
			t.Errorf("%s is a secret", name)
		}
	}
	for _, name := range []string{"token", "/user/password", "user.password", "user[password]", "['password']", "/a/b/masterUserPassword", "code", "pin", "sessionid", "jwt"} {
		if !secretName(name) {
			t.Errorf("%s is no secret", name)
		}
	}
	for _, name := range []string{"q", "/token/type", "password.strength", "id", "state", "comment", "[]", "/"} {
		if secretName(name) {
			t.Errorf("%s is a secret", name)
		}
	}
}

// TestSecretTest: the test {secret: …} takes all names of secrets; a name with a rule of its own
// keeps it.
func TestSecretTest(t *testing.T) {
	t.Parallel()
	set := compile(t, strings.Replace(jsonType, "mask:\n", `mask:
  - {each: 'headers[]', where: {name: {secret: header}}, at: value}
  - {each: 'more[]', where: {name: {secret: name}}, at: value}
`, 1))
	var in strings.Builder
	for _, name := range []string{"X-Vault-Token", "Authorization", "x-vault\\u002dtoken", "Cookie2", "API-KEY"} {
		in.WriteString(`{"ts":1790000000001,"clientIp":"1.1.1.1","act":"A","headers":[{"name":"Host","value":"shown"},{"name":"` + name + `","value":"hush"}],` +
			`"more":[{"name":"` + name + `","value":"hush"},{"value":["hush","hu\u0073h"],"name":"/login/passphrase"},{"name":"id","value":"shown too"}]}` + "\n")
	}
	r := read(t, set, Options{}, "", strings.NewReader(in.String()), 0)
	if len(r.Events) != 5 {
		t.Fatalf("%d events, %v", len(r.Events), r.Rejects)
	}
	for i, e := range r.Events {
		if strings.Contains(e, "hush") || strings.Contains(e, `u0073`) || !strings.Contains(e, `"shown"`) || !strings.Contains(e, "shown too") {
			t.Error(e)
		}
		if got := strings.Contains(e, "auth_hash"); got != (i == 1) {
			t.Errorf("%d: hash %v", i, got)
		}
	}
	for _, bad := range []string{"{each: 'headers[]', where: {name: {secret: cookie}}, at: value}",
		"{each: 'headers[]', where: {name: {secret: header}}, at: value}\n  - {each: 'headers[]', where: {name: {secret: name}}, at: value}"} {
		d, err := Parse("x.yaml", []byte(strings.Replace(jsonType, "mask:\n", "mask:\n  - "+bad+"\n", 1)))
		if err == nil {
			_, err = Compile(d, schema.ECS())
		}
		if err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

// TestMaskWhere: tests on the record; what only a mask reads stays in the rest.
func TestMaskWhere(t *testing.T) {
	t.Parallel()
	set := compile(t, strings.Replace(jsonType, "mask:\n", "mask:\n  - {at: p.value, where: {p.type: {fold_in: [securestring]}, q: absent}}\n", 1))
	r := read(t, set, Options{}, "", strings.NewReader(
		`{"ts":1790000000001,"clientIp":"1.1.1.1","act":"A","p":{"value":"hush","type":"SecureString"}}`+
			`{"ts":1790000000001,"clientIp":"1.1.1.1","act":"A","p":{"value":"shown","type":"String"}}`+
			`{"ts":1790000000001,"clientIp":"1.1.1.1","act":"A","p":{"value":"shown","type":"SecureString"},"q":1}`), 0)
	if len(r.Events) != 3 {
		t.Fatalf("%d events, %v", len(r.Events), r.Rejects)
	}
	for i, e := range r.Events {
		if strings.Contains(e, "hush") || strings.Count(e, "shown") != 2*min(i, 1) || strings.Count(e, "****") != 2-2*min(i, 1) || strings.Count(e, "String") != 2 {
			t.Error(e)
		}
	}
}

// TestShown: a key that has the name of a secret and is none stays, there alone.
func TestShown(t *testing.T) {
	t.Parallel()
	src := strings.Replace(jsonType, "mask:\n", "mask:\n  - {show: proc.pwd}\n", 1)
	set := compile(t, src)
	rec := `{"ts":1790000000001,"clientIp":"1.1.1.1","act":"A","proc":{"pwd":"/tmp","password":"hush"},"pwd":"hush","x":{"proc":{"pwd":"hush"}}}`
	other := `{"other":1,"proc":{"pwd":"hush"}}`
	r := read(t, set, Options{}, "", strings.NewReader(`{"Records":[`+rec+`]}`+rec+rec+other), 0)
	if len(r.Events) != 3 || len(r.Rejects) != 1 {
		t.Fatalf("%d events, %d rejects", len(r.Events), len(r.Rejects))
	}
	for _, e := range r.Events {
		if !strings.Contains(e, `"pwd":"/tmp"`) || strings.Contains(e, "hush") {
			t.Error(e)
		}
	}
	if strings.Contains(string(r.Rejects[0].Raw), "hush") {
		t.Errorf("%s", r.Rejects[0].Raw)
	}
	for _, bad := range []string{"{show: proc.cwd}", "{show: proc.pwd, at: x}", "{show: 'proc['}"} {
		d, err := Parse("x.yaml", []byte(strings.Replace(jsonType, "mask:\n", "mask:\n  - "+bad+"\n", 1)))
		if err == nil {
			_, err = Compile(d, schema.ECS())
		}
		if err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

// FuzzMask: masking keeps the length, a sound JSON text stays sound with the same keys, and
// masking twice changes nothing more.
func FuzzMask(f *testing.F) {
	for _, s := range []string{`{"u":"/?token=a\u0026b"}`, `token=%3D%25`, `{"password":{"a":[1,"x"]}}`, `a\`, `password="`, `token=\u00`, `%253D`, `key%3`, `{"a":"\"password\":\"x"}`,
		`{"a":"https:\/\/u:p\"w\u0040@h"}`, `%3A%2F%2Fu:p%40h@x`, `://[a:b@c`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 1<<14 {
			return
		}
		for name, mask := range map[string]func([]byte){
			"params": func(b []byte) {
				if maskParams(b, paramSet{}, false) {
					maskEscapedKeys(b, nil)
				}
			},
			"loose": func(b []byte) { maskLoose(b, nil) },
		} {
			b := append([]byte{}, in...)
			mask(b)
			if json.Valid(in) && !json.Valid(b) {
				t.Fatalf("%s: %q became %q", name, in, b)
			}
			again := append([]byte{}, b...)
			mask(again)
			if name == "params" && !bytes.Equal(again, b) {
				t.Fatalf("%s: %q, then %q, then %q", name, in, b, again)
			}
		}
	})
}
