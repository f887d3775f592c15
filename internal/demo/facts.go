package demo

import "time"

// Facts is what is known to be in a Story, so that answers can be checked.
type Facts struct {
	From, To time.Time // all events are in [From, To)

	Objects  int
	Bytes    int64          // as stored
	RawBytes int64          // decoded
	Events   map[string]int // by log type
	Ignored  int            // CloudTrail digest files
	Filtered int            // header lines of flow logs
	Actions  map[string]int // WAF events by action
	Rules    map[string]int // blocked WAF requests by terminating rule

	Scan     Attack // one address asks for paths that do not exist
	SQLi     Attack // sqlmap, blocked by the SQL injection rules
	XSS      Attack // scripts in parameters, blocked by the common rules
	Scraper  Attack // few addresses fetch item after item; partly rate-limited
	FakeBot  Attack // says it is Googlebot and is not
	SignIn   SignIn
	Stop     Call // CloudTrail switched off
	Guessing Guessing
	Findings []Finding // those of the story, in order of time
	Probes   int       // ordinary findings beside them
}

// Attack is a series of web requests. Requests counts WAF events, Blocked those not let
// through, Lines the load balancer's lines for them.
type Attack struct {
	IPs       []string
	UserAgent string
	Rule      string // terminating rule of the blocked ones
	First     time.Time
	Last      time.Time
	Requests  int
	Blocked   int
	Lines     int
	Paths     int // different paths
}

// SignIn is a sign-in to the console from abroad, without MFA.
type SignIn struct {
	Call
	Country  string
	Failures int // failed tries before
}

// Call is one call in CloudTrail.
type Call struct {
	Account, User, IP, Action string
	Time                      time.Time
}

// Guessing is a series of S3 reads that guess keys.
type Guessing struct {
	Account, User, IP, Bucket string
	First, Last               time.Time
	Denied, NoSuchKey, Found  int // GetObject by result
}

// Finding is a GuardDuty finding of the story.
type Finding struct {
	ID, Type, Account string
	Severity          float64
	Time              time.Time
}
