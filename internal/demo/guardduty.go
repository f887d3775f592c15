package demo

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// finding is what a GuardDuty finding says.
type finding struct {
	account, kind, title, description string
	severity                          float64
	resource                          string // JSON of the resource
	action                            string // JSON of service.action
	first, last                       time.Time
	count                             int
}

const iso = "2006-01-02T15:04:05.000Z"

// appendFinding writes a finding in the form of the S3 export, one line.
func appendFinding(b []byte, id string, f *finding) []byte {
	detector := "d4b040365221be2b54a6264dc9a4bc64"
	b = fmt.Appendf(b, `{"schemaVersion":"2.0","accountId":"%s","region":"%s","partition":"aws","id":"%s","arn":"arn:aws:guardduty:%s:%s:detector/%s/finding/%s","type":"%s","resource":%s,`,
		f.account, region, id, region, f.account, detector, id, f.kind, f.resource)
	b = fmt.Appendf(b, `"service":{"serviceName":"guardduty","detectorId":"%s","action":%s,"resourceRole":"TARGET","additionalInfo":{"value":"{}","type":"default"},"eventFirstSeen":"%s","eventLastSeen":"%s","archived":false,"count":%d},`,
		detector, f.action, f.first.UTC().Format(iso), f.last.UTC().Format(iso), f.count)
	return fmt.Appendf(b, `"severity":%g,"createdAt":"%s","updatedAt":"%s","title":"%s","description":"%s"}`+"\n",
		f.severity, f.first.Add(4*time.Minute).UTC().Format(iso), f.last.Add(4*time.Minute).UTC().Format(iso), quote(f.title), quote(f.description))
}

func remoteIP(ip string) string {
	n := networkOf(ip)
	return fmt.Sprintf(`{"ipAddressV4":"%s","organization":{"asn":"%d","asnOrg":"%s","isp":"%s","org":"%s"},"country":{"countryName":"%s"},"city":{"cityName":"%s"},"geoLocation":{"lat":%g,"lon":%g}}`,
		ip, n.asn, n.org, n.org, n.org, n.name, n.city, n.lat, n.lon)
}

func apiCall(service, api, ip string) string {
	return fmt.Sprintf(`{"actionType":"AWS_API_CALL","awsApiCallAction":{"api":"%s","serviceName":"%s.amazonaws.com","callerType":"Remote IP","remoteIpDetails":%s,"affectedResources":{}}}`, api, service, remoteIP(ip))
}

func accessKey(user, key string) string {
	return fmt.Sprintf(`{"resourceType":"AccessKey","accessKeyDetails":{"accessKeyId":"%s","principalId":"AIDAEXAMPLE%s","userType":"IAMUser","userName":"%s"}}`, key, key[len(key)-6:], user)
}

func instance(id, name, private, public string) string {
	return fmt.Sprintf(`{"resourceType":"Instance","instanceDetails":{"instanceId":"%s","instanceType":"t3.large","launchTime":"2025-09-01T01:02:03.000Z","platform":null,"productCodes":[],"iamInstanceProfile":null,`+
		`"networkInterfaces":[{"ipv6Addresses":[],"networkInterfaceId":"eni-0fedcba0987654321","privateDnsName":"ip.%s.compute.internal","privateIpAddress":"%s","privateIpAddresses":[{"privateDnsName":"ip.%s.compute.internal","privateIpAddress":"%s"}],`+
		`"subnetId":"subnet-0abc123def456789a","vpcId":"vpc-0abc123def456789a","securityGroups":[{"groupName":"bastion","groupId":"sg-0abcdef1234567890"}],"publicDnsName":"","publicIp":"%s"}],`+
		`"outpostArn":null,"tags":[{"key":"Name","value":"%s"}],"instanceState":"running","availabilityZone":"ap-northeast-1a","imageId":"ami-0abcdef1234567890","imageDescription":null}}`,
		id, region, private, region, private, public, name)
}

// probes are the findings of every day: port probes of the bastion host by the scanners of
// the internet, updated as they go on.
func probes(rng *rand.Rand, from, to time.Time) []finding {
	var out []finding
	for t := from.Add(5 * time.Hour); t.Before(to); t = t.Add(time.Duration(5+rng.IntN(8)) * time.Hour) {
		ip := fmt.Sprintf("192.0.2.%d", 100+rng.IntN(60))
		f := finding{
			account: accountProd, kind: "Recon:EC2/PortProbeUnprotectedPort", severity: 2,
			title:       "Unprotected port on EC2 instance i-0b457110000000001 is being probed.",
			description: "EC2 instance has an unprotected port which is being probed by a known malicious host.",
			resource:    instance("i-0b457110000000001", "bastion", "10.0.0.10", "52.192.10.200"),
			action: `{"actionType":"PORT_PROBE","portProbeAction":{"portProbeDetails":[{"localPortDetails":{"port":22,"portName":"SSH"},"localIpDetails":{"ipAddressV4":"10.0.0.10"},"remoteIpDetails":` +
				remoteIP(ip) + `}],"blocked":false}}`,
			first: t, last: t.Add(time.Duration(1+rng.IntN(20)) * time.Minute), count: 1 + rng.IntN(30),
		}
		out = append(out, f)
	}
	return out
}
