package logtype

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"syscall"
	"testing"

	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

// wafRecords writes realistic WAF records of about 2 KB.
func wafRecords(n int) []byte {
	rng := rand.New(rand.NewSource(1))
	var b bytes.Buffer
	base := int64(1_795_000_000_000)
	actions := []string{"ALLOW", "ALLOW", "ALLOW", "ALLOW", "ALLOW", "ALLOW", "ALLOW", "BLOCK"}
	ips, paths, agents := rand.NewZipf(rng, 1.1, 20, 500_000), rand.NewZipf(rng, 1.1, 10, 200_000), rand.NewZipf(rng, 1.2, 5, 8_000)
	countries := []string{"JP", "JP", "JP", "US", "DE", "CN", "BR", "IN"}
	for i := range n {
		k := ips.Uint64()
		ip := fmt.Sprintf("203.%d.%d.%d", k>>16, k>>8&255, k&255)
		path := fmt.Sprintf("/items/%d/detail", paths.Uint64())
		action := actions[rng.Intn(len(actions))]
		term, details := "Default_Action", ""
		if action == "BLOCK" {
			term = "AWS-AWSManagedRulesCommonRuleSet"
			details = `{"conditionType":"XSS","sensitivityLevel":"LOW","location":"QUERY_STRING","matchedData":["<","script"],"matchedFieldName":"q"}`
		}
		ua := fmt.Sprintf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36", agents.Uint64())
		fmt.Fprintf(&b, `{"timestamp":%d,"formatVersion":1,"webaclId":"arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/shop-prod/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111","terminatingRuleId":"%s","terminatingRuleType":"REGULAR","action":"%s","terminatingRuleMatchDetails":[%s],"httpSourceName":"ALB","httpSourceId":"123456789012-app/shop-prod-alb/50dc6c495c0c9188","ruleGroupList":[{"ruleGroupId":"AWS#AWSManagedRulesAmazonIpReputationList","terminatingRule":null,"nonTerminatingMatchingRules":[],"excludedRules":null,"customerConfig":null},{"ruleGroupId":"AWS#AWSManagedRulesCommonRuleSet","terminatingRule":null,"nonTerminatingMatchingRules":[{"ruleId":"SizeRestrictions_BODY","action":"COUNT","overriddenAction":"BLOCK","ruleMatchDetails":[]}],"excludedRules":null,"customerConfig":null},{"ruleGroupId":"AWS#AWSManagedRulesKnownBadInputsRuleSet","terminatingRule":null,"nonTerminatingMatchingRules":[],"excludedRules":null,"customerConfig":null}],"rateBasedRuleList":[{"rateBasedRuleId":"arn:aws:wafv2:ap-northeast-1:123456789012:regional/rate","rateBasedRuleName":"rate-2000","limitKey":"IP","maxRateAllowed":2000,"evaluationWindowSec":"300","limitValue":"%s"}],"nonTerminatingMatchingRules":[],"requestHeadersInserted":null,"responseCodeSent":null,"httpRequest":{"clientIp":"%s","country":"%s","headers":[{"name":"Host","value":"shop%d.example.com"},{"name":"User-Agent","value":"%s"},{"name":"Accept","value":"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},{"name":"Accept-Language","value":"ja,en-US;q=0.7,en;q=0.3"},{"name":"Accept-Encoding","value":"gzip, deflate, br"},{"name":"Referer","value":"https://shop%d.example.com/items?page=%d"},{"name":"Cookie","value":"session=%x%x; theme=dark"},{"name":"X-Forwarded-For","value":"%s"}],"uri":"%s","args":"page=%d&token=%x","httpVersion":"HTTP/2.0","httpMethod":"GET","requestId":"1-%08x-%012x","fragment":"","scheme":"https","host":"shop%d.example.com"},"labels":[{"name":"awswaf:managed:aws:bot-control:bot:category:search_engine"},{"name":"awswaf:managed:token:absent"},{"name":"awswaf:clientip:geo:region:JP-13"}],"ja3Fingerprint":"e7d705a3286e19ea42f587b344ee6865","ja4Fingerprint":"t13d1516h2_8daaf6152771_02713d6af862","requestBodySize":%d,"requestBodySizeInspectedByWAF":%d}`+"\n",
			base+int64(i)*7, term, action, details, ip, ip, countries[rng.Intn(len(countries))], rng.Intn(12), ua, rng.Intn(12), rng.Intn(50),
			rng.Uint64(), rng.Uint64(), ip, path, rng.Intn(50), rng.Uint32(), rng.Uint32(), rng.Int63n(1<<48), rng.Intn(12), 0, 0)
	}
	return b.Bytes()
}

