package awsapi

import (
	"net/http"
	"time"
)

// Options says how to reach AWS. The zero value does what the AWS CLI would do.
type Options struct {
	Region   string // empty: as the SDK finds it
	Endpoint string // of every service; empty: as the SDK finds it
	// AWSProfile is the AWS config profile to use; empty: AWS_PROFILE or default.
	AWSProfile  string
	Credentials *Keys // nil: as the SDK finds them

	// Isolated reads neither environment nor files: the sandbox must not depend on
	// what the user has set. Region, Endpoint and Credentials are then required.
	Isolated bool
	// IgnoreGenericEndpoint leaves AWS_ENDPOINT_URL and endpoint_url aside; those of
	// single services count. Set-ups made in AWS itself ask for it.
	IgnoreGenericEndpoint bool
	// AllowHTTP allows endpoints without TLS on other machines.
	AllowHTTP bool
	// ConfigFiles and CredentialsFiles replace ~/.aws/config and
	// ~/.aws/credentials; nil: the usual ones.
	ConfigFiles, CredentialsFiles []string

	// HTTP carries every call but those by which the SDK gets credentials. nil: a
	// transport that honours proxies and AWS_CA_BUNDLE.
	HTTP http.RoundTripper
	// Around wraps the transport in use, so that a test can see, count or stop
	// calls; [CallOf] tells what a request is. nil: nothing.
	Around func(http.RoundTripper) http.RoundTripper
	// UserAgent is added to the SDK's own: anywhere/1.2.3.
	UserAgent string
	// Attempts is how often a call is tried at most; 0 means [DefaultAttempts].
	Attempts int
	// MaxBackoff bounds the pause between two attempts; 0 means [DefaultMaxBackoff].
	MaxBackoff time.Duration
}

// Keys are AWS credentials. Printed in any way they show the key's ID alone.
type Keys struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string // empty for long-lived keys
}

// String keeps the secret out of logs and errors.
func (k Keys) String() string { return k.AccessKeyID }

// GoString does the same for %#v.
func (k Keys) GoString() string { return k.AccessKeyID }
