package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Story is eight days of the company's logs ending at End, with an attack in the last day.
type Story struct {
	Seed uint64
	End  time.Time
	// Scale multiplies the ordinary traffic; 0 = 1, about one million events.
	Scale float64
}

// Volumes of the ordinary traffic at scale 1.
const (
	storyDays  = 8
	webEvents  = 256_000 // requests; most make a WAF event and a load balancer's line
	nlbEvents  = 440_000
	clbEvents  = 5_000
	callEvents = 120_000
	flowEvents = 60_000
)

// logTypes of the objects, as Facts counts them.
const (
	typeWAF        = "aws.waf"
	typeALB        = "aws.alb"
	typeNLB        = "aws.nlb"
	typeCLB        = "aws.clb"
	typeCloudTrail = "aws.cloudtrail"
	typeGuardDuty  = "aws.guardduty"
	typeVPCFlow    = "aws.vpcflow"
)

// Write makes all objects in order of time and hands each to emit, whose error ends it.
func (s Story) Write(emit func(Object) error) (Facts, error) {
	if s.Scale == 0 {
		s.Scale = 1
	}
	end := s.End.UTC().Truncate(time.Minute)
	w := newWorld(s.Seed, size{clients: 20_000, paths: 3_000, agents: 400})
	sw := &storyWriter{
		world: w, emit: emit, pack: packer{level: storyLevel},
		trail: newTrail(w.rng, end.Add(-storyDays*24*time.Hour).Format("2006-01-02T15:04:05Z")),
		facts: Facts{From: end.Add(-storyDays * 24 * time.Hour), To: end, Events: map[string]int{}, Actions: map[string]int{}, Rules: map[string]int{}},
	}
	attacks := w.webAttacks(end, &sw.facts)
	calls := w.intrusion(end, &sw.facts)
	flows := newFlows(s.Seed, w)
	var web, nlb, clb, ct, flow share
	for _, sl := range slots(end, storyDays) {
		attacks = sw.web(&sl, web.take(sl.web*webEvents*s.Scale), attacks)
		sw.lines(&sl, nlb.take(sl.web*nlbEvents*s.Scale), clb.take(sl.web*clbEvents*s.Scale))
		calls = sw.calls(&sl, ct.take(sl.cloud*callEvents*s.Scale), calls)
		sw.flows(&sl, flow.take(sl.web*flowEvents*s.Scale), flows)
		if sl.to.Sub(end)%(24*time.Hour) == 0 {
			sw.digest(sl.to)
		}
		if sw.err != nil {
			return Facts{}, sw.err
		}
	}
	sw.findings(end)
	return sw.facts, sw.err
}

// share turns fractions into whole numbers without losing any on the way.
type share struct{ left float64 }

func (s *share) take(v float64) int {
	s.left += v
	n := int(s.left)
	s.left -= float64(n)
	return n
}

// storyWriter keeps what the slots share.
type storyWriter struct {
	world *world
	trail *trail
	facts Facts
	emit  func(Object) error
	err   error

	pack                     packer
	shop, edge, lbWeb, lbAPI []byte
	line                     []byte
	trace                    []byte
}

// put hands over one object, unless it is empty or something failed before.
func (sw *storyWriter) put(key string, raw []byte) {
	if sw.err != nil || len(raw) == 0 {
		return
	}
	o, err := sw.pack.pack(key, raw, !strings.HasSuffix(key, ".gz"))
	if err == nil {
		err = sw.emit(o)
	}
	sw.err = err
	sw.facts.Objects++
	sw.facts.Bytes += int64(len(o.Data))
	sw.facts.RawBytes += o.Raw
}

// web writes the WAF and application load balancer objects of a slot and returns the attacks
// that come later.
func (sw *storyWriter) web(s *slot, n int, attacks []request) []request {
	w := sw.world
	sw.shop, sw.edge, sw.lbWeb, sw.lbAPI = sw.shop[:0], sw.edge[:0], sw.lbWeb[:0], sw.lbAPI[:0]
	to := s.to.UnixNano()
	for _, t := range w.times(s, n) {
		for len(attacks) > 0 && attacks[0].t < t {
			sw.request(&attacks[0])
			attacks = attacks[1:]
		}
		r := w.ordinary(t)
		sw.request(&r)
	}
	for len(attacks) > 0 && attacks[0].t < to {
		sw.request(&attacks[0])
		attacks = attacks[1:]
	}
	sw.put(wafKey(&aclShop, s.to, w.rng), sw.shop)
	sw.put(wafKey(&aclEdge, s.to, w.rng), sw.edge)
	sw.put(albKey(&lbWeb, s.to, w.rng), sw.lbWeb)
	sw.put(albKey(&lbAPI, s.to, w.rng), sw.lbAPI)
	return attacks
}

