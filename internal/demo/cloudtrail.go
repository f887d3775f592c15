package demo

import "math/rand/v2"

// identity is somebody who calls AWS, ready to be written.
type identity struct {
	account string
	json    string // userIdentity
	ip      string
	agent   string
	mfa     bool
}

// operation is one kind of call.
type operation struct {
	source, name string
	read         bool
	data         bool // a data event
	weight       int
	who          int // which group of identities
	params       template
	response     template
	resources    template // the resources member, with its comma, or nothing
	extra        string   // further members, with a comma at the end
	failures     int      // of 1,000
	code         string
	message      template
}

// Groups of identities.
const (
	whoServices = iota // AWS services
	whoApps            // roles of instances, containers and functions
	whoPeople          // people in the console
	whoBuild           // the build system
)

type trail struct {
	groups [4][]identity
	ops    []operation
	pick   []uint8 // operations by weight
}

func assumedRole(account, role, session, id, created string, console bool) string {
	mfa := "false"
	if console {
		mfa = "true"
	}
	return `{"type":"AssumedRole","principalId":"AROA` + id + `:` + session + `","arn":"arn:aws:sts::` + account + `:assumed-role/` + role + `/` + session +
		`","accountId":"` + account + `","accessKeyId":"ASIA` + id + `","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA` + id +
		`","arn":"arn:aws:iam::` + account + `:role/` + role + `","accountId":"` + account + `","userName":"` + role +
		`"},"attributes":{"creationDate":"` + created + `","mfaAuthenticated":"` + mfa + `"}}}`
}

func iamUser(account, name, id, key string) string {
	s := `{"type":"IAMUser","principalId":"AIDA` + id + `","arn":"arn:aws:iam::` + account + `:user/` + name + `","accountId":"` + account + `"`
	if key != "" {
		s += `,"accessKeyId":"` + key + `"`
	}
	return s + `,"userName":"` + name + `"}`
}

