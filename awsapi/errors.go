package awsapi

import (
	"errors"
	"fmt"
	"time"
)

// ErrNotFound matches a refusal that says the thing does not exist.
var ErrNotFound = errors.New("not found")

// ErrDenied matches a refusal for want of permission.
var ErrDenied = errors.New("access denied")

// ErrNoCredentials says that no AWS credentials were found on this machine.
var ErrNoCredentials error = &absence{"no AWS credentials found", "aws configure, or AWS_PROFILE=NAME for an AWS config profile that you have; anywhere setup --sandbox needs none"}

// ErrNoRegion says that no Region is known.
var ErrNoRegion error = &absence{"no AWS Region is known", "export AWS_REGION=..., or aws configure set region ..."}

// absence is something that is not there, and where to get it.
type absence struct{ what, hint string }

func (e *absence) Error() string { return e.what }
func (e *absence) Hint() string  { return e.hint }

// NoProfileError says that the AWS config profile to use does not exist.
type NoProfileError struct {
	AWSProfile string
	Err        error
}

func (e *NoProfileError) Error() string {
	return fmt.Sprintf("read AWS configuration: no AWS config profile %s", e.AWSProfile)
}

func (e *NoProfileError) Unwrap() error { return e.Err }

// Hint shows what there is.
func (e *NoProfileError) Hint() string { return "aws configure list-profiles" }

// PlainHTTPError says that an endpoint away from this machine uses no TLS.
type PlainHTTPError struct{ Endpoint string }

func (e *PlainHTTPError) Error() string {
	return fmt.Sprintf("connect to AWS: endpoint %s uses plain http to another machine", e.Endpoint)
}

// Hint names the flag that allows it.
func (e *PlainHTTPError) Hint() string {
	return "use https, or --allow-http in a network that you trust"
}

// Refusal is an answer of AWS that says no, in AWS's own words.
type Refusal struct {
	Op        string // what was asked, service:Action: iam:CreateRole
	Target    string // on what: a name or an ARN; may be empty
	Status    int    // HTTP status
	Code      string // AWS's error code: AccessDenied, NoSuchEntity, ...
	Message   string // AWS's sentence, verbatim
	RequestID string
	// Missing is the action that the caller's policy lacks, as AWS named it or,
	// where AWS did not, Op. Empty unless the refusal is for want of permission.
	Missing string
	// ServerTime is the answer's Date header; zero if it had none. Beside this
	// machine's clock it explains most refused signatures.
	ServerTime time.Time
}

func (r *Refusal) Error() string {
	on := ""
	if r.Target != "" {
		on = " " + r.Target
	}
	return fmt.Sprintf("%s%s: %s: %s (request %s)", r.Op, on, r.Code, r.Message, r.RequestID)
}

// Is makes errors.Is(err, ErrNotFound) and errors.Is(err, ErrDenied) work.
func (r *Refusal) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return r.Status == 404 || r.Code == "NoSuchEntity" || r.Code == "ResourceNotFoundException"
	case ErrDenied:
		return r.Missing != ""
	}
	return false
}

// Hint names the permission to ask for.
func (r *Refusal) Hint() string {
	if r.Missing == "" {
		return ""
	}
	return fmt.Sprintf("allow %s; anywhere setup --print-policy setup prints the least policy", r.Missing)
}
