package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// asked turns an error of the SDK into ours: a [*Refusal] if AWS answered, and
// otherwise the cause with what was asked around it.
func asked(err error, service, op, target string) error {
	if err == nil {
		return nil
	}
	name := service + ":" + op
	said, answered := errors.AsType[smithy.APIError](err)
	if !answered {
		if target != "" {
			name += " " + target
		}
		return fmt.Errorf("%s: %w", name, cause(err))
	}
	r := &Refusal{Op: name, Target: target, Code: said.ErrorCode(), Message: said.ErrorMessage()}
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		r.RequestID, r.Status = response.ServiceRequestID(), response.HTTPStatusCode()
		if response.Response != nil && response.Response.Response != nil {
			r.ServerTime, _ = http.ParseTime(response.Response.Header.Get("Date"))
		}
	}
	r.Missing = missingAction(r)
	return r
}

// cause strips the SDK's own frame around an error: it names the operation again,
// in other words.
func cause(err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if sent, ok := errors.AsType[*url.Error](err); ok {
		return &silence{sent}
	}
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok {
		return operation.Err
	}
	return err
}

// silence says that no answer came. The SDK's sentence holds an empty status and
// an empty request ID, and the URL with what was asked.
type silence struct{ sent *url.Error }

func (e *silence) Error() string {
	host := e.sent.URL
	if at, err := url.Parse(host); err == nil {
		host = at.Host
	}
	return fmt.Sprintf("no answer from %s: %v", host, e.sent.Err)
}
func (e *silence) Unwrap() error { return e.sent }

// missingAction finds the action that the caller may not do. AWS names it in most
// of its sentences:
//
//	User: ARN is not authorized to perform: iam:PassRole on resource: ...
//	... because no identity-based policy allows the rolesanywhere:TagResource action
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func missingAction(r *Refusal) string {
	if !denied(r.Code) {
		return ""
	}
	if _, after, found := strings.Cut(r.Message, "not authorized to perform: "); found {
		if fields := strings.Fields(after); len(fields) > 0 && strings.Contains(fields[0], ":") {
			return strings.TrimRight(fields[0], ".,")
		}
	}
	words := strings.Fields(r.Message)
	for i, word := range words {
		if i > 0 && strings.HasPrefix(word, "action") && strings.Contains(words[i-1], ":") {
			return words[i-1]
		}
	}
	if r.Op == "s3:ListBuckets" {
		return "s3:ListAllMyBuckets" // the one call here whose action has another name
	}
	return r.Op
}

// denied says whether an error code means want of permission, and not a key that
// is unknown or a signature that is wrong, which come with the same HTTP status.
func denied(code string) bool {
	switch code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException", "AuthorizationError":
		return true
	}
	return false
}
