package demo

import "strconv"

// webACL is a web ACL with what it says of every request.
type webACL struct {
	arn      string
	name     string
	source   string // httpSourceName
	sourceID string
	scope    string // region in keys
}

var aclShop = webACL{
	"arn:aws:wafv2:" + region + ":" + accountProd + ":regional/webacl/shop-web/6f7bbcb2-60a1-4b3c-9d0e-2b8d6a1f4c11", "shop-web",
	"ALB", accountProd + "-app/shop-web/50dc6c495c0c9188", region,
}

var aclEdge = webACL{
	"arn:aws:wafv2:us-east-1:" + accountProd + ":global/webacl/shop-edge/1d0b3f5e-7a52-4c0f-8e43-90e7b0f5a2d4", "shop-edge", "CF", "E2EXAMPLE9SHOP", "cloudfront",
}

// verdict is what a web ACL decided, ready to be written: what stands between the web ACL and
// the request, and the labels.
type verdict struct {
	action string
	code   string // responseCodeSent
	rule   string // terminatingRuleId
	mid    string // from terminatingRuleId to responseCodeSent
	labels string // JSON labels, beginning with a comma
	status int16  // what the load balancer answers; 0 = the page's own
}

// The rule groups every request goes through, and their names in the web ACL.
var ruleGroups = []string{"AmazonIpReputationList", "CommonRuleSet", "SQLiRuleSet", "BotControlRuleSet"}

// groupList is ruleGroupList; one group may hold a terminating rule or counted rules.
func groupList(group, terminating, counted string) string {
	s := `[`
	for i, g := range ruleGroups {
		if i > 0 {
			s += ","
		}
		t, n := "null", ""
		if g == group {
			if terminating != "" {
				t = terminating
			}
			n = counted
		}
		s += `{"ruleGroupId":"AWS#AWSManagedRules` + g + `","terminatingRule":` + t + `,"nonTerminatingMatchingRules":[` + n + `],"excludedRules":null,"customerConfig":null}`
		if t != "null" {
			break
		}
	}
	return s + `]`
}

func newVerdict(rule, kind, action, details, groups, rates, counted, inserted, code, labels string, status int16) verdict {
	if code == "" {
		code = "null"
	}
	return verdict{action, code, rule, `"terminatingRuleId":"` + rule + `","terminatingRuleType":"` + kind + `","action":"` + action +
		`","terminatingRuleMatchDetails":` + details + `,"httpSourceName":"`, labels, status}.with(groups, rates, counted, inserted)
}

// with finishes the middle; the source of the web ACL is put in by appendWAF.
func (v verdict) with(groups, rates, counted, inserted string) verdict {
	v.mid += "\x00" + `","ruleGroupList":` + groups + `,"rateBasedRuleList":` + rates + `,"nonTerminatingMatchingRules":[` + counted +
		`],"requestHeadersInserted":` + inserted + `,"responseCodeSent":` + v.code + `,"httpRequest":{"clientIp":"`
	return v
}

// match is one entry of match details.
func match(condition, location, field string, data ...string) string {
	s := `[{"conditionType":"` + condition + `","sensitivityLevel":"HIGH","location":"` + location + `","matchedData":[`
	for i, d := range data {
		if i > 0 {
			s += ","
		}
		s += `"` + quote(d) + `"`
	}
	return s + `],"matchedFieldName":"` + field + `"}]`
}

func label(group, rule string) string {
	return `,{"name":"awswaf:managed:aws:` + group + `:` + rule + `"}`
}

// The rules that stop the demo's attacks.
const (
	ruleSQLi    = "AWS-AWSManagedRulesSQLiRuleSet"
	ruleCommon  = "AWS-AWSManagedRulesCommonRuleSet"
	ruleBots    = "AWS-AWSManagedRulesBotControlRuleSet"
	ruleRate    = "rate-limit-per-ip"
	ruleBlock   = "block-listed-countries"
	tokenAbsent = `,{"name":"awswaf:managed:token:absent"}`
)

