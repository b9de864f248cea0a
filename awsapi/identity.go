package awsapi

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// WhoAmI implements [Identity].
func (c *Client) WhoAmI(ctx context.Context) (Caller, error) {
	out, err := c.sts().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Caller{}, asked(err, "sts", "GetCallerIdentity", "")
	}
	caller := Caller{
		Account:   aws.ToString(out.Account),
		ARN:       aws.ToString(out.Arn),
		UserID:    aws.ToString(out.UserId),
		Partition: partitionOf(aws.ToString(out.Arn)),
	}
	if at, ok := awsmiddleware.GetServerTime(out.ResultMetadata); ok {
		caller.ServerTime = at
	}
	// The answer came, so the credentials are there and cached.
	if keys, err := c.cfg.Credentials.Retrieve(ctx); err == nil {
		caller.Source = keys.Source
	}
	return caller, nil
}

// partitionOf returns the second part of an ARN.
func partitionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 3); len(parts) == 3 {
		return parts[1]
	}
	return ""
}

// idOf returns the identifier at the end of a Roles Anywhere ARN; what is no ARN
// is one already.
func idOf(arnOrID string) string {
	return arnOrID[strings.LastIndexByte(arnOrID, '/')+1:]
}
