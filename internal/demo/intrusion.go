package demo

import (
	"fmt"
	"time"
)

// call is one planned call of the intruder.
type call struct {
	t    int64
	op   *operation
	who  *identity
	fail bool
}

const (
	victim   = "tanaka.k"
	exporter = "report-export"
	bucket   = "shop-demo-customer-exports"
	stolen   = "AKIAIOSFODNN7EXAMPLE"
)

// intrusion plans the break-in into the production account, in order of time.
func (w *world) intrusion(end time.Time, f *Facts) []call {
	var out []call
	person := identity{accountProd, iamUser(accountProd, victim, "EXAMPLE7TANAKA4KQ", ""), ipIntruder, chromeUA, false}
	console := identity{accountProd, iamUser(accountProd, victim, "EXAMPLE7TANAKA4KQ", "ASIAEXAMPLETANAKA4KQ"), ipIntruder, chromeUA, false}
	robot := identity{accountProd, iamUser(accountProd, exporter, "EXAMPLE3REPORT9EX", stolen), ipIntruder, "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.15-amd64 exe/x86_64.kali.2024 prompt/off command/s3api.get-object", false}
	step := func(d time.Duration, who *identity, o operation, fail bool) time.Time {
		t := end.Add(-6*time.Hour + d)
		out = append(out, call{t.UnixNano(), &o, who, fail})
		return t.Truncate(time.Second)
	}
	op := func(source, name string, read bool, params, response, code, message string) operation {
		return operation{source: source + ".amazonaws.com", name: name, read: read, params: compile(params), response: compile(response), code: code, message: compile(message)}
	}

	const failures = 9
	for i := range failures {
		step(time.Duration(i)*20*time.Second, &person, signIn("Failure", "No", "Failed authentication"), false)
	}
	t := step(4*time.Minute, &person, signIn("Success", "No", ""), false)
	f.SignIn = SignIn{Call{accountProd, victim, ipIntruder, "ConsoleLogin", t}, networkOf(ipIntruder).country, failures}
	step(5*time.Minute, &console, op("sts", "GetCallerIdentity", true, "null", "null", "", ""), false)
	step(6*time.Minute, &console, op("iam", "ListUsers", true, `{"maxItems":100}`, "null", "", ""), false)
	step(7*time.Minute, &console, op("cloudtrail", "DescribeTrails", true, `{"includeShadowTrails":true}`, "null", "", ""), false)
	step(8*time.Minute, &console, op("cloudtrail", "DeleteTrail", false, `{"name":"shop-trail"}`, "null", "AccessDenied", "User: arn:aws:iam::"+accountProd+":user/"+victim+" is not authorized to perform: cloudtrail:DeleteTrail"), true)
	t = step(10*time.Minute, &console, op("cloudtrail", "StopLogging", false, `{"name":"arn:aws:cloudtrail:`+region+`:`+accountProd+`:trail/shop-trail"}`, "null", "", ""), false)
	f.Stop = Call{accountProd, victim, ipIntruder, "StopLogging", t}
	step(14*time.Minute, &console, op("iam", "CreateAccessKey", false, `{"userName":"`+exporter+`"}`,
		`{"accessKey":{"userName":"`+exporter+`","accessKeyId":"`+stolen+`","status":"Active","createDate":"Jan 1, 2026, 1:00:00 AM"}}`, "", ""), false)
	step(15*time.Minute, &console, op("iam", "AttachUserPolicy", false, `{"userName":"`+exporter+`","policyArn":"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}`, "null", "", ""), false)
	out = append(out, w.guessing(end, &robot, f)...)
	return out
}

// guessing plans the reads of objects whose keys are guessed: first all is denied, then, with
// the policy in force, keys prove not to exist, and a few are found.
func (w *world) guessing(end time.Time, who *identity, f *Facts) []call {
	var out []call
	g := Guessing{Account: accountProd, User: exporter, IP: ipIntruder, Bucket: bucket}
	const n, denied = 2_492, 1_840
	first := end.Add(-5*time.Hour - 40*time.Minute)
	for i := range n {
		day := i % 28
		o := operation{
			source: "s3.amazonaws.com", name: "GetObject", read: true, data: true,
			params:   compile(fmt.Sprintf(`{"bucketName":"%s","Host":"%s.s3.%s.amazonaws.com","key":"exports/2025/%02d/%02d/customers-%04d.csv"}`, bucket, bucket, region, 1+i%12, 1+day, i)),
			response: compile("null"),
			resources: compile(fmt.Sprintf(`,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::%s/exports/2025/%02d/%02d/customers-%04d.csv"},{"accountId":"%s","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::%s"}]`,
				bucket, 1+i%12, 1+day, i, accountProd, bucket)),
			extra: `"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","bytesTransferredOut":243},`,
		}
		fail := true
		switch {
		case i < denied:
			o.code, o.message = "AccessDenied", compile("Access Denied")
			g.Denied++
		case i%54 == 7:
			fail = false
			g.Found++
		default:
			o.code, o.message = "NoSuchKey", compile("The specified key does not exist.")
			g.NoSuchKey++
		}
		t := first.Add(time.Duration((float64(i) + w.rng.Float64()) * float64(70*time.Minute) / n))
		if i == 0 {
			g.First = t.Truncate(time.Second)
		}
		g.Last = t.Truncate(time.Second)
		out = append(out, call{t.UnixNano(), &o, who, fail})
	}
	f.Guessing = g
	return out
}

// intrusionFindings are what GuardDuty makes of the intrusion.
func intrusionFindings(f *Facts) []finding {
	user := accessKey(victim, "ASIAEXAMPLETANAKA4KQ")
	key := accessKey(exporter, stolen)
	g := f.Guessing
	bucketJSON := `{"resourceType":"S3Bucket","s3BucketDetails":[{"arn":"arn:aws:s3:::` + bucket + `","name":"` + bucket + `","type":"Destination","createdAt":1690000000.0,"owner":{"id":"example"},"tags":[{"key":"data","value":"personal"}],` +
		`"publicAccess":{"effectivePermission":"NOT_PUBLIC"}}],` + key[len(`{"resourceType":"AccessKey",`):]
	return []finding{
		{
			accountProd, "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", "Unusual console login was seen for principal " + victim + ".",
			"A console sign-in without MFA came from a country this user has never signed in from.", 5, user, apiCall("signin", "ConsoleLogin", ipIntruder), f.SignIn.Time, f.SignIn.Time, 1,
		},
		{
			accountProd, "Stealth:IAMUser/CloudTrailLoggingDisabled", "AWS CloudTrail trail shop-trail was disabled.", "CloudTrail was disabled by " + victim + " calling StopLogging.",
			2, user, apiCall("cloudtrail", "StopLogging", ipIntruder), f.Stop.Time, f.Stop.Time, 1,
		},
		{
			accountProd, "Exfiltration:S3/AnomalousBehavior", "The user " + exporter + " anomalously read objects of an S3 bucket.", "GetObject was called with many keys from an unusual network.",
			8, bucketJSON, apiCall("s3", "GetObject", ipIntruder), g.First, g.Last, g.Denied + g.NoSuchKey + g.Found,
		},
		{
			accountProd, "AttackSequence:S3/CompromisedData", "Potential data compromise of one or more S3 buckets involving a sequence of actions associated with " + exporter + ".",
			"A sequence of actions over 2 hours: console sign-in from abroad, logging switched off, new access key, reading of objects.", 9, bucketJSON,
			apiCall("s3", "GetObject", ipIntruder), f.SignIn.Time, g.Last, 3,
		},
	}
}
