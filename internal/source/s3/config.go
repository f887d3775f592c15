package s3

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Config names a bucket, or parts of one, whose objects are read.
type Config struct {
	// Name of the source, unique; it is part of the identity of its objects: do not change it.
	Name string `yaml:"name"`
	// Bucket to read.
	Bucket string `yaml:"bucket"`
	// Prefixes limit the source to keys that begin with one of them; empty = the whole bucket.
	Prefixes []string `yaml:"prefixes,omitempty"`
	// Region of the bucket. Empty = from the environment; for other servers than AWS us-east-1.
	Region string `yaml:"region,omitempty"`
	// Endpoint is the URL of an S3-compatible server. Empty = AWS.
	Endpoint string `yaml:"endpoint,omitempty"`
	// PathStyle puts the bucket into the path instead of the host name; most servers other than AWS need it.
	PathStyle bool `yaml:"path_style,omitempty"`
	// RoleARN is an IAM role to take on, for a bucket of another account.
	RoleARN string `yaml:"role_arn,omitempty"`
	// ExternalID is given when the role is taken on.
	ExternalID string `yaml:"external_id,omitempty"`
	// AccessKey and SecretKey are static credentials. Empty = environment, shared files or instance role.
	AccessKey string `yaml:"access_key,omitempty"`
	SecretKey string `yaml:"secret_key,omitempty"`
	// RelistDays is how many days back a re-list looks; 0 = 3.
	RelistDays int `yaml:"relist_days,omitempty"`
	// Timeout bounds each wait for the server: connecting, the answer's beginning, the next bytes. 0 = 30s.
	Timeout time.Duration `yaml:"timeout,omitempty"`
}

const (
	defaultRelistDays = 3
	defaultTimeout    = 30 * time.Second
	defaultRegion     = "us-east-1"
)

var (
	bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{1,254}$`) // also access point ARNs
	roleARN    = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:role/.+$`)
)

// Validate looks at the settings without a network.
func (c *Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Name == "" {
		bad("name: a bucket source needs a name")
	}
	if !bucketName.MatchString(c.Bucket) {
		bad("bucket: %q is not the name of a bucket", c.Bucket)
	}
	for i, p := range c.Prefixes {
		switch {
		case strings.HasPrefix(p, "s3://"):
			bad("prefixes[%d]: write only what follows the bucket in %q", i, p)
		case strings.HasPrefix(p, "/"):
			bad("prefixes[%d]: keys do not begin with a slash: %q", i, p)
		}
		for j, q := range c.Prefixes {
			if i != j && strings.HasPrefix(p, q) && (p != q || i < j) {
				bad("prefixes[%d]: %q lies inside %q", i, p, q)
			}
		}
	}
	if c.Endpoint != "" {
		if u, err := url.Parse(c.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			bad("endpoint: %q is not a URL like https://s3.example.com", c.Endpoint)
		}
	}
	if c.RoleARN != "" && !roleARN.MatchString(c.RoleARN) {
		bad("role_arn: %q is not the ARN of a role", c.RoleARN)
	}
	if c.ExternalID != "" && c.RoleARN == "" {
		bad("external_id: needs role_arn")
	}
	if (c.AccessKey == "") != (c.SecretKey == "") {
		bad("access_key and secret_key: both or none")
	}
	if c.RelistDays < 0 || c.RelistDays > 366 {
		bad("relist_days: %d is not between 0 and 366", c.RelistDays)
	}
	if c.Timeout < 0 {
		bad("timeout: %s is negative", c.Timeout)
	}
	return errors.Join(errs...)
}