// request writes what one request leaves behind.
func (sw *storyWriter) request(r *request) {
	h := &hosts[r.host]
	sw.trace = sw.world.appendTrace(sw.trace[:0], r)
	if h.acl != nil {
		dst := &sw.shop
		if h.acl == &aclEdge {
			dst = &sw.edge
		}
		*dst = sw.world.appendWAF(*dst, r, sw.trace)
		sw.facts.Events[typeWAF]++
		sw.facts.Actions[r.verdict.action]++
		if r.verdict.action == "BLOCK" {
			sw.facts.Rules[r.verdict.rule]++
		}
	}
	if h.lb != nil {
		dst := &sw.lbWeb
		if h.lb == &lbAPI {
			dst = &sw.lbAPI
		}
		*dst = sw.world.appendALB(*dst, r, sw.trace)
		sw.facts.Events[typeALB]++
	}
}

// lines writes the objects of the network and the classic load balancer.
func (sw *storyWriter) lines(s *slot, nlb, clb int) {
	w := sw.world
	sw.line = sw.line[:0]
	for _, t := range w.times(s, nlb) {
		sw.line = appendNLB(sw.line, w.rng, t, &w.clients[w.pickCl.Uint64()])
	}
	sw.put(nlbKey(s.to, w.rng), sw.line)
	sw.facts.Events[typeNLB] += nlb
	sw.line = sw.line[:0]
	for _, t := range w.times(s, clb) {
		c := &w.clients[w.pickCl.Uint64()]
		for strings.Contains(c.ip, ":") {
			c = &w.clients[w.pickCl.Uint64()]
		}
		sw.line = w.appendCLB(sw.line, w.rng, t, c)
	}
	sw.put(clbKey(s.to, w.rng), sw.line)
	sw.facts.Events[typeCLB] += clb
}

// calls writes the CloudTrail objects of a slot, one an account.
func (sw *storyWriter) calls(s *slot, n int, planned []call) []call {
	rng := sw.world.rng
	to := s.to.UnixNano()
	for i, account := range []string{accountProd, accountStage, accountAudit} {
		m := []int{n - n*3/10 - n/20, n * 3 / 10, n / 20}[i]
		b := append(sw.line[:0], `{"Records":[`...)
		head := len(b)
		next := func() {
			if len(b) > head {
				b = append(b, ',')
			}
			sw.facts.Events[typeCloudTrail]++
		}
		plannedUntil := func(t int64) {
			for account == accountProd && len(planned) > 0 && planned[0].t < t {
				c := &planned[0]
				next()
				b = appendRecord(b, rng, c.t, account, c.op, c.who, c.fail)
				planned = planned[1:]
			}
		}
		for _, t := range sw.world.times(s, m) {
			plannedUntil(t)
			next()
			b = sw.trail.appendCall(b, rng, t, account)
		}
		plannedUntil(to)
		sw.line = b
		if len(b) > head {
			sw.line = append(b, "]}"...)
			sw.put(trailKey("CloudTrail", account, s.to, rng), sw.line)
		}
	}
	return planned
}

// digest writes the digest file of a day: not an event, but found in every bucket.
func (sw *storyWriter) digest(t time.Time) {
	key := trailKey("CloudTrail-Digest", accountProd, t, sw.world.rng)
	b := fmt.Appendf(sw.line[:0], `{"awsAccountId":"%s","digestStartTime":"%s","digestEndTime":"%s","digestS3Bucket":"shop-demo-logs","digestS3Object":"%s",`+
		`"digestPublicKeyFingerprint":"31e8b5433410dfb61a9dc45cc65b22ff","digestSignatureAlgorithm":"SHA256withRSA","newestEventTime":"%s","oldestEventTime":"%s","previousDigestS3Bucket":null,`+
		`"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestHashAlgorithm":null,"previousDigestSignature":null,"logFiles":[]}`,
		accountProd, t.Add(-24*time.Hour).Format(time.RFC3339), t.Format(time.RFC3339), key, t.Format(time.RFC3339), t.Add(-24*time.Hour).Format(time.RFC3339))
	sw.line = b
	sw.put(key, b)
	sw.facts.Ignored++
}

// findings writes the GuardDuty objects, one a finding.
func (sw *storyWriter) findings(end time.Time) {
	rng := sw.world.rng
	probes := probes(rng, sw.facts.From, end.Add(-time.Hour))
	sw.facts.Probes = len(probes)
	for i := range probes {
		sw.finding(&probes[i], rng)
	}
	for _, f := range intrusionFindings(&sw.facts) {
		id := sw.finding(&f, rng)
		sw.facts.Findings = append(sw.facts.Findings, Finding{id, f.kind, f.account, f.severity, f.last.Add(4 * time.Minute)})
	}
}

func (sw *storyWriter) finding(f *finding, rng *rand.Rand) string {
	id := string(appendHex(nil, rng, 32))
	sw.line = appendFinding(sw.line[:0], id, f)
	sw.put(guardDutyKey(f.account, f.last, rng), sw.line)
	sw.facts.Events[typeGuardDuty]++
	return id
}
