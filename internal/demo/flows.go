package demo

import (
	"math/rand/v2"
	"strconv"
)

// flows makes VPC flow logs of the company's network. They have chance of their own, so that the
// other logs are the same with and without them.
type flows struct {
	rng   *rand.Rand
	pick  *rand.Zipf
	world *world
}

func newFlows(seed uint64, w *world) *flows {
	rng := rand.New(rand.NewPCG(seed, 0x59a6_0f10))
	return &flows{rng: rng, world: w, pick: rand.NewZipf(rng, 1.07, 60, uint64(len(w.clients)-1))}
}

const flowHeader = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id instance-id flow-direction pkt-dst-aws-service\n"

// machine is an instance or load balancer node with its network interface.
type machine struct{ ip, eni, instance, subnet string }

var (
	edges = []machine{
		{"10.0.0.11", "eni-0aa1000000000e11", "-", "subnet-public-a"},
		{"10.0.0.75", "eni-0aa1000000000e12", "-", "subnet-public-c"},
	}
	servers = []machine{
		{"10.0.1.21", "eni-0bb1000000000121", "i-0b10000000000121a", "subnet-app-a"},
		{"10.0.1.22", "eni-0bb1000000000122", "i-0b10000000000122a", "subnet-app-a"},
		{"10.0.2.21", "eni-0bb1000000000221", "i-0b10000000000221a", "subnet-app-c"},
		{"10.0.3.11", "eni-0bb1000000000311", "i-0b10000000000311a", "subnet-api-a"},
	}
	// What the servers talk to outside: address, port and the service behind it.
	outside = []struct{ ip, port, service string }{
		{"52.192.10.101", "443", "S3"}, {"52.192.10.102", "443", "DYNAMODB"}, {"52.192.10.103", "443", "AMAZON"}, {"153.120.40.20", "443", "-"},
	}
	wanted = []string{"22", "23", "445", "1433", "3306", "3389", "5432", "5900", "6379", "8080", "9200", "27017"}
)

// flows writes the flow log object of a slot.
func (sw *storyWriter) flows(s *slot, n int, f *flows) {
	b := append(sw.line[:0], flowHeader...)
	step := s.to.Sub(s.from).Nanoseconds() / int64(max(n, 1))
	for i := range n {
		t := s.from.UnixNano() + int64(i)*step + int64(f.rng.Float64()*float64(step))
		b = f.append(b, t/1_000_000_000)
	}
	sw.line = b
	if n > 0 {
		sw.put(flowKey(s.to, f.rng), b)
		sw.facts.Filtered++
	}
	sw.facts.Events[typeVPCFlow] += n
}

// append writes one flow that ended at t, in seconds.
func (f *flows) append(b []byte, t int64) []byte {
	k := f.rng.Uint64()
	port := strconv.FormatUint(1024+k>>8%60_000, 10)
	switch kind := k % 100; {
	case kind < 60: // a client and the load balancer
		m, c := &edges[k>>24%uint64(len(edges))], &f.world.clients[f.pick.Uint64()]
		return f.line(b, t, m, c.ip, m.ip, port, "443", 6+k>>32%40, 120, "ACCEPT", "ingress", "-")
	case kind < 80: // the load balancer and a server
		m, e := &servers[k>>24%uint64(len(servers))], &edges[k>>40%uint64(len(edges))]
		return f.line(b, t, m, e.ip, m.ip, port, "8080", 8+k>>32%60, 700, "ACCEPT", "ingress", "-")
	case kind < 92: // a server and what it needs
		m, o := &servers[k>>24%uint64(len(servers))], outside[k>>40%uint64(len(outside))]
		return f.line(b, t, m, m.ip, o.ip, port, o.port, 10+k>>32%200, 1100, "ACCEPT", "egress", o.service)
	default: // somebody looks for open ports
		m := &edges[k>>24%uint64(len(edges))]
		from := []string{ipScan, "198.51.100." + strconv.FormatUint(1+k>>40%250, 10), "203.0.113." + strconv.FormatUint(1+k>>48%120, 10)}[k>>32%3]
		return f.line(b, t, m, from, m.ip, port, wanted[k>>52%uint64(len(wanted))], 1+k>>36%3, 44, "REJECT", "ingress", "-")
	}
}

func (f *flows) line(b []byte, t int64, m *machine, src, dst, sport, dport string, packets, size uint64, action, direction, service string) []byte {
	b = append(b, "5 "+accountProd+" "...)
	b = append(b, m.eni...)
	for _, s := range []string{src, dst, sport, dport, "6"} {
		b = append(append(b, ' '), s...)
	}
	b = strconv.AppendUint(append(b, ' '), packets, 10)
	b = strconv.AppendUint(append(b, ' '), packets*size, 10)
	b = strconv.AppendInt(append(b, ' '), t-59, 10)
	b = strconv.AppendInt(append(b, ' '), t, 10)
	for _, s := range []string{action, "OK", "vpc-0a1b2c3d4e5f60718", m.subnet, m.instance, direction, service} {
		b = append(append(b, ' '), s...)
	}
	return append(b, '\n')
}
