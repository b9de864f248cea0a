package awsapi

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// DefaultAttempts is how often a call is tried at most. Roles Anywhere allows one
// call a second in each group of operations, so a set-up meets throttling.
//
// Source: https://docs.aws.amazon.com/general/latest/gr/rolesanywhere.html
const DefaultAttempts = 6

// DefaultMaxBackoff bounds the pause between two attempts.
const DefaultMaxBackoff = 8 * time.Second

// retryer is for calls that may be repeated without harm: those that look, and
// those that set something to a value.
func retryer(options Options) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { bound(o, options) })
}

// onceRetryer is for calls that make a thing under a name that AWS does not keep
// unique. If such a call broke off, nobody knows whether the thing was made, and
// a second call might make a second one; so only answers that say that nothing
// was done are tried again: throttling, and a clock that is off (the SDK's only
// RetryableError).
func onceRetryer(options Options) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		bound(o, options)
		o.Retryables = []retry.IsErrorRetryable{
			retry.RetryableError{},
			retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
		}
	})
}

func bound(o *retry.StandardOptions, options Options) {
	o.MaxAttempts = DefaultAttempts
	if options.Attempts > 0 {
		o.MaxAttempts = options.Attempts
	}
	o.MaxBackoff = DefaultMaxBackoff
	if options.MaxBackoff > 0 {
		o.MaxBackoff = options.MaxBackoff
	}
}
