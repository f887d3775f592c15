package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/yagura-siem/yagura/internal/source"
)

// fault gives a client's error a cause, a place and what to do. A canceled call gives the bare
// reason.
func (s *Source) fault(ctx context.Context, op, key string, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errStalled) {
		return fmt.Errorf("%s %s: %w", op, s.place(key), cause)
	} else if cause != nil {
		err = cause
	}
	e := &source.Error{Op: op, Place: s.place(key), Cause: source.ErrFailed, Detail: err}
	var api smithy.APIError
	code := ""
	if errors.As(err, &api) {
		code = api.ErrorCode()
		e.Detail = answer{code, api.ErrorMessage()}
	}
	status := 0
	var re *awshttp.ResponseError
	if errors.As(err, &re) {
		status = re.HTTPStatusCode()
	}
	switch {
	case code == "InvalidObjectState":
		e.Cause, e.Hint = source.ErrArchived, "restore it from its archive class, or exclude old prefixes"
	case code == "InvalidAccessKeyId", code == "XAdminUserNotFound", // the latter: versitygw
		code == "SignatureDoesNotMatch", code == "ExpiredToken", code == "InvalidToken":
		e.Cause, e.Hint = source.ErrDenied, "check the credentials of the source"
	case code == "NoSuchBucket":
		e.Cause, e.Hint = source.ErrGone, "check bucket, region and endpoint of the source"
	case code == "PreconditionFailed", status == http.StatusPreconditionFailed:
		e.Cause = source.ErrChanged
	case code == "NoSuchKey", code == "NoSuchVersion", code == "NotFound", status == http.StatusNotFound:
		e.Cause = source.ErrGone
	case code == "PermanentRedirect", code == "AuthorizationHeaderMalformed", code == "IllegalLocationConstraintException":
		e.Cause, e.Hint = source.ErrDenied, "set the region in which the bucket is"
	case code == "RequestTimeTooSkewed":
		e.Hint = "set the clock of this machine"
	case code == "AccessDenied", status == http.StatusForbidden, status == http.StatusUnauthorized:
		e.Cause, e.Hint = source.ErrDenied, "allow s3:GetObject, and kms:Decrypt if it is encrypted with a KMS key"
		if op == "listing" {
			e.Hint = "allow s3:ListBucket on the bucket for this prefix"
		}
	}
	return e
}

// answer is what a server said, without the client's own chain of calls.
type answer struct{ code, text string }

func (a answer) Error() string {
	if a.text == "" {
		return a.code
	}
	return a.code + ": " + a.text
}

func (s *Source) place(key string) string { return "s3://" + s.cfg.Bucket + "/" + key }