var (
	verdictAllow = newVerdict("Default_Action", "REGULAR", "ALLOW", "[]", groupList("", "", ""), "[]", "", "null", "", tokenAbsent, 0)
	verdictBody  = newVerdict("Default_Action", "REGULAR", "ALLOW", "[]",
		groupList("CommonRuleSet", "", `{"ruleId":"SizeRestrictions_BODY","action":"COUNT","overriddenAction":"BLOCK","ruleMatchDetails":[]}`), "[]",
		"", "null", "", label("core-rule-set", "SizeRestrictions_Body")+tokenAbsent, 0)
	verdictSQLi = newVerdict(ruleSQLi, "MANAGED_RULE_GROUP", "BLOCK", match("SQL_INJECTION", "ALL_QUERY_ARGS", "id", "1", "UNION", "SELECT"),
		groupList("SQLiRuleSet", `{"ruleId":"SQLi_QUERYARGUMENTS","action":"BLOCK","ruleMatchDetails":null}`, ""), "[]", "", "null", "", label("sql-database", "SQLi_QueryArguments"), 403)
	verdictXSS = newVerdict(ruleCommon, "MANAGED_RULE_GROUP", "BLOCK", match("XSS", "ALL_QUERY_ARGS", "q", "<", "script"),
		groupList("CommonRuleSet", `{"ruleId":"CrossSiteScripting_QUERYARGUMENTS","action":"BLOCK","ruleMatchDetails":null}`, ""), "[]", "", "null", "", label("core-rule-set", "CrossSiteScripting_QueryArguments"), 403)
	verdictLFI = newVerdict(ruleCommon, "MANAGED_RULE_GROUP", "BLOCK", "[]",
		groupList("CommonRuleSet", `{"ruleId":"GenericLFI_URIPATH","action":"BLOCK","ruleMatchDetails":null}`, ""), "[]", "", "null", "", label("core-rule-set", "GenericLFI_URIPath"), 403)
	verdictFakeBot = newVerdict("Default_Action", "REGULAR", "ALLOW", "[]",
		groupList("BotControlRuleSet", "", `{"ruleId":"CategorySearchEngine","action":"COUNT","overriddenAction":"BLOCK","ruleMatchDetails":[]}`), "[]", "", "null", "", tokenAbsent, 0)
	verdictRate = newVerdict(ruleRate, "RATE_BASED", "BLOCK", "[]", groupList("", "", ""),
		`[{"rateBasedRuleId":"`+aclShop.arn+`/rate-limit-per-ip","rateBasedRuleName":"rate-limit-per-ip","limitKey":"IP","maxRateAllowed":600,"evaluationWindowSec":"300"}]`, "", "null", "429", "", 429)
	verdictChallenge = newVerdict("challenge-logins", "REGULAR", "CHALLENGE", "[]", groupList("", "", ""), "[]", "",
		`null`, "202", tokenAbsent, 202)
)

// request is one request at one time.
type request struct {
	t       int64 // ns
	client  *client
	host    int8
	method  string
	uri     string // inside of a JSON string
	args    string
	verdict *verdict
	status  int16
	bytes   int32
	post    int32 // body bytes
	referer bool
}

