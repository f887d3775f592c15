package demo

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Object keys as AWS makes them. t is the end of what the object covers.

func wafKey(acl *webACL, t time.Time, rng *rand.Rand) string {
	return fmt.Sprintf("aws-waf-logs-shop/AWSLogs/%s/WAFLogs/%s/%s/%s/%s_waflogs_%s_%s_%s_%s.log.gz", accountProd, acl.scope, acl.name,
		t.UTC().Format("2006/01/02/15/04"), accountProd, acl.scope, acl.name, stamp(t), appendHex(nil, rng, 8))
}

func albKey(lb *balancer, t time.Time, rng *rand.Rand) string {
	return fmt.Sprintf("%s_app.%s.%s_%s_52.192.10.%d_%s.log.gz", elbKey(t), lb.name, lb.id, stamp(t), 20+rng.IntN(3), appendHex(nil, rng, 8))
}

func nlbKey(t time.Time, rng *rand.Rand) string {
	return fmt.Sprintf("%s_net.shop-stream.c6e77e28c25b2234_%s_%s.log.gz", elbKey(t), stamp(t), appendHex(nil, rng, 8))
}

func clbKey(t time.Time, rng *rand.Rand) string {
	return fmt.Sprintf("%s_legacy-partner_%s_52.192.10.40_%s.log", elbKey(t), stamp(t), appendHex(nil, rng, 8))
}

func elbKey(t time.Time) string {
	return fmt.Sprintf("AWSLogs/%s/elasticloadbalancing/%s/%s/%s_elasticloadbalancing_%s", accountProd, region, t.UTC().Format("2006/01/02"), accountProd, region)
}

func trailKey(kind, account string, t time.Time, rng *rand.Rand) string {
	trail := ""
	if kind != "CloudTrail" {
		trail = "_shop-trail_" + region
	}
	return fmt.Sprintf("AWSLogs/%s/%s/%s/%s/%s_%s_%s%s_%s_%s.json.gz", account, kind, region, t.UTC().Format("2006/01/02"), account, kind, region, trail, stamp(t), appendLetters(nil, rng, 16))
}

func guardDutyKey(account string, t time.Time, rng *rand.Rand) string {
	return fmt.Sprintf("AWSLogs/%s/GuardDuty/%s/%s/%s.jsonl.gz", account, region, t.UTC().Format("2006/01/02"), appendUUID(nil, rng))
}

func flowKey(t time.Time, rng *rand.Rand) string {
	return fmt.Sprintf("AWSLogs/%s/vpcflowlogs/%s/%s/%s_vpcflowlogs_%s_fl-0a1b2c3d4e5f60718_%s_%s.log.gz", accountProd, region, t.UTC().Format("2006/01/02"),
		accountProd, region, stamp(t), appendHex(nil, rng, 8))
}

func stamp(t time.Time) string { return t.UTC().Format("20060102T1504Z") }