func albLines(n int) []byte {
	rng := rand.New(rand.NewSource(2))
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `https 2026-11-20T%02d:%02d:%02d.%06dZ app/shop-prod-alb/50dc6c495c0c9188 203.0.%d.%d:%d 10.0.1.%d:8080 0.000 0.0%02d 0.000 200 200 %d %d "GET https://shop%d.example.com:443/items/%d?page=%d&q=abc HTTP/2.0" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/shop/73e2d6bc24d8a067 "Root=1-%08x-%024x" "shop.example.com" "arn:aws:acm:ap-northeast-1:123456789012:certificate/12345678-1234-1234-1234-123456789012" 100 2026-11-20T%02d:%02d:%02d.%06dZ "forward" "-" "-" "10.0.1.%d:8080" "200" "-" "-" TID_%x`+"\n",
			i/3600%24, i/60%60, i%60, rng.Intn(1e6), rng.Intn(255), rng.Intn(255), 1024+rng.Intn(60000), rng.Intn(20), rng.Intn(99), rng.Intn(2000), rng.Intn(90000),
			rng.Intn(12), rng.Intn(5000), rng.Intn(40), 90+rng.Intn(40), rng.Uint32(), rng.Uint64(), i/3600%24, i/60%60, i%60, rng.Intn(1e6), rng.Intn(20), rng.Uint64())
	}
	return b.Bytes()
}

func trailRecords(n int) []byte {
	rng := rand.New(rand.NewSource(3))
	var b bytes.Buffer
	b.WriteString(`{"Records":[`)
	calls := []string{"DescribeInstances", "GetObject", "AssumeRole", "ListBuckets", "CreateTags", "PutObject"}
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		name := calls[rng.Intn(len(calls))]
		fmt.Fprintf(&b, `{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE%d:i-0%016x","arn":"arn:aws:sts::123456789012:assumed-role/app-role-%d/i-0%016x","accountId":"123456789012","accessKeyId":"ASIA%012X","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::123456789012:role/app-role","accountId":"123456789012","userName":"app-role"},"attributes":{"creationDate":"2026-11-20T01:02:03Z","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}},"eventTime":"2026-11-20T%02d:%02d:%02dZ","eventSource":"ec2.amazonaws.com","eventName":"%s","awsRegion":"ap-northeast-1","sourceIPAddress":"203.0.113.%d","userAgent":"aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.170.0","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-0%016x"}]},"filterSet":{"items":[{"name":"tag:env","valueSet":{"items":[{"value":"prod"}]}}]}},"responseElements":null,"requestID":"%08x-1111-2222-3333-%012x","eventID":"%08x-4444-5555-6666-%012x","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"ec2.ap-northeast-1.amazonaws.com"}}`,
			i%50, rng.Uint64(), i%50, i%2000, rng.Int63n(1<<40), i/3600%24, i/60%60, i%60, name, rng.Intn(250), rng.Uint64(), rng.Uint32(), rng.Int63n(1<<40), rng.Uint32(), rng.Int63n(1<<40))
	}
	b.WriteString("]}")
	return b.Bytes()
}

func benchmark(b *testing.B, set *Set, data []byte, records int) {
	r := set.NewReader(Options{Now: now, Unwrap: envelope.Unwrap})
	sink := &keepSink{}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuTime()
	for range b.N {
		c, err := r.Read(context.Background(), Object{ID: strings.Repeat("0", 20), Key: "k"}, bytes.NewReader(data), sink)
		if err != nil || c.Events != int64(records) {
			b.Fatal(err, c)
		}
		for _, b := range append(sink.batches, r.Flush()...) {
			b.Release() // as whoever stores them does
		}
		sink.batches = nil
	}
	b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	// CPU time does not depend on who else uses the machine.
	used := cpuTime() - cpu
	b.ReportMetric(float64(used)/float64(records)/float64(b.N), "cpu-ns/record")
	b.ReportMetric(float64(len(data))*float64(b.N)/1e6/(float64(used)/1e9), "MB/cpu-s")
}