// appendWAF writes the record of a request. trace is the request id.
func (w *world) appendWAF(b []byte, r *request, trace []byte) []byte {
	h := &hosts[r.host]
	a := &w.agents[r.client.agent]
	v := r.verdict
	b = append(b, `{"timestamp":`...)
	b = strconv.AppendInt(b, r.t/1_000_000, 10)
	b = append(b, `,"formatVersion":1,"webaclId":"`...)
	b = append(b, h.acl.arn...)
	b = append(b, `",`...)
	for i := 0; i < len(v.mid); i++ {
		if v.mid[i] == 0 {
			b = append(b, v.mid[:i]...)
			b = append(b, h.acl.source...)
			b = append(b, `","httpSourceId":"`...)
			b = append(b, h.acl.sourceID...)
			b = append(b, v.mid[i+1:]...)
			break
		}
	}
	b = append(b, r.client.ip...)
	b = append(b, `","country":"`...)
	b = append(b, r.client.country...)
	b = append(b, `","headers":[{"name":"host","value":"`...)
	b = append(b, h.name...)
	b = append(b, `"}`...)
	b = append(b, a.headers...)
	if r.referer {
		b = append(b, `,{"name":"referer","value":"https://`...)
		b = append(b, hosts[0].name...)
		b = append(b, `/search?q=item"},{"name":"cookie","value":"session=`...)
		b = appendMixed(b, r.client.id, 24)
		b = append(b, `; theme=light"}`...)
	}
	if r.host == 1 {
		b = append(b, `,{"name":"authorization","value":"Bearer `...)
		b = appendMixed(b, r.client.id, 32)
		b = append(b, `"},{"name":"content-type","value":"application/json"}`...)
	}
	b = append(b, `],"uri":"`...)
	b = append(b, r.uri...)
	b = append(b, `","args":"`...)
	b = append(b, r.args...)
	b = append(b, `","httpVersion":"HTTP/2.0","httpMethod":"`...)
	b = append(b, r.method...)
	b = append(b, `","requestId":"`...)
	b = append(b, trace...)
	b = append(b, `","fragment":"","scheme":"https","host":"`...)
	b = append(b, h.name...)
	b = append(b, `"},"labels":[`...)
	b = append(b, r.client.labels...)
	b = append(b, r.client.bot...)
	b = append(b, v.labels...)
	b = append(b, `],"ja3Fingerprint":"`...)
	b = append(b, a.ja3...)
	b = append(b, `","ja4Fingerprint":"`...)
	b = append(b, a.ja4...)
	b = append(b, '"')
	if r.post > 0 {
		b = append(b, `,"requestBodySize":`...)
		b = strconv.AppendInt(b, int64(r.post), 10)
		b = append(b, `,"requestBodySizeInspectedByWAF":`...)
		b = strconv.AppendInt(b, int64(min(r.post, 8192)), 10)
	}
	return append(b, "}\n"...)
}

// appendTrace makes the id of a request: the trace id of a load balancer, or CloudFront's.
func (w *world) appendTrace(b []byte, r *request) []byte {
	if hosts[r.host].lb == nil {
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		for i := 0; i < 54; i += 9 {
			v := w.rng.Uint64()
			for range 9 {
				b = append(b, letters[v&63])
				v >>= 6
			}
		}
		return append(b, "=="...)
	}
	b = append(b, "1-"...)
	s := uint32(r.t / 1_000_000_000)
	for i := 28; i >= 0; i -= 4 {
		b = append(b, hexDigits[s>>i&15])
	}
	b = append(b, '-')
	return appendHex(b, w.rng, 24)
}

// ordinary makes a request of the daily traffic.
func (w *world) ordinary(t int64) request {
	rng := w.rng
	p := &w.pages[w.pickPg.Uint64()]
	r := request{t: t, host: p.host, method: p.method, uri: p.uri, args: p.args, verdict: &verdictAllow, status: p.status, bytes: p.bytes}
	k := rng.Uint32()
	if k%64 < 5 {
		r.client = &w.robots[rng.IntN(len(w.robots))]
	} else {
		r.client = &w.clients[w.pickCl.Uint64()]
		r.referer = !p.static && k>>8%4 != 0
	}
	if p.method == "POST" {
		r.post = int32(40 + k>>8%900)
	}
	switch k >> 16 % 1024 {
	case 0:
		r.status = 500
	case 1:
		r.status = 502
	case 2, 3, 4:
		r.status = 404
	case 5:
		if p.method == "POST" {
			r.post, r.verdict = 70_000, &verdictBody
		}
	case 6:
		r.verdict, r.status = &verdictLFI, 403
		r.uri = "/static/..%2f..%2fetc/passwd"
	case 7, 8:
		if p.uri == "/login" {
			r.verdict, r.status = &verdictChallenge, 202
		}
	}
	return r
}
