package awsapi

import (
	"net/http"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
)

// Call is what a request asks of AWS.
type Call struct {
	Service string // rolesanywhere, iam, sts, s3, cloudtrail or acmpca
	Op      string // CreateRole
	Write   bool   // it changes something in AWS
}

// CallOf tells what a request that came through [Options].HTTP or Around asks,
// from the marks that the SDK leaves in its context. It is the zero Call for a
// request that no [Client] made. An operation that is retried comes through as
// often as it is tried.
func CallOf(req *http.Request) Call {
	call := Call{
		Service: serviceName(awsmiddleware.GetServiceID(req.Context())),
		Op:      awsmiddleware.GetOperationName(req.Context()),
	}
	call.Write = call.Op != "" && IsWrite(call.Service, call.Op)
	return call
}

// IsWrite says whether an operation changes something in AWS. What is not known
// to be a look counts as a write, so a new operation cannot slip into a dry run.
func IsWrite(service, op string) bool {
	if service == "sts" {
		return false // STS keeps nothing
	}
	for _, look := range []string{"Get", "List", "Lookup", "Describe", "Head", "Simulate"} {
		if strings.HasPrefix(op, look) {
			return false
		}
	}
	return true
}

// serviceName is the name of a service in IAM actions. The SDK calls Roles
// Anywhere RolesAnywhere and leaves blanks in other names.
func serviceName(sdkID string) string {
	return strings.ToLower(strings.ReplaceAll(sdkID, " ", ""))
}