func cpuTime() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkNormalizeWAF(b *testing.B) {
	const n = 20000
	benchmark(b, shipped(b), wafRecords(n), n)
}

// BenchmarkNormalizeWAF35 maps the fields a plain definition of AWS WAF would.
func BenchmarkNormalizeWAF35(b *testing.B) {
	const n = 20000
	src := strings.Join([]string{
		"name: aws.waf", "title: WAF", "version: 1", "recognise: {content: [webaclId, httpRequest.clientIp]}", "frame: json",
		"time: {from: timestamp, as: unix_ms}", "null: ['', '-']",
		"mask: [{each: 'httpRequest.headers[]', where: {name: {fold_in: [authorization, cookie]}}, at: value}, {at: httpRequest.args, params: default}]",
		"let:", "  acl: {from: webaclId, parse: arn}", "  hdr: {from: 'httpRequest.headers[]', pivot: [name, value], fold: lower}",
		"  term: {from: 'ruleGroupList[]', where: {terminatingRule: present}, pick: last}",
		"fields: {aws.waf.labels: strings, aws.waf.counted: strings, aws.waf.groups: strings, aws.waf.details: string, aws.waf.source: string, aws.waf.source_id: string}",
		"set:", "  event.kind: {const: event}", "  event.category: {const: [web]}", "  event.action: action",
		"  event.outcome: {from: action, map: {ALLOW: success, BLOCK: failure}, else: unknown}",
		"  event.type: {when: [{if: 'action:BLOCK', const: [denied]}], else: {const: [allowed]}}",
		"  cloud.provider: {const: aws}", "  cloud.account.id: $acl.account", "  cloud.region: $acl.region", "  cloud.service.name: {const: waf}",
		"  source.address: httpRequest.clientIp", "  source.ip: httpRequest.clientIp", "  source.geo.country_iso_code: httpRequest.country",
		"  http.request.method: httpRequest.httpMethod", "  http.request.id: httpRequest.requestId", "  http.request.referrer: $hdr.referer",
		"  http.response.status_code: responseCodeSent", "  http.version: {from: httpRequest.httpVersion, strip_prefix: HTTP/}",
		"  http.request.body.bytes: requestBodySize", "  url.scheme: httpRequest.scheme", "  url.path: httpRequest.uri", "  url.query: httpRequest.args",
		"  url.original: {join: [httpRequest.uri, {if_any: httpRequest.args, prefix: '?'}]}", "  url.domain: {first: [httpRequest.host, $hdr.host]}",
		"  user_agent.original: $hdr.user-agent", "  tls.client.ja3: ja3Fingerprint", "  tls.client.ja4: ja4Fingerprint", "  rule.id: terminatingRuleId",
		"  rule.category: terminatingRuleType", "  rule.ruleset: $term.ruleGroupId", "  aws.waf.labels: {from: 'labels[].name', distinct: true}",
		"  aws.waf.counted: 'nonTerminatingMatchingRules[].ruleId'", "  aws.waf.groups: 'ruleGroupList[].ruleGroupId'",
		"  aws.waf.details: {from: terminatingRuleMatchDetails, as: raw}", "  aws.waf.source: httpSourceName", "  aws.waf.source_id: httpSourceId",
		"rest: {}", "store: {original: keep, plain: [http.request.id, url.original, aws.waf.details]}",
	}, "\n")
	benchmark(b, compile(b, src), wafRecords(n), n)
}

func BenchmarkNormalizeCloudTrail(b *testing.B) {
	const n = 20000
	benchmark(b, shipped(b), trailRecords(n), n)
}

func BenchmarkNormalizeALB(b *testing.B) {
	const n = 40000
	benchmark(b, shipped(b), albLines(n), n)
}

// BenchmarkYardstick is encoding/json over the same records: to compare runs on a busy machine.
func BenchmarkYardstick(b *testing.B) {
	const n = 20000
	data := wafRecords(n)
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	b.SetBytes(int64(len(data)))
	cpu := cpuTime()
	b.ResetTimer()
	for range b.N {
		for _, l := range lines {
			if !json.Valid(l) {
				b.Fatal("bad record")
			}
		}
	}
	used := cpuTime() - cpu
	b.ReportMetric(float64(used)/n/float64(b.N), "cpu-ns/record")
	b.ReportMetric(float64(len(data))*float64(b.N)/1e6/(float64(used)/1e9), "MB/cpu-s")
}
