// Package s3 is a source of objects in an S3-compatible bucket, found by listing. It only reads:
// ListObjectsV2, GetObject and HeadObject.
package s3

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/yagura-siem/yagura/internal/source"
)

// Source reads one bucket.
type Source struct {
	cfg    Config
	client *s3.Client
	now    func() time.Time

	smallPrefix int // objects in a prefix that is listed whole

	mu    sync.Mutex        // held by a scan
	small map[string]bool   // by prefix, once it is known
	seen  map[string]string // key → version handed out by fast passes not long ago
}

// Open prepares a client; it does not connect. now nil = time.Now.
func Open(ctx context.Context, c Config, now func() time.Time) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if len(c.Prefixes) == 0 {
		c.Prefixes = []string{""}
	}
	if c.RelistDays == 0 {
		c.RelistDays = defaultRelistDays
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if now == nil {
		now = time.Now
	}
	client, err := newClient(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("opening source %s: %w", c.Name, err)
	}
	return &Source{cfg: c, client: client, now: now, smallPrefix: defaultSmall, small: map[string]bool{}, seen: map[string]string{}}, nil
}

const (
	attempts = 4               // of one request before it counts as failed
	maxPause = 2 * time.Second // between them, growing
)

func newClient(ctx context.Context, c Config) (*s3.Client, error) {
	hc := awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = c.Timeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = c.Timeout
			t.TLSHandshakeTimeout = c.Timeout
			t.MaxIdleConnsPerHost = 32
		})
	options := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}), // it writes to standard error what the error says again
		config.WithHTTPClient(hc),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = attempts
				o.MaxBackoff = maxPause
			})
		}),
	}
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	if c.AccessKey != "" {
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, "")))
	}
	base, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, err
	}
	if base.Region == "" {
		base.Region = defaultRegion
	}
	if c.RoleARN != "" {
		base.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(base), c.RoleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "yagura"
			if c.ExternalID != "" {
				o.ExternalID = aws.String(c.ExternalID)
			}
		}))
	}
	return s3.NewFromConfig(base, func(o *s3.Options) {
		o.UsePathStyle = c.PathStyle
		if c.Endpoint != "" {
			o.BaseEndpoint = aws.String(c.Endpoint)
		}
		// other servers than AWS do not know the newer checksums
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.DisableLogOutputChecksumValidationSkipped = true
	}), nil
}

// Name is the configured name.
func (s *Source) Name() string { return s.cfg.Name }

// Close does nothing: connections end by themselves.
func (s *Source) Close() error { return nil }

// Check asks for the object's head.
func (s *Source) Check(ctx context.Context, o source.Object) error {
	_, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.cfg.Bucket, Key: &o.Key, IfMatch: &o.ETag})
	if err != nil {
		return s.fault(ctx, "checking", o.Key, err)
	}
	return nil
}