// newTrail lays out who calls what; created is when the sessions were, as in eventTime.
func newTrail(rng *rand.Rand, created string) *trail {
	t := &trail{}
	id := func() string { return string(appendLetters(nil, rng, 16)) }
	for _, s := range []string{"ec2", "ecs-tasks", "lambda", "config", "autoscaling", "elasticloadbalancing", "guardduty", "cloudtrail"} {
		for _, a := range []string{accountProd, accountStage} {
			host := s + ".amazonaws.com"
			t.groups[whoServices] = append(t.groups[whoServices], identity{a, `{"type":"AWSService","invokedBy":"` + host + `"}`, host, host, false})
		}
	}
	for i, r := range []string{"shop-web-task", "shop-api-task", "image-resizer", "order-worker", "search-indexer", "mail-sender", "report-batch"} {
		for j, a := range []string{accountProd, accountProd, accountStage} {
			ua := []string{"Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#6.1.79 md/arch#x86_64 lang/python#3.12.2", "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5", "aws-sdk-java/2.25.60 Linux/6.1.79 OpenJDK_64-Bit_Server_VM/21.0.3"}[i%3]
			session := []string{"i-0a1b2c3d4e5f67890", "ecs-1f2e3d4c", "lambda-prod"}[i%3]
			t.groups[whoApps] = append(t.groups[whoApps], identity{a, assumedRole(a, r, session, id(), created, false), "52.192.10." + []string{"71", "72", "73"}[j], ua, false})
		}
	}
	for i, p := range []string{"sato.h", "suzuki.m", "takahashi.y", "tanaka.k", "watanabe.s", "ito.r"} {
		ua := []string{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36", "aws-cli/2.15.30 Python/3.11.8 Darwin/23.5.0 exe/x86_64 prompt/off command/ec2.describe-instances", "AWS Internal"}[i%3]
		role := []string{"AWSReservedSSO_ReadOnly_0a1b2c3d4e5f6071", "AWSReservedSSO_Administrator_1f2e3d4c5b6a7980"}[i%2]
		for _, a := range []string{accountProd, accountStage, accountAudit} {
			t.groups[whoPeople] = append(t.groups[whoPeople], identity{a, assumedRole(a, role, p+"@shop.example.jp", id(), created, true), "153.120.40." + []string{"11", "12"}[i%2], ua, i%3 != 1})
		}
	}
	for _, a := range []string{accountProd, accountStage} {
		t.groups[whoBuild] = append(t.groups[whoBuild], identity{a, assumedRole(a, "deploy", "GitHubActions", id(), created, false), "20.171.206.200", "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.72.1", false})
	}
	t.operations()
	return t
}

// operations lists the calls of an ordinary day with their share.
func (t *trail) operations() {
	add := func(weight, who int, source, name string, read, data bool, params, response string, failures int, code, message string) {
		t.ops = append(t.ops, operation{
			source: source + ".amazonaws.com", name: name, read: read, data: data, weight: weight, who: who,
			params: compile(params), response: compile(response), failures: failures, code: code, message: compile(message),
		})
	}
	denied := "AccessDenied"
	add(40, whoServices, "sts", "AssumeRole", true, false, `{"roleArn":"arn:aws:iam::`+accountProd+`:role/shop-web-task","roleSessionName":"ecs-{h8}","durationSeconds":3600}`,
		`{"credentials":{"accessKeyId":"ASIA{a16}","sessionToken":"IQoJb3JpZ2luX2VjEXAMPLETOKEN{h8}","expiration":"Jan 5, 2026, 1:12:31 AM"},"assumedRoleUser":{"assumedRoleId":"AROA{a17}:ecs","arn":"arn:aws:sts::`+accountProd+`:assumed-role/shop-web-task/ecs"}}`, 0, "", "")
	add(60, whoApps, "s3", "GetObject", true, true, `{"bucketName":"shop-demo-assets","Host":"shop-demo-assets.s3.`+region+`.amazonaws.com","key":"img/items/{n}.webp"}`, `null`, 8, "NoSuchKey", "The specified key does not exist.")
	add(22, whoApps, "s3", "PutObject", false, true, `{"bucketName":"shop-demo-assets","Host":"shop-demo-assets.s3.`+region+`.amazonaws.com","key":"upload/{h12}.jpg"}`, `{"x-amz-server-side-encryption":"AES256"}`, 1, denied, "Access Denied")
	add(18, whoApps, "kms", "Decrypt", true, false, `{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::shop-demo-orders"}}`, `null`, 1, denied, "not authorized to perform: kms:Decrypt")
	add(14, whoApps, "dynamodb", "DescribeTable", true, false, `{"tableName":"carts"}`, `null`, 0, "", "")
	add(12, whoApps, "secretsmanager", "GetSecretValue", true, false, `{"secretId":"prod/shop/db-{h4}"}`, `null`, 2, "AccessDeniedException", "is not authorized to perform: secretsmanager:GetSecretValue")
	add(10, whoApps, "ssm", "GetParameters", true, false, `{"withDecryption":true,"names":["/shop/prod/feature-{n}"]}`, `null`, 1, "ThrottlingException", "Rate exceeded")
	add(10, whoApps, "sqs", "GetQueueAttributes", true, false, `{"queueUrl":"https://sqs.`+region+`.amazonaws.com/`+accountProd+`/orders","attributeNames":["All"]}`, `null`, 0, "", "")
	add(8, whoApps, "logs", "CreateLogStream", false, false, `{"logGroupName":"/ecs/shop-web","logStreamName":"web/{h32}"}`, `null`, 5, "ResourceAlreadyExistsException", "The specified log stream already exists")
	add(8, whoApps, "ecr", "BatchGetImage", true, false, `{"repositoryName":"shop-web","imageIds":[{"imageTag":"v{n}"}]}`, `null`, 0, "", "")
	add(12, whoServices, "ec2", "DescribeInstances", true, false, `{"instancesSet":{},"filterSet":{}}`, `null`, 0, "", "")
	add(8, whoServices, "elasticloadbalancing", "DescribeTargetHealth", true, false, `{"targetGroupArn":"arn:aws:elasticloadbalancing:`+region+`:`+accountProd+`:targetgroup/shop-web/73e2d6bc24d8a067"}`, `null`, 0, "", "")
	add(6, whoServices, "config", "PutEvaluations", false, false, `{"testMode":false}`, `null`, 0, "", "")
	add(6, whoServices, "autoscaling", "DescribeAutoScalingGroups", true, false, `{"maxRecords":100}`, `null`, 0, "", "")
	add(6, whoPeople, "ec2", "DescribeSecurityGroups", true, false, `{"maxResults":50,"securityGroupSet":{},"filterSet":{}}`, `null`, 0, "", "")
	add(5, whoPeople, "s3", "ListBuckets", true, false, `{"Host":"s3.`+region+`.amazonaws.com"}`, `null`, 0, "", "")
	add(5, whoPeople, "cloudwatch", "GetMetricData", true, false, `null`, `null`, 0, "", "")
	add(4, whoPeople, "logs", "StartQuery", true, false, `{"logGroupNames":["/ecs/shop-api"],"queryString":"fields @timestamp, @message | filter @message like \"error {n}\"","limit":100}`, `{"queryId":"{u}"}`, 0, "", "")
	add(4, whoPeople, "iam", "ListUsers", true, false, `{"maxItems":100}`, `null`, 10, denied, "User is not authorized to perform: iam:ListUsers")
	add(3, whoPeople, "cloudtrail", "LookupEvents", true, false, `{"maxResults":50}`, `null`, 0, "", "")
	add(2, whoPeople, "ec2", "AuthorizeSecurityGroupIngress", false, false, `{"groupId":"sg-0{h16}","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"ipRanges":{"items":[{"cidrIp":"153.120.40.0/24"}]}}]}}`,
		`{"requestId":"{u}","_return":true}`, 60, "Client.UnauthorizedOperation", "You are not authorized to perform this operation.")
	add(2, whoPeople, "s3", "PutBucketPolicy", false, false, `{"bucketName":"shop-demo-tmp-{n}","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Principal":"*","Action":"s3:*"}]}}`, `null`, 0, "", "")
	add(8, whoBuild, "ecs", "DescribeServices", true, false, `{"cluster":"shop","services":["shop-web","shop-api"]}`, `null`, 0, "", "")
	add(5, whoBuild, "ecs", "RegisterTaskDefinition", false, false, `{"family":"shop-web","networkMode":"awsvpc","cpu":"1024","memory":"2048"}`, `{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:`+region+`:`+accountProd+`:task-definition/shop-web:{n}"}}`, 0, "", "")
	add(4, whoBuild, "iam", "GetRole", true, false, `{"roleName":"shop-web-task"}`, `null`, 20, "NoSuchEntityException", "The role with name cannot be found.")
	add(3, whoBuild, "lambda", "UpdateFunctionCode20150331v2", false, false, `{"functionName":"image-resizer","dryRun":false,"publish":true}`, `{"functionName":"image-resizer","version":"{n}"}`, 0, "", "")
	t.ops = append(t.ops, signIn("Success", "Yes", ""))
	t.ops[len(t.ops)-1].weight = 1
	for i, o := range t.ops {
		for range o.weight {
			t.pick = append(t.pick, uint8(i))
		}
	}
}

// signIn is a sign-in to the console.
func signIn(result, mfa, message string) operation {
	o := operation{source: "signin.amazonaws.com", name: "ConsoleLogin", who: whoPeople, params: compile("null"), response: compile(`{"ConsoleLogin":"` + result + `"}`)}
	if message != "" {
		o.extra = `"errorMessage":"` + message + `",`
	}
	o.extra += `"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true","MobileVersion":"No","MFAUsed":"` + mfa + `"},`
	return o
}

// appendCall writes a record of the ordinary day of an account.
func (t *trail) appendCall(b []byte, rng *rand.Rand, ns int64, account string) []byte {
	o := &t.ops[t.pick[rng.IntN(len(t.pick))]]
	group := t.groups[o.who]
	who := &group[rng.IntN(len(group))]
	for range 32 {
		if who.account == account {
			break
		}
		who = &group[rng.IntN(len(group))]
	}
	fail := o.failures > 0 && rng.IntN(1000) < o.failures
	return appendRecord(b, rng, ns, account, o, who, fail)
}

// appendRecord writes one CloudTrail record.
func appendRecord(b []byte, rng *rand.Rand, ns int64, account string, o *operation, who *identity, fail bool) []byte {
	b = append(b, `{"eventVersion":"1.11","userIdentity":`...)
	b = append(b, who.json...)
	b = append(b, `,"eventTime":"`...)
	b = appendTime(b, ns, 0)
	b = append(b, `Z","eventSource":"`...)
	b = append(b, o.source...)
	b = append(b, `","eventName":"`...)
	b = append(b, o.name...)
	b = append(b, `","awsRegion":"`+region+`","sourceIPAddress":"`...)
	b = append(b, who.ip...)
	b = append(b, `","userAgent":"`...)
	b = append(b, who.agent...)
	b = append(b, '"', ',')
	if fail {
		b = append(b, `"errorCode":"`...)
		b = append(b, o.code...)
		b = append(b, `","errorMessage":"`...)
		b = o.message.append(b, rng)
		b = append(b, '"', ',')
	}
	b = append(b, `"requestParameters":`...)
	b = o.params.append(b, rng)
	b = append(b, `,"responseElements":`...)
	if fail {
		b = append(b, "null"...)
	} else {
		b = o.response.append(b, rng)
	}
	b = append(b, ',')
	b = append(b, o.extra...)
	b = append(b, `"requestID":"`...)
	b = appendUUID(b, rng)
	b = append(b, `","eventID":"`...)
	b = appendUUID(b, rng)
	b = append(b, `","readOnly":`...)
	b = appendBool(b, o.read)
	b = o.resources.append(b, rng)
	if o.source == "signin.amazonaws.com" {
		b = append(b, `,"eventType":"AwsConsoleSignIn"`...)
	} else {
		b = append(b, `,"eventType":"AwsApiCall"`...)
	}
	b = append(b, `,"managementEvent":`...)
	b = appendBool(b, !o.data)
	b = append(b, `,"recipientAccountId":"`...)
	b = append(b, account...)
	if o.data {
		b = append(b, `","eventCategory":"Data"`...)
	} else {
		b = append(b, `","eventCategory":"Management"`...)
	}
	if who.agent != who.ip {
		b = append(b, `,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"`...)
		b = append(b, o.source...)
		b = append(b, `"}`...)
	}
	if who.mfa {
		b = append(b, `,"sessionCredentialFromConsole":"true"`...)
	}
	return append(b, '}')
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, "true"...)
	}
	return append(b, "false"...)
}
